# SPDX-License-Identifier: EUPL-1.2
"""The summary's figures of the whole programme, in French: envelopes, targets, neighbourhoods, objectives, leverage."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from reports.summary.figures import (
    ContinuityBlock,
    CpoBlock,
    EnvelopeBlock,
    ObjectiveBlock,
    ProgrammeBlock,
    QpvBlock,
    TogetherBlock,
)
from reports.summary.sentences import count, rule_address
from reports.summary.structure import Summary
from rules import wording

View = dict[str, Any]
NOTHING = "—"
EXTREMES = 5  # how many objectives are named as the most and the least invested


def analysis(summary: Summary, base: str | None) -> View:
    """Envelopes and programmes, ready to be shown. `base`: before the links to the rules' pages, None without."""
    return {
        "envelopes": [_envelope(block) for block in summary.envelopes],
        "programmes": [_programme(block, f"Programme {block.year}", base) for block in summary.programmes],
        "parts": [
            *(_programme(block, f"Ce que propose la séance, {block.year}", base) for block in summary.agenda),
            *(_programme(block, f"Programme {block.year} à ce jour", base) for block in summary.programmes),
        ],
    }


def _euros(value: Decimal | None) -> str:
    return NOTHING if value is None else wording.euros(value)


def _envelope(block: EnvelopeBlock) -> View:
    return {
        "label": f"{block.label} {block.year}",
        "status": block.status_label,
        "amount": _euros(block.amount),
        "seance": _euros(block.seance_proposed),
        "proposed": _euros(block.proposed),
        "retained": _euros(block.retained),
        "left": _euros(block.left),
        "is_over": block.left is not None and block.left < 0,
        "used": _fraction(block.proposed, block.amount),
        "taken": _fraction(block.retained, block.amount),
    }


def _fraction(part: Decimal, whole: Decimal | None) -> float:
    return float(min(part / whole, Decimal(1))) if whole else 0.0


def _programme(block: ProgrammeBlock, title: str, base: str | None) -> View:
    """One part of the analysis; without any action its tables would be lines of zeros, so they are left out."""
    if not block.actions:
        block = replace(block, qpv=(), objectives=())
    largest = max((row.amount for row in block.qpv), default=Decimal(0))
    return {
        "title": title,
        "year": str(block.year),
        "figures": _figures(block),
        "cpo": _cpo(block.cpo) if block.cpo else None,
        "qpv": [_qpv(row, largest) for row in block.qpv],
        "most": [_objective(row) for row in block.objectives[:EXTREMES]],
        "least": [_objective(row) for row in reversed(block.objectives[EXTREMES:][-EXTREMES:])],
        "findings": [
            {"message": finding.message, "page": rule_address(finding.rule, base)}
            for finding in block.findings
        ],
        "together": [together(row) for row in block.together],
    }


def _figures(block: ProgrammeBlock) -> list[View]:
    leverage = block.leverage
    cpo = block.cpo
    rows = [
        ("Actions", wording.number(block.actions), "accordées, retenues ou proposées"),
        ("Montant", wording.euros(block.granted), "hors part propre des porteurs"),
        ("Conventions pluriannuelles", wording.percent(cpo.share_actions if cpo else None), "des actions"),
        ("Part en quartier prioritaire", wording.percent(block.qpv_share), "des montants"),
        ("Droit commun obtenu", _euros(block.ordinary_law), _share(block.ordinary_law_share)),
        (
            "Effet de levier",
            _ratio(leverage.ratio if leverage else None),
            "pour 1 € de crédits spécifiques de l’État",
        ),
    ]
    if block.continuity:
        rows.append(_continuity(block.continuity))
    if block.unclassified:
        rows.append(("Lignes non classées", wording.number(block.unclassified), "comptées à part"))
    return [{"label": label, "value": value, "note": note} for label, value, note in rows]


def _continuity(block: ContinuityBlock) -> tuple[str, str, str]:
    dropped = count(block.dropped, "abandonnée", "abandonnées")
    new = count(block.new, "nouvelle", "nouvelles")
    known = f"{wording.number(block.continued)} sur {wording.number(block.previous)}"
    return f"Reconduites de {block.year}", known, f"{dropped} ({wording.euros(block.dropped_granted)}), {new}"


def together(block: TogetherBlock) -> str:
    """One group of actions to bring together, in a sentence."""
    public = "public non renseigné" if block.public is None else f"public{wording.NBSP}: {block.public}"
    return (
        f"{wording.listing(block.references)}{wording.NBSP}: {block.theme}, {wording.listing(block.qpv)}, {public} "
        f"({wording.euros(block.amount)})."
    )


def _share(share: float | None) -> str:
    return f"{wording.percent(share)} du total" if share is not None else ""


def _ratio(ratio: Decimal | None) -> str:
    return wording.UNKNOWN if ratio is None else wording.euros(ratio)


def _cpo(block: CpoBlock) -> View:
    return {
        "sentence": " ".join((_cpo_today(block), _cpo_ahead(block))).strip(),
        "verdict": _cpo_verdict(block),
    }


def _cpo_today(block: CpoBlock) -> str:
    if not block.actions:
        return "Aucune action n’est encore accordée ou retenue."
    return (
        f"{count(block.cpo_actions, 'action')} sur {block.actions} en convention pluriannuelle, soit "
        f"{wording.percent(block.share_actions)} des actions et {wording.percent(block.share_granted)} des montants "
        f"({wording.euros(block.cpo_granted)})."
    )


def _cpo_ahead(block: CpoBlock) -> str:
    if not block.projected_actions or block.projected_share is None:
        return ""
    more = count(block.projected_actions, "action en instruction", "actions en instruction")
    return f"Avec {more}, si toutes étaient retenues : {wording.percent(block.projected_share)} des actions."


def _cpo_verdict(block: CpoBlock) -> str:
    met = {True: "atteint", False: "non atteint", None: "à établir"}[block.met]
    verdict = f"Objectif de {wording.percent(block.target)} : {met}"
    if not block.missing_actions or block.met:
        return f"{verdict}."
    missing = f"{verdict} ; il manque {count(block.missing_actions, 'action')} à convertir"
    if block.missing_new_actions is not None:
        missing += (
            f", ou {count(block.missing_new_actions, 'nouvelle action', 'nouvelles actions')} en convention"
        )
    return f"{missing}."


def _qpv(row: QpvBlock, largest: Decimal) -> View:
    return {
        "label": row.label,
        "code": row.code,
        "population": NOTHING if row.population is None else wording.number(row.population),
        "actions": wording.number(row.actions),
        "amount": wording.euros(row.amount),
        "per_resident": _euros(row.per_resident),
        "length": _fraction(row.amount, largest),
    }


def _objective(row: ObjectiveBlock) -> View:
    return {
        "code": row.code,
        "label": row.label,
        "actions": wording.number(row.actions),
        "amount": wording.euros(row.amount),
    }
