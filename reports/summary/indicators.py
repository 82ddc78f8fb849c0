# SPDX-License-Identifier: EUPL-1.2
"""The indicators of the contract side by side: this séance, the programme, the year before; and the séance before this one."""

from collections.abc import Callable
from typing import Any

from reports.summary.figures import ProgrammeBlock
from reports.summary.sentences import count
from reports.summary.structure import Summary
from reports.summary.tables import NOTHING, Head, block, money, table
from rules import wording

View = dict[str, Any]
Shown = Callable[[ProgrammeBlock], str]


def _percent(share: float | None) -> str:
    return NOTHING if share is None else wording.percent(share)


ROWS: tuple[tuple[str, Shown], ...] = (
    ("Actions", lambda one: wording.number(one.actions)),
    ("Montant, hors part des porteurs", lambda one: money(one.granted)),
    ("Actions en convention pluriannuelle", lambda one: _percent(one.cpo.share_actions if one.cpo else None)),
    (
        "Montants en convention pluriannuelle",
        lambda one: _percent(one.cpo.share_granted if one.cpo else None),
    ),
    ("Montants en quartier prioritaire", lambda one: _percent(one.qpv_share)),
    ("Euros par habitant des quartiers", lambda one: money(one.per_resident)),
    ("Droit commun", lambda one: money(one.ordinary_law)),
    ("Part du droit commun", lambda one: _percent(one.ordinary_law_share)),
    (
        "Levier\u00a0: autres financeurs pour 1 € de l’État",
        lambda one: money(one.leverage.ratio if one.leverage else None),
    ),
)


def indicators_block(summary: Summary, year: int) -> View | None:
    """One year's table; None when nothing is known of it."""
    is_decided = summary.header.status == "closed"
    columns: list[tuple[str, ProgrammeBlock]] = []
    for label, blocks, wanted in (
        ("Proposé en séance", summary.agenda, year),
        ("Programme à ce jour", summary.programmes, year),
        ("Programme avec la séance", () if is_decided else summary.together, year),
        (f"Année {year - 1}", summary.last_year, year - 1),
    ):
        columns += [(label, one) for one in blocks if one.year == wanted]
    if not any(one.actions for _, one in columns):
        return None
    heads: list[Head] = [("Indicateur", False), *((label, True) for label, _ in columns)]
    rows = [(label, *(show(one) for _, one in columns)) for label, show in ROWS]
    unclassified = next((one.unclassified for one in summary.programmes if one.year == year), 0)
    return block(
        f"Indicateurs {year}",
        note=" ".join(part for part in (_continuity(summary, year), _unclassified(unclassified)) if part),
        table=table(f"La séance, le programme {year} et l’année précédente", heads, rows),
    )


def _continuity(summary: Summary, year: int) -> str:
    found = next((one.continuity for one in summary.programmes if one.year == year), None)
    if found is None:
        return ""
    dropped = count(found.dropped, "abandonnée", "abandonnées")
    new = count(found.new, "action nouvelle", "actions nouvelles")
    return (
        f"Des {count(found.previous, 'action')} de {found.year}, {wording.number(found.continued)} reconduites et "
        f"{dropped} ({wording.euros(found.dropped_granted)})\u00a0; {new} ({wording.euros(found.new_granted)})."
    )


def _unclassified(number: int) -> str:
    if not number:
        return ""
    return f"{count(number, 'subvention publiée non classée', 'subventions publiées non classées')}, comptées à part."


def past_block(summary: Summary) -> View | None:
    """This séance beside the last closed one of the same body."""
    past, totals = summary.past_seance, summary.totals
    if past is None:
        return None
    on = wording.day(past.starts_at.astimezone(wording.PARIS).date())
    kept = money(totals.retained) if summary.header.status in ("open", "closed") else NOTHING
    rows = [
        ("Dossiers", wording.number(totals.dossiers), wording.number(past.dossiers)),
        ("Demandé", money(totals.requested), money(past.requested)),
        ("Proposé", money(totals.proposed), money(past.proposed)),
        ("Retenu", kept, money(past.retained)),
    ]
    here = [one.decision_label for one in summary.dossiers if one.decision_label]
    labels = dict.fromkeys([*(label for label, _ in past.decisions), *here])
    known = dict(past.decisions)
    rows += [
        (
            f"dont {label}",
            wording.number(here.count(label)) if here else NOTHING,
            wording.number(known.get(label, 0)),
        )
        for label in labels
    ]
    return block(
        "Séance précédente",
        note=f"{count(past.again, 'dossier')} de la séance du {on} {'revient' if past.again == 1 else 'reviennent'} à celle-ci."
        if past.again
        else "",
        table=table(
            f"Cette séance et celle du {on}",
            [("Indicateur", False), ("Cette séance", True), (f"Séance du {on}", True)],
            rows,
        ),
    )
