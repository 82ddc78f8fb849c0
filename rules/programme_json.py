# SPDX-License-Identifier: EUPL-1.2
"""The programme figures in their stable JSON form: shares between 0 and 1, amounts as decimal strings."""

from collections.abc import Iterable
from decimal import Decimal

from rules.coverage import Coverage
from rules.findings import Finding
from rules.programme import ProgrammeFigures, Tally
from rules.render import json_safe, render
from rules.themes.cpo import ConventionFigures, CpoFigures
from rules.themes.envelope import EnvelopeFigures

Json = dict[str, object]


def programme_json(figures: ProgrammeFigures, findings: Iterable[Finding] = ()) -> Json:
    """What `check --programme YEAR` prints, findings rendered in French."""
    return {
        "year": figures.year,
        "actions": figures.actions,
        "granted": json_safe(figures.granted),
        "cpo": _cpo(figures.cpo),
        "conventions": None if figures.conventions is None else _conventions(figures.conventions),
        "envelopes": [_envelope(envelope) for envelope in figures.envelopes],
        "outside": _tally(figures.outside),
        "unclassified": _tally(figures.unclassified),
        "projected": {
            "actions": figures.projected.actions,
            "granted": json_safe(figures.projected.granted),
            "cpo": _cpo(figures.projected.cpo),
            "with_programme": _cpo(figures.projected.with_programme),
        },
        "cpo_by_financer": {financer: _cpo(part) for financer, part in figures.cpo_by_financer.items()},
        "droit_commun": {"granted": json_safe(figures.ordinary), "share": _share(figures.ordinary_share)},
        "own_share": json_safe(figures.own_share),
        "leverage": {
            "specific": json_safe(figures.leverage.specific),
            "others": json_safe(figures.leverage.others),
            "ratio": _ratio(figures.leverage.ratio),
        },
        "coverage": _coverage(figures.coverage),
        "objectives": [
            {"code": one.code, "granted": json_safe(one.amount), "actions": one.actions}
            for one in figures.objectives
        ],
        "findings": [render(finding) for finding in findings],
    }


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def _ratio(ratio: Decimal | None) -> float | None:
    return None if ratio is None else float(ratio)


def _cpo(figures: CpoFigures) -> Json:
    return {
        "total": figures.total,
        "total_granted": json_safe(figures.total_granted),
        "actions": figures.actions,
        "unknown": figures.unknown,
        "share_actions": _share(figures.share_actions),
        "granted": json_safe(figures.granted),
        "share_granted": _share(figures.share_granted),
        "target": figures.target,
        "met": figures.met,
        "missing_actions": figures.missing_actions,
        "missing_new_actions": figures.missing_new_actions,
    }


def _conventions(figures: ConventionFigures) -> Json:
    return {
        "count": figures.count,
        "cpo": figures.cpo,
        "share": _share(figures.share),
        "target": figures.target,
        "met": figures.met,
    }


def _envelope(figures: EnvelopeFigures) -> Json:
    return {
        "credit": figures.credit,
        "label": figures.label,
        "year": figures.year,
        "status": figures.status,
        "amount": json_safe(figures.amount),
        "proposed": json_safe(figures.proposed),
        "retained": json_safe(figures.retained),
        "granted": json_safe(figures.granted),
        "committed": json_safe(figures.committed),
        "remaining": json_safe(figures.remaining),
        "exceeded": figures.exceeded,
    }


def _tally(tally: Tally) -> Json:
    return {"actions": tally.actions, "granted": json_safe(tally.granted)}


def _coverage(coverage: Coverage) -> Json:
    return {
        "total": json_safe(coverage.total),
        "unlocated": {"actions": coverage.unlocated_actions, "granted": json_safe(coverage.unlocated)},
        "qpv": [
            {
                "code": one.code,
                "granted": json_safe(one.amount),
                "actions": one.actions,
                "single": json_safe(one.single),
                "by_beneficiaries": json_safe(one.by_beneficiaries),
                "by_population": json_safe(one.by_population),
                "by_equal_parts": json_safe(one.by_equal_parts),
                "population": one.population,
                "per_resident": json_safe(one.per_resident),
            }
            for one in coverage.qpv
        ],
    }
