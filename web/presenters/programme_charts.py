# SPDX-License-Identifier: EUPL-1.2
"""The charts of a programme year: targets, financers, neighbourhoods, groups, objectives, years. Each has its table too."""

from decimal import Decimal

from reports.charts import Chart, Row, bar_chart
from reports.summary.words import Words
from rules import wording
from rules.programme import ProgrammeFigures
from web.live import LiveProgramme

MOST_OBJECTIVES = 12
ZERO = Decimal(0)


def programme_charts(live: LiveProgramme, words: Words) -> dict[str, Chart | None]:
    """By name; None when there is nothing to draw."""
    figures = live.figures
    return {
        "targets": _targets(figures),
        "financers": _financers(figures, words),
        "qpv": _qpv(figures, words),
        "themes": _themes(live, words),
        "objectives": _objectives(figures, words),
        "years": _years(live),
    }


def _targets(figures: ProgrammeFigures) -> Chart:
    """The shares that have an objective, on one scale of 100 %, the objective as a mark."""
    target = figures.cpo.target
    rows: list[Row] = [
        ("Actions en CPO", [figures.cpo.share_actions or 0.0], wording.percent(figures.cpo.share_actions)),
        ("Euros en CPO", [figures.cpo.share_granted or 0.0], wording.percent(figures.cpo.share_granted)),
    ]
    marks: list[float | None] = [target, None]
    if figures.conventions is not None:
        rows.append(
            (
                "Conventions en CPO",
                [figures.conventions.share or 0.0],
                wording.percent(figures.conventions.share),
            )
        )
        marks.append(figures.conventions.target)
    rows.append(
        ("Part du droit commun", [figures.ordinary_share or 0.0], wording.percent(figures.ordinary_share))
    )
    said = "\u00a0; ".join(f"{label}\u00a0: {figure}" for label, _, figure in rows)
    goal = (
        f" Le trait marque l’objectif\u00a0: {wording.percent(target)} des actions."
        if target is not None
        else ""
    )
    return bar_chart(
        "objectifs-suivis", "Objectifs du programme", f"{said}.{goal}", rows, most=1.0, marks=marks
    )


def _financers(figures: ProgrammeFigures, words: Words) -> Chart | None:
    """What each financer brings, in CPO and out of it."""
    known = sorted(figures.financers.items(), key=lambda item: -item[1].cpo.total_granted)
    rows: list[Row] = [
        (
            words.financer(code),
            [part.cpo.granted, part.cpo.total_granted - part.cpo.granted],
            wording.euros(part.cpo.total_granted),
        )
        for code, part in known
        if part.cpo.total_granted
    ]
    return _said("par-financeur", "Montants par financeur", rows, ("En CPO", "Hors CPO"))


def _qpv(figures: ProgrammeFigures, words: Words) -> Chart | None:
    rows: list[Row] = [
        (words.qpv.get(one.code, one.code), [one.amount], wording.euros(one.amount))
        for one in figures.coverage.qpv
    ]
    if figures.coverage.unlocated:
        rows.append(
            ("Sans quartier indiqué", [figures.coverage.unlocated], wording.euros(figures.coverage.unlocated))
        )
    return _said("par-quartier", "Montants par quartier", rows)


def _themes(live: LiveProgramme, words: Words) -> Chart | None:
    rows: list[Row] = [
        (words.themes.get(theme or "", theme or "Sans groupe"), [amount], wording.euros(amount))
        for theme, _, amount in live.themes
    ]
    return _said("par-groupe", "Montants par groupe thématique", rows)


def _objectives(figures: ProgrammeFigures, words: Words) -> Chart | None:
    rows: list[Row] = [
        (f"{one.code} {words.objectives.get(one.code, '')}", [one.amount], wording.euros(one.amount))
        for one in figures.objectives[:MOST_OBJECTIVES]
        if one.amount
    ]
    return _said("par-objectif", "Objectifs les plus investis", rows)


def _years(live: LiveProgramme) -> Chart | None:
    rows: list[Row] = [
        (str(one.year), [one.ordinary, one.granted - one.ordinary], wording.euros(one.granted))
        for one in live.years
    ]
    return _said("par-annee", "Années comparées", rows, ("Droit commun", "Crédits spécifiques"))


def _said(name: str, title: str, rows: list[Row], series: tuple[str, ...] = ()) -> Chart | None:
    """The chart with its figures in one sentence; nothing when there is no row."""
    if not rows:
        return None
    told = "\u00a0; ".join(f"{label}\u00a0: {figure}" for label, _, figure in rows)
    return bar_chart(name, title, f"{told}.", rows, series=series)
