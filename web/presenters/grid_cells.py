# SPDX-License-Identifier: EUPL-1.2
"""The rows of the round table written once, escaped, thousands of cells: what is the same for every reader, kept while nothing moves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from markupsafe import Markup
from markupsafe import escape as escaped

from rules.catalogue import RULES
from rules.findings import NOT_APPLICABLE, SATISFIED, Finding
from rules.wording import euros_of_cents
from web.presenters.stages import opinion_tone, tone_of
from workflow.grid.figures import RowMeasures, measure_row
from workflow.grid.rows import GridColumn, GridLine, GridRow, RowTotals
from workflow.grid.words import write_cell
from workflow.stages import OPINION_LABELS, STAGE_LABELS, LineState, OpinionValue, Stage

WORDS: Mapping[str, str] = {
    LineState.INDICATIVE: "indicatif",
    LineState.FIRM: "ferme",
    LineState.IN_KIND: "en nature",
    LineState.DECLINED: "refus",
    LineState.NOT_CONCERNED: "non concerné",
    LineState.NO_REPLY: "sans réponse",
    LineState.INELIGIBLE: "inéligible",
    LineState.RETAINED: "retenu",
    LineState.GRANTED: "accordé",
    LineState.REFUSED: "refusé",
    LineState.CANCELLED: "annulé",
}
OPINIONS = {
    "favourable": "avis favorable",
    "favourable_with_reservations": "avis réservé",
    "unfavourable": "avis défavorable",
    "no_opinion": "sans avis",
    None: "avis attendu",
}
SHORTEST = {  # why a row cannot go to the committee, in a few words: the page of the dossier says the whole
    "droit_commun.first": ("1 réponse de droit commun attendue", "{} réponses de droit commun attendues"),
    "guard.lines_settled": ("1 ligne sans montant ni date", "{} lignes sans montant ni date"),
    "departement.policies": ("condition du Département à confirmer", "{} conditions à confirmer"),
    "epci.priorities": ("condition de l’intercommunalité à confirmer", "{} conditions à confirmer"),
}
REMAINDER = {
    "exceeded": "crédits spécifiques au-delà du reste à financer",
    "cost_missing": "coût de l’action inconnu",
    "resources_missing": "ressources à préciser",
    "pending": "crédits spécifiques à proposer",
}
EXPLAINED = frozenset({LineState.DECLINED.value, LineState.IN_KIND.value})
LONGEST = 70
euros = lru_cache(maxsize=4096)(euros_of_cents)  # the same amounts come again and again


@lru_cache(maxsize=4096)
def escape(text: str) -> str:
    """As HTML takes it; porteurs, words and typed amounts come again and again."""
    return str(escaped(text))


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """One row, ready: its dossier, its sums, why it waits, its HTML in parts (head, cells by credit, tail)."""

    row: GridRow
    since: int | None  # an earlier CPO covers it
    measures: RowMeasures
    reasons: tuple[str, ...]
    head: str
    cells: Mapping[int, str]
    tail: str

    @property
    def is_ready(self) -> bool:
        """It may go to the committee, or has gone."""
        return not self.reasons

    def html(self, shown: Sequence[int]) -> str:
        """The row with these columns."""
        cells, id_ = self.cells, self.row.id
        return "".join([self.head, *[cells.get(credit) or blank(id_, credit) for credit in shown], self.tail])


def blank(dossier_id: int, credit_id: int) -> str:
    """A cell where nothing was asked and nothing is owed."""
    return f'<td id="c{dossier_id}-{credit_id}"><a href="table/{dossier_id}/{credit_id}">—</a></td>'


def prepare_row(
    row: GridRow,
    columns: Sequence[GridColumn],
    since: int | None,
    findings: Sequence[Finding],
    today: date,
) -> PreparedRow:
    """The row for every reader and every choice of columns."""
    reasons = tuple(short_reasons(findings))
    is_late = row.due_on is not None and row.due_on < today
    measures = measure_row(row, columns, since)
    missing, lines, opinions, cells = measures.unasked, row.lines, row.opinions, {}
    for column in columns:
        line = lines.get(column.id)
        if line is not None:
            cells[column.id] = _cell(row, column, line, is_late=is_late)
        elif column.key in missing or column.organisation_id in opinions:
            cells[column.id] = _unopened(row, column)
    tail = _tail(row, measures.totals, reasons)
    return PreparedRow(row, since, measures, reasons, _head(row, measures.totals), cells, tail)


def _head(row: GridRow, totals: RowTotals) -> str:
    opinion = row.synthesis
    said = ""
    if opinion:
        label = OPINION_LABELS[OpinionValue(opinion)]
        said = f' <span class="badge {opinion_tone(opinion)}">{escape(label)}</span>'
    return (
        f'<tr id="r{row.id}"><th scope="row"><a href="table/{row.id}" data-fiche>{escape(row.reference)}</a>{said}'
        f" <span>{escape(row.title)}</span> <small>{escape(row.porteur)}</small>"
        f"{_left(totals)}</th>"
    )


def _left(totals: RowTotals) -> str:
    """What is left to find, beside the name: it stays in sight while one scrolls to the last financer."""
    if totals.left is None:
        return "<small>coût inconnu</small>"
    if totals.left < 0:
        return f'<small class="over">dépasse le coût de {euros(-totals.left)}</small>'
    said = f"reste {euros(totals.left)} à trouver" if totals.left else "entièrement financé"
    return f"<small>{said}</small>"


def _tail(row: GridRow, totals: RowTotals, reasons: Sequence[str]) -> str:
    left = totals.left
    tone = ' class="n over"' if left is not None and left < 0 else ' class="n"'
    return (
        f'<td class="n">{euros(totals.cost) or "inconnu"}</td><td class="n">{euros(totals.obtained)}</td>'
        f'<td{tone}>{euros(left) or "inconnu"}</td><td class="why">{_committee(row, reasons)}</td></tr>'
    )


def _committee(row: GridRow, reasons: Sequence[str]) -> str:
    if row.stage != Stage.FINANCERS_CONFERENCE:
        return f'<span class="badge {tone_of(row.stage)}">{escape(STAGE_LABELS[Stage(row.stage)])}</span>'
    if not reasons:
        return '<span class="badge good">prêt</span>'
    return "".join(f"<span>{escape(reason)}</span>" for reason in reasons)


def _cell(row: GridRow, column: GridColumn, line: GridLine, *, is_late: bool) -> str:
    """One cell: the amount and how sure it is, then what was asked, suggested, thought and expected."""
    amount = line.brought
    tone, word = _state(row, column, line, amount, is_late=is_late)
    if row.is_own_share(column):
        word = f"{word} (part du porteur)".strip()
    text = write_cell(line)
    held = f' data-v="{line.version}"'
    if text:
        held += f' data-t="{escape(text)}"'
    if line.forecast is not None:
        held += " data-l"
    return _td(row, column, tone, held, _main(amount, word), _notes(row, column, line, amount))


def _unopened(row: GridRow, column: GridColumn) -> str:
    """A cell without a line, of a holder whom nobody asked or of a partner who gave an opinion."""
    tone, word = _unasked(row, column)
    return _td(row, column, tone, "", _main(None, word), _notes(row, column, None, None))


def _td(row: GridRow, column: GridColumn, tone: str, held: str, main: str, notes: Sequence[str]) -> str:
    at, beside = f"{row.id}-{column.id}", f"<small>{' · '.join(notes)}</small>" if notes else ""
    return f'<td id="c{at}" class="{tone}"{held}><a href="table/{row.id}/{column.id}">{main}{beside}</a></td>'


def _main(amount: int | None, word: str) -> str:
    """The first words of the cell: nothing is told by a colour alone."""
    if amount is None:
        return f"<i>{word}</i>" if word else "—"
    return f"<b>{euros(amount)}</b> <i>{word}</i>" if word else f"<b>{euros(amount)}</b>"


def _state(
    row: GridRow, column: GridColumn, line: GridLine, amount: int | None, *, is_late: bool
) -> tuple[str, str]:
    state = line.state
    if state == LineState.NOT_ASKED:
        return _unasked(row, column)
    if state != LineState.ASKED:
        return state, WORDS[state]
    if column.is_ordinary:
        return ("late", "réponse en retard") if is_late else ("awaited", "réponse attendue")
    return ("proposed", "proposé") if amount is not None else ("", "")


def _unasked(row: GridRow, column: GridColumn) -> tuple[str, str]:
    return ("unasked", "non sollicité") if column.is_ordinary and column.key in row.holders else ("", "")


def _notes(row: GridRow, column: GridColumn, line: GridLine | None, amount: int | None) -> Sequence[str]:
    """What is known beside the amount, the request first."""
    notes = []
    if line is not None:
        if line.forecast is not None:
            notes.append(f"verrouillé, CPO {euros(line.forecast)}")
        if line.requested is not None:
            notes.append(f"demandé {euros(line.requested)}")
    suggested = row.suggested.get(column.key)
    if suggested is not None:
        notes.append(f"suggéré {_suggested(suggested)}")
    if line is not None:
        notes += _answered(line, amount)
    if column.organisation_id in row.opinions:
        notes.append(OPINIONS.get(row.opinions[column.organisation_id], ""))
    return notes


def _answered(line: GridLine, amount: int | None) -> Sequence[str]:
    answered = []
    if line.promised is not None and amount != line.promised:
        answered.append(f"annoncé {euros(line.promised)}")
    if line.expected_on is not None:
        answered.append(f"décision le {line.expected_on:%d/%m/%Y}")
    if line.state in EXPLAINED:
        why = line.in_kind if line.state == LineState.IN_KIND else line.reason
        if why:
            answered.append(escape(_short(why)))
    return answered


def _suggested(text: str) -> str:
    """The synthesis keeps euros as text."""
    whole, _, rest = text.partition(".")
    return (
        euros_of_cents(int(whole) * 100 + int((rest or "0").ljust(2, "0")[:2])) if whole.isdigit() else text
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def short_reasons(findings: Iterable[Finding]) -> Iterable[str]:
    """Each finding in a few words."""
    for finding in findings:
        if finding.rule == "droit_commun.remainder":
            yield REMAINDER.get(finding.variant, RULES[finding.rule].label)
            continue
        one, many = SHORTEST.get(finding.rule, (None, None))
        if one is None or many is None:
            yield RULES[finding.rule].label if finding.rule in RULES else finding.rule
        else:
            number = _number(finding)
            yield one if number == 1 else many.format(number)


def _number(finding: Finding) -> int:
    """How many lines the finding is about, those that satisfy it left out."""
    if finding.lines is None:
        lines = finding.facts.get("lines")
        return len(lines) if isinstance(lines, list) else 1
    return sum(
        1
        for line in finding.lines
        if line.settled is None and line.outcome not in (SATISFIED, NOT_APPLICABLE)
    )


def rows_html(rows: Iterable[PreparedRow], shown: Sequence[int]) -> Markup:
    """The body of the table."""
    return Markup("\n".join(row.html(shown) for row in rows))  # noqa: S704 - each part is escaped above
