# SPDX-License-Identifier: EUPL-1.2
"""The pages of the workspace on a whole campaign, timed inside the server; the board has a bench of its own."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from starlette.testclient import TestClient

from bench.board import FEW, MANY, Stopwatch, counted, got, signed_in
from bench.clock import percentile
from bench.databases import installed
from bench.pages_scene import DERIVED, PORTEUR, SECRETARY, lay, numbers_of
from bench.table import Row, plain, timed
from web.live import LivePages
from web.main import create_app

VISITS = 60
WHOLE, OTHER = 0.15, 0.05
CHANGED = "programme figures, after a change"  # nothing of what the process keeps of a programme serves again
COMPARED = "/seances/{seance}/scenarios/comparaison?s={scenario}&s={derived}"
ACCOUNTS = {
    "pilot": "pilote@epci.demo",
    "lead instructor": "instruction@etat.demo",
    "partner": "instruction@caf.demo",
}


class Page(NamedTuple):
    """A page: who asks it, at which address, what only its content holds (an empty page is no measure), its target."""

    name: str
    who: str
    address: str
    holds: str
    target: float = OTHER


PAGES = (
    Page("my day (pilot)", "pilot", "/journee", "BENCH-"),
    Page("my day (lead instructor)", "lead instructor", "/journee", "BENCH-"),
    Page("programme table whole", "pilot", "/programme/dossiers?annee=2026", "BENCH-", WHOLE),
    Page(
        "programme table sorted by amount",
        "pilot",
        "/programme/dossiers?annee=2026&tri=-requested",
        "BENCH-",
        WHOLE,
    ),
    Page("programme figures, nothing changed", "pilot", "/programme?annee=2026", "BENCH-"),
    Page(CHANGED, "pilot", "/programme?annee=2026", "BENCH-"),
    Page("envelopes", "pilot", "/enveloppes?annee=2026", "% sur 640"),
    Page("dossier", "lead instructor", "/dossiers/{dossier}", "montant ferme"),
    Page("opinions side by side", "lead instructor", "/dossiers/{dossier}/avis", "favorable avec réserves"),
    Page("opinion", "partner", "/dossiers/{dossier}/avis/{opinion}", "Suivant : BENCH-"),
    Page("funding line", "partner", "/dossiers/{dossier}/lignes/{line}", "Suivant : BENCH-"),
    Page("opinions to give", "partner", "/avis", "BENCH-"),
    Page("answers to give", "partner", "/reponses", "BENCH-"),
    Page("séances", "pilot", "/seances", 'href="/seances/{open}"'),
    Page("calendar", "pilot", "/calendrier?mois=2026-03", 'href="/seances/{seance}"'),
    Page("messages", "pilot", "/messages", "Convocation au comité d’engagement"),
    Page("organisations", "pilot", "/organisations", 'href="/organisations/'),
    Page("organisation", "pilot", "/organisations/{porteur}", "BENCH-"),
    Page("accounts", "pilot", "/administration/comptes", SECRETARY),
    Page("séance, every dossier of its stage", "pilot", "/seances/{seance}", "BENCH-"),
    Page("screen in session", "pilot", "/seances/{open}/session", "BENCH-"),
    Page("bar of the session, asked again", "pilot", "/seances/{open}/session/etat", "présents sur"),
    Page("closing page", "pilot", "/seances/{open}/cloture", "<dt>Retenu</dt><dd>"),
    Page("projection", "pilot", "/seances/{open}/projection", "BENCH-"),
    Page("projection, the item asked again", "pilot", "/seances/{open}/projection/point", "BENCH-"),
    Page("scenarios", "pilot", "/seances/{seance}/scenarios", DERIVED),
    Page("one scenario", "pilot", "/seances/{seance}/scenarios/{scenario}", "BENCH-"),
    Page("two scenarios compared", "pilot", COMPARED, "BENCH-"),
    Page("round table of a conference", "pilot", "/seances/{conference}/table", "BENCH-", WHOLE),
    Page("acts to record", "pilot", "/actes", 'name="line-'),
    Page("CPO", "pilot", "/cpo?annee=2026", "BENCH-"),
    Page("years of a CPO", "pilot", "/dossiers/{cpo}/annees", "Total, libéré non compris"),
    Page("my dossiers (porteur)", "porteur", "/dossiers", "BENCH-"),
    Page("dossier (porteur)", "porteur", "/dossiers/{own}", "BENCH-"),
    Page("new request (porteur)", "porteur", "/demandes/nouvelle", "BENCH-"),
    Page("steps of a request (porteur)", "porteur", "/demandes/{draft}", "BENCH-"),
    Page("budget of a request (porteur)", "porteur", "/demandes/{draft}/etapes/budget", "60.1"),
    Page("check of a request (porteur)", "porteur", "/demandes/{draft}/verification", "BENCH-"),
    Page("report (porteur)", "porteur", "/dossiers/{contracted}/bilan", "BENCH-"),
)


def measure(loop: float) -> Iterator[Row]:
    """The same pages with 100 dossiers, then 2,000."""
    few = {page.name: statements for page, _, _, statements in _served(FEW, visits=2)}
    for page, served, size, statements in _served(MANY, visits=VISITS):
        name, slow = page.name, percentile(served.seconds, 0.95)
        yield timed(f"{name}, {MANY:,} dossiers: 95th percentile", slow, page.target, loop=loop)
        yield timed(f"{name}: median ({size >> 10} KiB)", percentile(served.seconds, 0.5), loop=loop)
        busy = percentile(served.processor, 0.95)
        yield timed(f"{name}: processor time alone, 95th percentile", busy, loop=loop)
        said = f"{few[name]} and {statements}"
        is_same = statements == few[name]
        yield plain(f"{name}: statements with {FEW} and {MANY:,}", said, is_met=is_same, target="equal")


def _served(number: int, *, visits: int) -> Iterator[tuple[Page, Stopwatch, int, int]]:
    """Each page: its times, its size as sent, its statements."""
    with installed() as application:
        tokens = {
            who: signed_in(application, number if who == "pilot" else 0, email)
            for who, email in ACCOUNTS.items()
        }
        numbers = numbers_of(application) | lay(application)
        tokens["porteur"] = signed_in(application, 0, PORTEUR)
        web = create_app(application)
        served = Stopwatch(web)
        for page in PAGES:
            address = page.address.format_map(numbers)
            with TestClient(served, cookies={"session": tokens[page.who]}) as client:
                client.get(address)
                with counted(application) as statements:
                    size = int(client.get(address).headers["content-length"])
                    _require(got(client, address), page, numbers)
                served.seconds.clear()
                served.processor.clear()
                for _ in range(visits):
                    if page.name == CHANGED:
                        web.state.live = LivePages()
                    client.get(address)
                yield page, served, size, len(statements) // 2


def _require(content: bytes, page: Page, numbers: Mapping[str, int]) -> None:
    """The page holds what it is timed for."""
    if page.holds.format_map(numbers) not in content.decode():
        raise RuntimeError(f"{page.name} is empty: it lacks « {page.holds} »")
