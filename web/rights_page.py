# SPDX-License-Identifier: EUPL-1.2
"""`docs/rights.md`: who opens which address, and who may do which act, from the two tables that decide it (`make docs`)."""

from collections.abc import Iterable, Iterator

from web.access import ACCESS, GET, ROLES, Who
from workflow.firing import Table
from workflow.stages import ROLE_LABELS, Role
from workflow.transitions import TABLES

HELD = tuple(role for role in Role if role not in (Role.LEAD_INSTRUCTOR, Role.SYSTEM))
CIRCUITS = {
    "dossier": "Le dossier",
    "opinion": "L’avis",
    "line": "La ligne de financement",
    "seance": "La séance",
}
TITLE = "# Les droits"
HEAD = """
Qui ouvre quoi, et qui fait quoi. Cette page est écrite par `make docs` depuis les deux tables qui en décident :
`web/access.py` pour les adresses, `workflow/transitions.py` pour les actes ; un test la tient à jour. Les rôles sont dans
le [glossaire](glossary.md#les-rôles) ; une personne les reçoit par mandat, dans un contrat.

Deux autres règles valent partout. Ce qui n’est pas à voir n’existe pas : le dossier d’un autre porteur ou d’un autre
contrat répond « page introuvable ». Ouvrir une page ne donne aucun acte : chacun est encore permis ou refusé, avec sa
raison, par le circuit, l’organisation que l’on représente et les déports.

## Les adresses

« oui » : la personne ouvre l’adresse ; « siens » : seulement pour ses propres dossiers ; « démo » : en démonstration
seulement ; « — » : refusé. « Sans compte » : quiconque, par l’adresse seule (certaines portent un jeton secret).
"""
ACTS = """
## Les actes

Un rôle coché peut faire l’acte s’il est aussi de l’instance, de la ligne ou du dossier concernés. L’instructeur chef de file
est celui que le dossier nomme. Ce que seule la clôture d’une séance fait est dans le [circuit](workflow.md).
"""


def opens(who: Who, role: Role | None) -> str:
    """What this role finds at an address; None: nobody signed in."""
    if who is Who.DEMO:
        return "démo"
    if who is Who.ANYONE:
        return "oui"
    if role is None:
        return "—"
    if who in ROLES:
        return "oui" if role in ROLES[who] else "—"
    if role is not Role.PORTEUR or who is Who.SIGNED_IN:
        return "oui"
    return "siens" if who is Who.PORTEUR else "—"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _addresses() -> Iterator[str]:
    yield _row(("Adresse", "", "Sans compte", *(ROLE_LABELS[role].capitalize() for role in HELD)))
    yield _row("---" for _ in range(len(HELD) + 3))
    for (method, path), who in ACCESS.items():
        verb = "lire" if method == GET else "agir"
        yield _row((f"`{path}`", verb, *(opens(who, role) for role in (None, *HELD))))


def _acts(chosen: Table) -> Iterator[str]:
    known = (*HELD, Role.LEAD_INSTRUCTOR)
    yield _row(("Acte", *(ROLE_LABELS[role].capitalize() for role in known)))
    yield _row("---" for _ in range(len(known) + 1))
    for row in chosen.rows:
        if not set(known).isdisjoint(row.roles) and not row.closing_only:
            yield _row((row.label, *("oui" if role in row.roles else "—" for role in known)))


def rights_page() -> Iterator[str]:
    """The lines of the page."""
    yield TITLE
    yield HEAD
    yield from _addresses()
    yield ACTS
    for chosen in TABLES:
        yield f"### {CIRCUITS[chosen.name]}"
        yield ""
        yield from _acts(chosen)
        yield ""


if __name__ == "__main__":
    print("\n".join(rights_page()).rstrip())  # noqa: T201 - `make docs` keeps it
