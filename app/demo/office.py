# SPDX-License-Identifier: EUPL-1.2
"""One dossier moved one step by the right person, with the words people write; the same dossier always says the same."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from app.demo.people import Cast
from app.demo.programme import number_of, rounded
from app.demo.words import DECLINED, FILED_EARLY, FILED_LATE, IN_KIND, OPINIONS, STRENGTHS, WEAKNESSES
from app.perimeters import geocoding_on
from rules.findings import Outcome
from rules.themes.calls import WINDOW
from workflow.co_instruction import give_opinion, note_overdue, record_citizens_opinion, write_synthesis
from workflow.completion import complete_request
from workflow.criteria import criteria_of
from workflow.drafts import save_draft
from workflow.examination import examine
from workflow.firing import PARIS
from workflow.located.counts import LocatedCounts
from workflow.located.recording import record_located
from workflow.machine import fire
from workflow.models import Contract, Dossier, FundingLine, Opinion
from workflow.permissions import IMPORT, Actor
from workflow.request_values import RequestValues
from workflow.round_table import answer, propose
from workflow.settlements import settle
from workflow.stages import LineState, OpinionState, OpinionValue
from workflow.submission import Registry, register_request
from workflow.territory import Condition, Nature, Territory

LEADS = {
    "emploi": "instruction@region.demo",
    "cadre-de-vie": "instruction@epci.demo",
    "sante": "instruction@ars.demo",
    "education": "instruction@caf.demo",
    "citoyennete": "instruction@epci.demo",
    "tranquillite": "instruction@etat.demo",
}
CONFIRMING = ("departement", "epci")  # financers whose own word decides on their credits
FALLBACK = "instruction@etat.demo"
ZERO = Decimal(0)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Office:
    """Everybody at work on one contract. Each step is dated by its caller and shifted by the dossier's number."""

    def __init__(
        self, db: Session, contract: Contract, territory: Territory, cast: Cast, registry: Registry
    ) -> None:
        self.db, self.contract, self.territory = db, contract, territory
        self.cast, self.registry = cast, registry

    # --- submission

    def register(self, values: RequestValues, at: datetime) -> Dossier:
        """The request as the import registers it, in draft."""
        return register_request(self.db, self.contract, values, at, IMPORT, self.registry)

    def submit(self, dossier: Dossier, at: datetime) -> None:
        """Filed."""
        fire(self.db, dossier, "submit", IMPORT, None, at)

    def declare_admissible(self, dossier: Dossier, at: datetime) -> None:
        """By an instructor who holds nothing at the porteur's, once the pilot has accepted a filing out of its time."""
        self.accept_filing(dossier, at - HOUR)
        fire(self.db, dossier, "declare_admissible", self.instructor(dossier, FALLBACK), None, at)

    def accept_filing(self, dossier: Dossier, at: datetime) -> None:
        """The pilot's exception, with its reason, when the request was filed outside every window."""
        window = next(finding for finding in examine(dossier, at) if finding.rule == WINDOW)
        if window.outcome is Outcome.VIOLATED and window.settled is None:
            on = dossier.filed_on
            opens = [call.opens_on for call in self.territory.calls if call.year == dossier.year]
            early = on is not None and bool(opens) and on < min(opens)
            pilot = self.cast.pilot_of(dossier)
            settle(self.db, dossier, WINDOW, "overridden", FILED_EARLY if early else FILED_LATE, pilot, at)

    def instructor(self, dossier: Dossier, email: str) -> Actor:
        """This instructor, or another one when recusal applies."""
        wanted = self.cast.by_email[email]
        if wanted.is_concerned_by(dossier.porteur_id):
            return self.cast.by_email["instruction@region.demo" if email == FALLBACK else FALLBACK]
        return wanted

    # --- dispatch and co-instruction

    def locate(
        self, dossier: Dossier, at: datetime, inside: int, outside: int, to_check: Mapping[str, int]
    ) -> None:
        """The counts of a file of beneficiaries that nobody has: the demonstration has no perimeters either."""
        code = (dossier.qpv or [])[0]
        total = inside + outside + sum(to_check.values())
        name, geocoding = "contours-d-exemple.geojson", geocoding_on(self.territory, at.date())
        counts = LocatedCounts(
            total=total,
            by_qpv={code: inside},
            outside=outside,
            to_check=dict(to_check),
            perimeters=name,
            sha256=sha256(name.encode()).hexdigest(),
            precision_metres=8,
            min_score=geocoding.min_score,
            precise_types=tuple(sorted(geocoding.precise_types)),
        )
        record_located(self.db, dossier, counts, self.instructor(dossier, FALLBACK), at)

    def dispatch(self, dossier: Dossier, at: datetime) -> None:
        """To the group of its first objective, with the financers whose own condition needs a word."""
        theme = self.theme_of(dossier)
        lead = self.instructor(dossier, LEADS[theme])
        details: dict[str, Any] = {
            "lead": lead.email,
            "theme": theme,
            "partners": self._partners(dossier, theme),
        }
        fire(self.db, dossier, "dispatch", self.cast.pilot, None, at, **details)

    def theme_of(self, dossier: Dossier) -> str:
        """The thematic group that instructs the first objective."""
        objective = (dossier.objectives or ["1.1"])[0]
        for theme in self.territory.themes:
            if any(objective == code or objective.startswith(f"{code}.") for code in theme.objectives):
                return theme.code
        return self.territory.themes[0].code

    def _partners(self, dossier: Dossier, theme: str) -> list[str]:
        partners = list(self.territory.theme_by_code[theme].partners)
        holders = self.territory.holders_concerned(
            tuple(dossier.objectives or ()), (*(dossier.themes or ()), theme), tuple(dossier.qpv or ())
        )
        for key in (*holders, *(line.key for line in dossier.lines)):
            condition = self.territory.credits[key].condition
            if condition in (Condition.DEPARTEMENT_POLICIES, Condition.EPCI_PRIORITIES):
                partners.append(key.partition(":")[0])
        return [code for code in dict.fromkeys(partners) if code != dossier.porteur.code]

    def lead(self, dossier: Dossier) -> Actor:
        """The lead instructor named at dispatch."""
        assert dossier.lead_instructor is not None
        return self.cast.by_email[dossier.lead_instructor.email]

    def open_co_instruction(self, dossier: Dossier, at: datetime, due: date | None = None) -> None:
        """Opinions requested."""
        fire(self.db, dossier, "open_co_instruction", self.lead(dossier), None, at, due=due)
        self.db.flush()

    def give_opinions(
        self, dossier: Dossier, at: datetime, *, silent: Collection[str] = (), denies: str = ""
    ) -> None:
        """Each partner of the round answers in turn, but those `silent`; one may deny its credit's condition."""
        for rank, opinion in enumerate(self._waiting(dossier)):
            code = opinion.organisation.code or ""
            if code in silent:
                continue
            value = OpinionValue.UNFAVOURABLE if code == denies else self._value(dossier, rank)
            confirms = code != denies if code in CONFIRMING else None
            if confirms and value is OpinionValue.UNFAVOURABLE:
                value = OpinionValue.FAVOURABLE_WITH_RESERVATIONS
            text = OPINIONS[value][(number_of(dossier.reference) + rank) % len(OPINIONS[value])]
            moment = at + rank * timedelta(hours=7)
            speaker, grid = self.cast.speaker(code, dossier), self._grid(opinion, value, rank)
            give_opinion(self.db, opinion, value, text, speaker, moment, confirms=confirms, criteria=grid)

    def _waiting(self, dossier: Dossier) -> list[Opinion]:
        return [o for o in dossier.opinions if o.state == OpinionState.REQUESTED and o.round == dossier.round]

    def _value(self, dossier: Dossier, rank: int) -> OpinionValue:
        values = [OpinionValue.FAVOURABLE] * 6 + [OpinionValue.FAVOURABLE_WITH_RESERVATIONS] * 3
        values += [OpinionValue.NO_OPINION, OpinionValue.UNFAVOURABLE]
        return values[(number_of(dossier.reference) * 3 + rank * 4) % len(values)]

    def begin(self, dossier: Dossier, code: str, email: str, typed: dict[str, str], at: datetime) -> None:
        """A draft that this person has begun for its organisation, not given yet."""
        opinion = next((o for o in self._waiting(dossier) if o.organisation.code == code), None)
        if opinion is not None and email in self.cast.by_email:
            content = {name: [text] for name, text in typed.items()}
            save_draft(self.db, opinion, content, self.cast.by_email[email], at)

    def _grid(self, opinion: Opinion, value: OpinionValue, rank: int) -> dict[str, int]:
        """High on the scale for a favourable opinion, low for another; one criterion in five left without answer."""
        if value is OpinionValue.NO_OPINION:
            return {}
        drop = {OpinionValue.FAVOURABLE: 0, OpinionValue.FAVOURABLE_WITH_RESERVATIONS: 1}.get(value, 2)
        seed, answers = number_of(opinion.dossier.reference) + rank, {}
        for place, criterion in enumerate(criteria_of(opinion)):
            if (seed + place) % 5:
                last = len(criterion.scale) - 1
                answers[criterion.code] = max(last - drop - (seed + place) % 2, 0)
        return answers

    def note_overdue(self, dossier: Dossier, at: datetime) -> None:
        """The lead notes what did not come."""
        for opinion in self._waiting(dossier):
            if opinion.due_on < at.astimezone(PARIS).date():
                note_overdue(self.db, opinion, self.lead(dossier), at)

    def conclude(self, dossier: Dossier, at: datetime) -> None:
        """The citizens heard one time out of three, the synthesis written, the dossier sent to the conference."""
        lead, number = self.lead(dossier), number_of(dossier.reference)
        if number % 3 == 0:
            words = "Le conseil citoyen soutient l’action et demande un point d’étape à l’automne."
            record_citizens_opinion(self.db, dossier, words, lead, at)
        self.note_overdue(dossier, at)
        suggested = {
            line.key: rounded(line.requested * Decimal("0.9")) for line in dossier.lines if line.requested
        }
        opinion = self._value(dossier, 0)
        strengths, reservations = STRENGTHS[number % len(STRENGTHS)], WEAKNESSES[number % len(WEAKNESSES)]
        write_synthesis(self.db, dossier, opinion, strengths, reservations, suggested, lead, at + MINUTE)
        fire(self.db, dossier, "send_to_conference", lead, None, at + 2 * MINUTE)

    # --- conference

    def answer_ordinary(self, dossier: Dossier, at: datetime, *, silent: bool = False) -> None:
        """Every ordinary-law holder answers; with `silent`, the last one does not."""
        waiting = [
            line
            for line in dossier.lines
            if line.nature == Nature.DROIT_COMMUN and line.state in (LineState.ASKED, LineState.INDICATIVE)
        ]
        for rank, line in enumerate(waiting[: len(waiting) - silent]):
            self._answer(line, number_of(dossier.reference) + rank, at)

    def _answer(self, line: FundingLine, turn: int, at: datetime) -> None:
        speaker = self.cast.speaker(line.financer, line.dossier)
        if line.requested:
            share = Decimal((100, 80, 100, 60, 90)[turn % 5]) / 100
            word = "firm" if turn % 2 else "indicative"
            amount = rounded(line.requested * share) or line.requested
            answer(self.db, line, word, speaker, at, amount=amount)
            propose(self.db, line, amount, speaker, at)
        elif turn % 6 == 0:
            answer(
                self.db,
                line,
                "in_kind",
                speaker,
                at,
                description=IN_KIND[turn % len(IN_KIND)],
                amount=Decimal(800),
            )
        elif turn % 6 in (1, 4):
            answer(self.db, line, "not_concerned", speaker, at)
        elif turn % 6 == 5:
            answer(self.db, line, "no_reply", self.cast.secretary, at)
        else:
            answer(self.db, line, "declined", speaker, at, reason=DECLINED[turn % len(DECLINED)])

    def propose_specific(self, dossier: Dossier, at: datetime, *, generous: bool = False) -> None:
        """Specific credits take the remainder, shared as asked; a line not proposed waits for its financer's own date."""
        lines = [
            line
            for line in dossier.lines
            if line.nature == Nature.SPECIFIQUE and line.state == LineState.ASKED and line.requested
        ]
        asked = sum((line.requested or ZERO for line in lines), ZERO)
        left = min(self._remainder(dossier), asked)
        for rank, line in enumerate(lines):
            speaker = self.cast.speaker(line.financer, dossier)
            part = (line.requested or ZERO) if generous else rounded((line.requested or ZERO) * left / asked)
            if part <= 0:
                answer(self.db, line, "declined", speaker, at, reason="le plan est déjà financé")
                continue
            word = "indicative" if (number_of(dossier.reference) + rank) % 3 else "firm"
            expected = None if word == "firm" else (at + timedelta(days=60)).date()
            answer(self.db, line, word, speaker, at, amount=part, expected_on=expected)
            propose(self.db, line, part, speaker, at)

    def _remainder(self, dossier: Dossier) -> Decimal:
        ordinary = [line.promised or ZERO for line in dossier.lines if line.nature == Nature.DROIT_COMMUN]
        resources = (dossier.own_resources or ZERO) + (dossier.other_resources or ZERO) + sum(ordinary, ZERO)
        return max(ZERO, (dossier.total_cost or ZERO) - resources)

    def send_to_commitment(self, dossier: Dossier, at: datetime) -> None:
        """To the committee."""
        fire(self.db, dossier, "send_to_commitment", self.cast.secretary, None, at)

    # --- follow-up

    def grant(self, dossier: Dossier, at: datetime, *, share: Decimal = Decimal(1)) -> None:
        """Each financer's own act, some lower than retained."""
        for rank, line in enumerate(line for line in dossier.lines if line.state == LineState.RETAINED):
            amount = rounded((line.retained or ZERO) * share) or line.retained
            act: dict[str, Any] = {
                "authority": "Préfet du Nord" if line.financer == "etat" else "Assemblée délibérante",
                "date": at.astimezone(PARIS).date(),
                "number": f"{at:%Y}-{number_of(dossier.reference):03d}-{rank + 1}",
                "amount": amount,
            }
            fire(self.db, line, "grant", self.cast.pilot, None, at, **act)

    def sign(self, dossier: Dossier, at: datetime) -> None:
        """The convention, with a revised plan."""
        details: dict[str, Any] = {
            "convention": f"CONV-{dossier.year}-{number_of(dossier.reference):03d}",
            "convention_signed_on": at.astimezone(PARIS).date(),
            "revised_plan": True,
        }
        fire(self.db, dossier, "contract", self.cast.pilot, None, at, **details)

    def publish(self, dossier: Dossier, at: datetime) -> None:
        """The convention's essential data, published by its financers."""
        day = at.astimezone(PARIS).date().isoformat()
        complete_request(self.db, dossier, {"published_on": day}, self.cast.secretary, at)

    def report(self, dossier: Dossier, at: datetime) -> None:
        """Both reports."""
        details: dict[str, Any] = {
            "activity_report": "compte-rendu.pdf",
            "financial_report": "cerfa-15059.pdf",
        }
        fire(self.db, dossier, "report", self.cast.secretary, None, at, **details)

    def close(self, dossier: Dossier, at: datetime) -> None:
        """Settled."""
        fire(self.db, dossier, "close", self.cast.pilot, None, at, settled=True)
