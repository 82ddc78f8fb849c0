# SPDX-License-Identifier: EUPL-1.2
"""The programme figures in their stable JSON form: shares between 0 and 1, amounts as decimal strings."""

from collections.abc import Iterable
from decimal import Decimal

from rules.complementarity import Group
from rules.continuity import Continuity, PastAction
from rules.coverage import Coverage
from rules.cpo_figures import ConventionFigures, CpoFigures
from rules.findings import Finding
from rules.programme import ProgrammeFigures, Tally
from rules.render import json_safe, render
from rules.themes.convention_sums import SumsBalance
from rules.themes.envelope import EnvelopeFigures
from rules.themes.poches import PochesBalance
from rules.yearly_sums import BodySum

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
        "cpo_by_financer": {financer: _cpo(part.cpo) for financer, part in figures.financers.items()},
        "conventions_by_financer": {
            financer: None if part.conventions is None else _conventions(part.conventions)
            for financer, part in figures.financers.items()
        },
        "droit_commun": {"granted": json_safe(figures.ordinary), "share": _share(figures.ordinary_share)},
        "own_share": json_safe(figures.own_share),
        "leverage": {
            "specific": json_safe(figures.leverage.specific),
            "others": json_safe(figures.leverage.others),
            "ratio": _ratio(figures.leverage.ratio),
            "state_ordinary": json_safe(figures.leverage.state_ordinary),
        },
        "coverage": _coverage(figures.coverage),
        "objectives": [
            {"code": one.code, "granted": json_safe(one.amount), "actions": one.actions}
            for one in figures.objectives
        ],
        "poches": _poches(figures.poches),
        "yearly_sums": _yearly_sums(figures.sums),
        "continuity": None if figures.continuity is None else _continuity(figures.continuity),
        "complementarities": [_group(group) for group in figures.groups],
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
        "inherited": figures.inherited,
    }


def _conventions(figures: ConventionFigures) -> Json:
    return {
        "count": figures.count,
        "cpo": figures.cpo,
        "share": _share(figures.share),
        "target": figures.target,
        "met": figures.met,
        "granted": json_safe(figures.granted),
        "cpo_granted": json_safe(figures.cpo_granted),
        "share_granted": _share(figures.share_granted),
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
        "held_by": figures.held_by,
        "forecast": json_safe(figures.forecast),
        "overcommitted": figures.overcommitted,
    }


def _poches(balance: PochesBalance) -> Json:
    figures = balance.figures
    return {
        "retained": balance.retained,
        "contribution": json_safe(figures.contribution),
        "actions": figures.actions,
        "unknown": {"actions": figures.unknown_actions, "granted": json_safe(figures.unknown)},
        "cap_share": None if balance.share is None else float(balance.share),
        "envelope": json_safe(balance.envelope),
        "departmental_cap": json_safe(balance.departmental_cap),
        "ceiling": json_safe(balance.ceiling),
        "cap": json_safe(balance.cap),
    }


def _yearly_sums(balance: SumsBalance) -> Json:
    """Only what is above the threshold: those with a convention, those without, those whose form is unknown."""
    return {
        "threshold": json_safe(balance.threshold),
        "recorded": [_body(one) for one in balance.covered],
        "missing": [_body(one) for one in balance.without],
        "form_unknown": [_body(one) for one in balance.form_unknown],
    }


def _body(one: BodySum) -> Json:
    return {
        "body": one.body,
        "siren": one.siren,
        "financer": one.financer,
        "total": json_safe(one.total),
        "cash": json_safe(one.cash),
        "in_kind": json_safe(one.in_kind),
        "awards": json_safe(one.awards),
        "actions": one.actions,
        "conventions": sorted(one.conventions),
        "uncovered": json_safe(one.uncovered),
    }


def _continuity(found: Continuity) -> Json:
    return {
        "year": found.year,
        "actions": found.previous,
        "granted": json_safe(found.granted),
        "continued": [_past(action) for action in found.continued],
        "dropped": [_past(action) for action in found.dropped],
        "new": [{"reference": reference, "title": title} for reference, title in found.new],
        "new_granted": json_safe(found.new_granted),
    }


def _past(action: PastAction) -> Json:
    return {
        "title": action.title,
        "porteur": action.porteur,
        "granted": json_safe(action.granted),
        "cpo_without_request": action.orphan,
        "published": action.published,
    }


def _group(group: Group) -> Json:
    return {
        "qpv": list(group.qpv),
        "theme": group.theme,
        "public": group.public,
        "public_unknown": group.unknown,
        "actions": list(group.references),
        "granted": json_safe(group.granted),
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
