# SPDX-License-Identifier: EUPL-1.2
"""The summary's figures of the whole programme, in French: envelopes, targets, neighbourhoods, objectives, leverage."""

from decimal import Decimal
from typing import Any

from reports.summary.structure import (
    CpoBlock,
    EnvelopeBlock,
    ObjectiveBlock,
    ProgrammeBlock,
    QpvBlock,
    Summary,
)
from rules import wording

View = dict[str, Any]
NOTHING = "—"
EXTREMES = 5  # how many objectives are named as the most and the least invested


def analysis(summary: Summary) -> View:
    """Envelopes and programmes, ready to be shown."""
    return {
        "envelopes": [_envelope(block) for block in summary.envelopes],
        "programmes": [_programme(block) for block in summary.programmes],
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


def _programme(block: ProgrammeBlock) -> View:
    largest = max((row.amount for row in block.qpv), default=Decimal(0))
    return {
        "year": str(block.year),
        "figures": _figures(block),
        "cpo": _cpo(block.cpo) if block.cpo else None,
        "qpv": [_qpv(row, largest) for row in block.qpv],
        "most": [_objective(row) for row in block.objectives[:EXTREMES]],
        "least": [_objective(row) for row in reversed(block.objectives[EXTREMES:][-EXTREMES:])],
        "findings": [finding.message for finding in block.findings],
    }


def _figures(block: ProgrammeBlock) -> list[View]:
    leverage = block.leverage
    rows = [
        ("Actions du programme", wording.number(block.actions), "accordées ou retenues"),
        ("Montant accordé ou retenu", wording.euros(block.granted), ""),
        ("Part en quartier prioritaire", wording.percent(block.qpv_share), "des montants"),
        ("Droit commun obtenu", _euros(block.ordinary_law), _share(block.ordinary_law_share)),
        (
            "Effet de levier",
            _ratio(leverage.ratio if leverage else None),
            "pour 1 € de crédits spécifiques de l’État",
        ),
    ]
    if block.unclassified:
        rows.append(("Lignes non classées", wording.number(block.unclassified), "comptées à part"))
    return [{"label": label, "value": value, "note": note} for label, value, note in rows]


def _share(share: float | None) -> str:
    return f"{wording.percent(share)} du total" if share is not None else ""


def _ratio(ratio: Decimal | None) -> str:
    return wording.UNKNOWN if ratio is None else wording.euros(ratio)


def _cpo(block: CpoBlock) -> View:
    met = {True: "atteinte", False: "non atteinte", None: "indéterminée"}[block.met]
    missing = ""
    if block.missing_actions:
        missing = f"{block.missing_actions} actions à convertir"
        if block.missing_new_actions is not None:
            missing += f", ou {block.missing_new_actions} nouvelles actions pluriannuelles"
    return {
        "sentence": f"{block.cpo_actions} actions sur {block.actions} en convention pluriannuelle",
        "share_actions": wording.percent(block.share_actions),
        "share_granted": wording.percent(block.share_granted),
        "granted": wording.euros(block.cpo_granted),
        "target": wording.percent(block.target),
        "met": met,
        "missing": missing,
        "value": float(block.share_actions or 0),
        "goal": float(block.target or 0),
    }


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
