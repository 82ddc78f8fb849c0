# SPDX-License-Identifier: EUPL-1.2
"""The programme of a year: CPO targets live, envelopes, neighbourhoods, objectives; figures with their bars."""

from decimal import Decimal
from typing import Any

from reports.summary.words import Words
from rules.complementarity import Group
from rules.cpo_figures import CpoFigures
from rules.programme import ProgrammeFigures
from rules.themes.envelope import DEPARTEMENT
from rules.wording import listing, public_word
from web.live import LiveProgramme
from web.presenters.findings import rendered
from web.presenters.programme_charts import programme_charts

GROUPS = 20  # how many groups of actions to bring together the page shows
FIRST = ("violated", "undetermined", "satisfied")
STATUSES = {"none": "inconnue", "provisional": "provisoire", "notified": "notifiée"}
MET = {True: ("good", "atteint"), False: ("bad", "non atteint"), None: ("quiet", "indéterminé")}


def programme_view(live: LiveProgramme, words: Words) -> dict[str, Any]:
    """Everything the programme page shows."""
    figures, findings = live.figures, live.findings
    return {
        "charts": programme_charts(live, words),
        "themes": live.themes,
        "theme_words": words.themes,
        "compared": live.years,
        "figures": figures,
        "cpo": _cpo(figures.cpo),
        "projected": _cpo(figures.projected.with_programme),
        "by_financer": [
            (words.financer(code), _cpo(part.cpo), part.conventions)
            for code, part in figures.financers.items()
        ],
        "envelopes": [_envelope(envelope, words) for envelope in figures.envelopes],
        "qpv": _qpv(figures, words),
        "objectives": [
            (f"{one.code} {words.objectives.get(one.code, '')}", one) for one in figures.objectives
        ],
        "sums": _sums(figures, words),
        "continuity": figures.continuity,
        "groups": [_group(group, words) for group in figures.groups[:GROUPS]],
        "findings": sorted(
            (rendered(finding, words.names) for finding in findings if finding.outcome != "not_applicable"),
            key=lambda shown: FIRST.index(str(shown["outcome"])),
        ),
    }


def _sums(figures: ProgrammeFigures, words: Words) -> list[dict[str, Any]]:
    """What is above the threshold of a convention: without one first, then of unknown form, then in order."""
    balance = figures.sums
    told = ((balance.without, "bad", "sans convention"), (balance.form_unknown, "wait", "forme à renseigner"))
    return [
        {"row": one, "financer": words.financer(one.financer), "tone": tone, "said": said}
        for sums, tone, said in (*told, (balance.covered, "good", "convention enregistrée"))
        for one in sums
    ]


def _group(group: Group, words: Words) -> dict[str, Any]:
    public = None if group.public is None else public_word(group.public)
    theme = words.themes.get(group.theme) or words.objectives.get(group.theme, group.theme)
    return {
        "qpv": listing(words.qpv.get(code, code) for code in group.qpv),
        "theme": theme,
        "public": public,
        "actions": group.actions,
        "amount": group.granted,
    }


def _cpo(figures: CpoFigures) -> dict[str, Any]:
    tone, said = MET[figures.met]
    return {
        "figures": figures,
        "bar": _length(figures.share_actions),
        "target_at": _length(figures.target),
        "tone": tone,
        "said": said,
    }


def _length(share: float | None) -> int:
    """A share as a length out of 200."""
    return 0 if share is None else min(200, max(0, round(share * 200)))


def _envelope(envelope: Any, words: Words) -> dict[str, Any]:
    amount: Decimal | None = envelope.amount
    shared = envelope.held_by == DEPARTEMENT
    committed = envelope.committed if envelope.committed is not None else Decimal(0)
    share = float(committed / amount) if amount and not shared else None
    return {
        "shared": shared,
        "label": envelope.label or words.line(envelope.credit),
        "credit": words.line(envelope.credit),
        "status": STATUSES.get(envelope.status, envelope.status),
        "envelope": envelope,
        "bar": _length(share),
        "share": share,
        "tone": "bad" if envelope.exceeded else "plain",
    }


def _qpv(figures: ProgrammeFigures, words: Words) -> list[dict[str, Any]]:
    rows = figures.coverage.qpv
    largest = max((row.amount for row in rows), default=Decimal(0))
    return [
        {
            "label": words.qpv.get(row.code, row.code),
            "row": row,
            "bar": _length(float(row.amount / largest)) if largest > 0 else 0,
        }
        for row in rows
    ]
