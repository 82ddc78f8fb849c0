# SPDX-License-Identifier: EUPL-1.2
"""The summary's charts, drawn once for the page and for the paper; the table behind each says the same figures."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from reports.charts import LONGEST_LABEL, Chart, Row, bar_chart
from reports.summary.figures import (
    CpoBlock,
    EnvelopeBlock,
    ObjectiveBlock,
    PartnerBlock,
    QpvBlock,
    YearBlock,
)
from reports.summary.sentences import listed, said
from rules import wording
from rules.money import ZERO


def envelopes_chart(blocks: Iterable[EnvelopeBlock]) -> Chart | None:
    """Of each known envelope: what is retained, what this séance adds, what stays, on the scale of the largest."""
    rows: list[Row] = []
    known = list(blocks)
    several = len({block.year for block in known}) > 1
    for block in known:
        if block.amount is None or block.left is None or block.after is None:
            continue
        parts = [max(ZERO, block.retained), max(ZERO, block.left - block.after), max(ZERO, block.after)]
        rest = "reste" if block.after >= 0 else "dépassement"
        rows.append(
            (
                _short(block.label, str(block.year) if several else ""),
                parts,
                f"{rest} {wording.euros(abs(block.after))}",
            )
        )
    return _drawn(
        "enveloppes", "Enveloppes après la séance", rows, ("Retenu", "Ajouté par la séance", "Reste")
    )


def _short(label: str, year: str) -> str:
    """A credit in the width of a label: its nature, which tells two credits of one financer apart, is never cut."""
    holder, _, nature = label.removesuffix(")").rpartition(" (")
    ending = ", ".join(part for part in (nature.removeprefix("crédits "), year) if part)
    room = LONGEST_LABEL - len(ending) - 2
    return f"{holder if len(holder) <= room else holder[: room - 1].rstrip() + '…'}, {ending}"


def targets_chart(year: int, shares: Sequence[tuple[str, CpoBlock]]) -> Chart | None:
    """The share of actions under multi-year conventions, the objective as a mark, on one scale of 100 %."""
    rows: list[Row] = [
        (label, [block.share_actions or 0.0], wording.percent(block.share_actions)) for label, block in shares
    ]
    target = next((block.target for _, block in shares if block.target is not None), None)
    marks = [target if target is not None else None for _ in rows]
    goal = "" if target is None else f" Le trait marque l’objectif\u00a0: {wording.percent(target)}."
    return _drawn(
        f"objectif-cpo-{year}", "Actions en convention pluriannuelle", rows, most=1.0, marks=marks, more=goal
    )


def partners_chart(blocks: Iterable[PartnerBlock]) -> Chart | None:
    """What each partner brings to the agenda, in money and in kind."""
    rows: list[Row] = [
        (block.label, [block.obtained, block.in_kind], wording.euros(block.obtained + block.in_kind))
        for block in blocks
        if block.obtained or block.in_kind
    ]
    return _drawn("droit-commun", "Droit commun obtenu, par partenaire", rows, ("En numéraire", "En nature"))


def years_chart(blocks: Iterable[YearBlock]) -> Chart | None:
    """The years side by side."""
    rows: list[Row] = [
        (
            str(block.year),
            [block.ordinary, block.granted - block.ordinary, block.proposed + block.forecast],
            wording.euros(block.granted + block.proposed + block.forecast),
        )
        for block in blocks
    ]
    series = ("Droit commun", "Crédits spécifiques", "Proposé par la séance ou prévu en convention")
    return _drawn("annees", "Évolution des financements", rows, series)


def qpv_chart(year: int, rows_of: Sequence[tuple[QpvBlock, Decimal]]) -> Chart | None:
    """Euros per resident: of each neighbourhood, the part that was there, then what the séance adds."""
    rows: list[Row] = []
    for block, before in rows_of:
        if block.per_resident is not None:
            before = min(before, block.per_resident)
            rows.append(
                (block.label, [before, block.per_resident - before], wording.euros(block.per_resident))
            )
    title = f"Euros par habitant des quartiers prioritaires, {year}"
    return _drawn(f"quartiers-{year}", title, rows, ("Programme à ce jour", "Ajouté par la séance"))


def objectives_chart(year: int, rows_of: Sequence[tuple[ObjectiveBlock, Decimal]]) -> Chart | None:
    """The most invested objectives: the part that was there, then what the séance adds."""
    rows: list[Row] = []
    for block, before in rows_of:
        before = min(before, block.amount)
        label = f"{block.code} {block.label}" if block.label != block.code else block.code
        rows.append((label, [before, block.amount - before], wording.euros(block.amount)))
    title = f"Objectifs les plus investis, {year}"
    return _drawn(f"objectifs-{year}", title, rows, ("Programme à ce jour", "Ajouté par la séance"))


def _drawn(
    name: str,
    title: str,
    rows: list[Row],
    series: Sequence[str] = (),
    *,
    most: float | None = None,
    marks: Sequence[float | None] = (),
    more: str = "",
) -> Chart | None:
    """The chart with its figures in one sentence; nothing when there is no row. A series empty everywhere is not named."""
    if not rows:
        return None
    used = sum(any(values[place] for _, values, _ in rows) for place in range(len(series)))
    told = listed([said(label, figure) for label, _, figure in rows])
    named = series if used > 1 else ()
    return bar_chart(name, title, f"{told}.{more}", rows, series=named, most=most, marks=marks)
