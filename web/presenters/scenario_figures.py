# SPDX-License-Identifier: EUPL-1.2
"""The figures of scenarios in rows, one column a hypothesis: dossiers served, credits, targets. For pages and exports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.sheet import Column, Sheet
from reports.summary.words import Words
from rules.programme import ProgrammeFigures
from rules.wording import euros, number, percent
from workflow.arbitration.served import Served
from workflow.arbitration.wording import SERVED_LABELS
from workflow.envelopes import STATUS_LABELS
from workflow.scenario_figures import CreditTotal, Hypothesis
from workflow.territory import Nature

PRESENT = "Propositions actuelles"
SERVED_TONES = {Served.FULL: "good", Served.PARTIAL: "wait", Served.NOTHING: "bad", Served.COVERED: "quiet"}
MET = {True: "atteint", False: "non atteint", None: "indéterminé"}
TONES = {True: "good", False: "wait", None: ""}


@dataclass(frozen=True, slots=True)
class FigureCell:
    """One figure of one hypothesis; `note`: said under it."""

    text: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure, in every hypothesis."""

    label: str
    cells: tuple[FigureCell, ...]


@dataclass(frozen=True, slots=True)
class FigureSection:
    """Rows of one kind."""

    title: str
    rows: tuple[FigureRow, ...]
    is_detail: bool = False  # folded where one scenario alone is read


def served_badge(served: Served) -> tuple[str, str]:
    """What is said of one dossier, and its tone."""
    return SERVED_LABELS[served].one, SERVED_TONES[served]


def name_of(hypothesis: Hypothesis) -> str:
    """The head of its column."""
    return PRESENT if hypothesis.scenario is None else hypothesis.scenario.name


def figure_sections(found: Sequence[Hypothesis], words: Words) -> list[FigureSection]:
    """Everything that is compared, but the lines."""
    return [
        _dossiers(found),
        _credits(found, words, Nature.SPECIFIQUE),
        _targets(found),
        _credits(found, words, Nature.DROIT_COMMUN),
        _neighbourhoods(found, words),
    ]


def _dossiers(found: Sequence[Hypothesis]) -> FigureSection:
    total = FigureRow("Total des montants", tuple(FigureCell(euros(one.total)) for one in found))
    counts = (
        FigureRow(label.many, tuple(FigureCell(number(one.counts[state])) for one in found))
        for state, label in SERVED_LABELS.items()
    )
    return FigureSection("Dossiers", (total, *counts))


def _credits(found: Sequence[Hypothesis], words: Words, nature: Nature) -> FigureSection:
    """The credits of one nature; one without envelope where nobody gives anything says nothing."""
    rows = []
    for code in (credit.credit for credit in found[0].credits if credit.credit.endswith(nature)):
        credits = [_of(one, code) for one in found]
        if any(credit.total or credit.amount is not None for credit in credits):
            rows.append(FigureRow(words.line(code), tuple(_credit(credit) for credit in credits)))
    is_ordinary = nature is Nature.DROIT_COMMUN
    title = (
        "Droit commun, au regard des enveloppes"
        if is_ordinary
        else "Crédits spécifiques, au regard des enveloppes"
    )
    return FigureSection(title, tuple(rows), is_detail=is_ordinary)


def _of(one: Hypothesis, code: str) -> CreditTotal:
    return next(credit for credit in one.credits if credit.credit == code)


def _credit(credit: CreditTotal) -> FigureCell:
    if credit.left is None or credit.amount is None:
        return FigureCell(euros(credit.total), "sans enveloppe connue")
    known = f"enveloppe {STATUS_LABELS[credit.status]} de {euros(credit.amount)}"
    taken = f", dont {euros(credit.committed)} engagés ou envoyés au comité" if credit.committed else ""
    if credit.is_over:
        tone = "bad" if credit.status == "notified" else "wait"
        return FigureCell(euros(credit.total), f"dépasse de {euros(-credit.left)} l’{known}{taken}", tone)
    return FigureCell(euros(credit.total), f"reste {euros(credit.left)} sur l’{known}{taken}")


def _targets(found: Sequence[Hypothesis]) -> FigureSection:
    rows = (FigureRow(label, tuple(cell(one.figures) for one in found)) for label, cell in TARGETS)
    return FigureSection("Objectifs de l’année, si ces montants sont retenus", tuple(rows))


def _cpo_number(figures: ProgrammeFigures) -> FigureCell:
    cpo = figures.cpo
    note = f"{number(cpo.actions)} sur {number(cpo.total)}"
    if cpo.target is not None:
        note += f"\u00a0; objectif de plus de {percent(cpo.target, 0)} {MET[cpo.met]}"
    if cpo.missing_actions:
        note += f", {number(cpo.missing_actions)} à convertir"
    return FigureCell(percent(cpo.share_actions), note, TONES[cpo.met])


def _cpo_euros(figures: ProgrammeFigures) -> FigureCell:
    cpo = figures.cpo
    return FigureCell(percent(cpo.share_granted), f"{euros(cpo.granted)} sur {euros(cpo.total_granted)}")


def _leverage(figures: ProgrammeFigures) -> FigureCell:
    ratio = figures.leverage.ratio
    if ratio is None:
        return FigureCell("—", "aucun crédit du programme 147")
    return FigureCell(f"{ratio:.2f}".replace(".", ","), "euros des autres pour un euro")


def _poches(figures: ProgrammeFigures) -> FigureCell:
    balance = figures.poches
    if not balance.retained:
        return FigureCell("—", "aucune poche retenue au contrat")
    drawn, cap = balance.figures.contribution, balance.cap
    if cap is None:
        return FigureCell(euros(drawn), "plafond inconnu")
    return FigureCell(euros(drawn), f"plafond de {euros(cap)}", "bad" if drawn > cap else "")


def _neighbourhoods(found: Sequence[Hypothesis], words: Words) -> FigureSection:
    codes = [row.code for row in found[0].figures.coverage.qpv]
    rows = (
        FigureRow(words.qpv.get(code, code), tuple(_coverage(one.figures, code) for one in found))
        for code in codes
    )
    return FigureSection("Quartiers, en euros par habitant", tuple(rows), is_detail=True)


def _coverage(figures: ProgrammeFigures, code: str) -> FigureCell:
    row = next((one for one in figures.coverage.qpv if one.code == code), None)
    if row is None:
        return FigureCell("—")
    shown = "—" if row.per_resident is None else euros(row.per_resident)
    return FigureCell(shown, f"{euros(row.amount)} en tout")


def _ordinary(figures: ProgrammeFigures) -> FigureCell:
    return FigureCell(
        percent(figures.ordinary_share), f"{euros(figures.ordinary)} sur {euros(figures.granted)}"
    )


TARGETS: tuple[tuple[str, Callable[[ProgrammeFigures], FigureCell]], ...] = (
    ("Actions en CPO, en nombre", _cpo_number),
    ("Actions en CPO, en euros", _cpo_euros),
    ("Part du droit commun", _ordinary),
    ("Effet de levier du programme 147", _leverage),
    ("Poches de pauvreté", _poches),
)


def figures_sheet(found: Sequence[Hypothesis], words: Words, title: str) -> Sheet:
    """The same rows as a sheet."""
    columns = (
        Column("Rubrique", width=30),
        Column("Chiffre", width=38),
        *(Column(name_of(one), width=46) for one in found),
    )
    sheet = Sheet("Chiffres", title, columns)
    for section in figure_sections(found, words):
        for row in section.rows:
            cells = (f"{one.text} ({one.note})" if one.note else one.text for one in row.cells)
            sheet.rows.append((section.title, row.label, *cells))
    return sheet
