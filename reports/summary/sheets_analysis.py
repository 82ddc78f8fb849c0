# SPDX-License-Identifier: EUPL-1.2
"""The sheets that sum up and compare: Synthèse, Enveloppes, Partenaires, Années, Quartiers, Objectifs; shares are formulas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reports.sheet import Cell, Column, Formula, Kind, Sheet, cell_name, column_range, head_row
from reports.summary.figures import CpoBlock, EnvelopeBlock, LeverageBlock, ProgrammeBlock
from reports.summary.sentences import adopted, together_sentence
from reports.summary.structure import Summary
from rules import wording

TEXT, EUROS, COUNT, PERCENT, YEAR = Kind.TEXT, Kind.EUROS, Kind.COUNT, Kind.PERCENT, Kind.YEAR
Row = tuple[Cell, ...]

SYNTHESIS = (
    Column("Indicateur", width=52),
    Column("Nombre", COUNT, 10),
    Column("Montant", EUROS, 16),
    Column("Part", PERCENT, 9),
    Column("Précision", width=60),
)
ENVELOPES = (
    Column("Crédit", width=24),
    Column("Intitulé", width=44),
    Column("Exercice", YEAR, 9),
    Column("Statut", width=14),
    Column("Montant", EUROS, 16, total=True),
    Column("Retenu", EUROS, 16, total=True),
    Column("Tenu en convention", EUROS, 16, total=True),
    Column("Proposé, toute l’année", EUROS, 16, total=True),
    Column("Proposé en séance", EUROS, 16, total=True),
    Column("Ajouté par la séance", EUROS, 16, total=True),
    Column("Reste", EUROS, 16),
    Column("Reste après", EUROS, 16),
    Column("Part retenue", PERCENT, 10),
)
PARTNERS = (
    Column("Partenaire", width=44),
    Column("Sollicité", COUNT, 10, total=True),
    Column("Sans réponse", COUNT, 10, total=True),
    Column("Refus", COUNT, 10, total=True),
    Column("Obtenu", EUROS, 16, total=True),
    Column("En nature", EUROS, 16, total=True),
    Column("Programme", EUROS, 16, total=True),
    Column("Année précédente", EUROS, 16, total=True),
    Column("Écart", EUROS, 16),
)
YEARS = (
    Column("Année", YEAR, 8),
    Column("Actions", COUNT, 10),
    Column("Accordé ou retenu", EUROS, 16),
    Column("Droit commun", EUROS, 16),
    Column("Part du droit commun", PERCENT, 12),
    Column("Proposé par la séance", EUROS, 16),
    Column("Prévu en convention", EUROS, 16),
    Column("Total", EUROS, 16),
)
QPV = (
    Column("Programme", width=34),
    Column("Quartier", width=34),
    Column("Code", width=12),
    Column("Habitants", COUNT, 11),
    Column("Actions", COUNT, 10),
    Column("Montant", EUROS, 16),
    Column("Par habitant", EUROS, 14),
)
OBJECTIVES = (
    Column("Programme", width=34),
    Column("Code", width=10),
    Column("Objectif", width=60),
    Column("Actions", COUNT, 10),
    Column("Montant", EUROS, 16),
    Column("Part des objectifs", PERCENT, 12),
)


def sheet_title(summary: Summary) -> str:
    """The line above each table."""
    return f"Synthèse d’arbitrage – {summary.header.label}, {wording.moment(summary.header.starts_at)}"


def ratio(part: str, whole: str, part_value: Decimal | int, whole_value: Decimal | int) -> Formula:
    """A share, empty when there is nothing to divide by."""
    value = float(part_value / whole_value) if whole_value else None
    return Formula(f'IF({whole}>0,{part}/{whole},"")', value)


def analysis_sheets(summary: Summary, dossiers: Sheet, lines: Sheet) -> list[Sheet]:
    """Synthèse and Enveloppes, then what the contract asks to analyse; a sheet without rows is left out."""
    title, named = sheet_title(summary), tuple(_named(summary))
    qpv = Sheet("Quartiers", title, QPV)
    first = head_row(qpv) + 1
    qpv.rows.extend(_qpv(named, first))
    objectives = Sheet("Objectifs", title, OBJECTIVES)
    objectives.rows.extend(_objectives(named, objectives))
    envelopes = Sheet("Enveloppes", title, ENVELOPES)
    envelopes.rows.extend(
        _envelope(one, rank, lines) for rank, one in enumerate(summary.envelopes, start=first)
    )
    partners = Sheet("Partenaires", title, PARTNERS, list(_partners(summary, first)))
    years = Sheet("Années", title, YEARS, list(_years(summary, first)))
    synthesis = _Synthesis(Sheet("Synthèse", title, SYNTHESIS, landscape=False), dossiers, lines, qpv)
    synthesis.fill(summary, named)
    analysis = (sheet for sheet in (partners, years, qpv, objectives) if sheet.rows)
    return [synthesis.sheet, envelopes, *analysis]


def _named(summary: Summary) -> Iterator[tuple[str, ProgrammeBlock]]:
    for label, blocks in (
        ("Séance {}", summary.agenda),
        ("Programme {}", summary.programmes),
        ("Programme {} avec la séance", summary.together),
        ("Programme {}, année précédente", summary.last_year),
    ):
        yield from ((label.format(block.year), block) for block in blocks)


def _envelope(one: EnvelopeBlock, row: int, lines: Sheet) -> Row:
    at = {column.label: cell_name(index, row) for index, column in enumerate(ENVELOPES)}
    amounts, credits_, years = (column_range(lines, label) for label in ("Proposé", "Crédit", "Exercice"))
    known = one.amount is not None and one.left is not None and one.after is not None
    added = one.left - one.after if one.left is not None and one.after is not None else None
    return (
        one.credit,
        one.label,
        one.year,
        one.status_label,
        one.amount,
        one.retained,
        one.held,
        one.proposed,
        Formula(f"SUMIFS({amounts},{credits_},{at['Crédit']},{years},{at['Exercice']})", one.seance_proposed),
        added,
        Formula(f"{at['Montant']}-{at['Retenu']}", one.left) if known else None,
        Formula(f"{at['Reste']}-{at['Ajouté par la séance']}", one.after) if known else None,
        ratio(at["Retenu"], at["Montant"], one.retained, one.amount) if one.amount is not None else None,
    )


def _partners(summary: Summary, first: int) -> Iterator[Row]:
    for row, one in enumerate(summary.partners, start=first):
        gap = None
        if one.last_year is not None:
            gap = Formula(f"{cell_name(6, row)}-{cell_name(7, row)}", one.programme - one.last_year)
        yield (
            one.label, one.asked, one.unanswered, one.declined,
            one.obtained, one.in_kind, one.programme, one.last_year, gap,
        )  # fmt: skip


def _years(summary: Summary, first: int) -> Iterator[Row]:
    for row, one in enumerate(summary.years, start=first):
        total = one.granted + one.proposed + one.forecast
        yield (
            one.year,
            one.actions,
            one.granted,
            one.ordinary,
            ratio(cell_name(3, row), cell_name(2, row), one.ordinary, one.granted),
            one.proposed,
            one.forecast,
            Formula(f"{cell_name(2, row)}+{cell_name(5, row)}+{cell_name(6, row)}", total),
        )


def _qpv(named: Sequence[tuple[str, ProgrammeBlock]], first: int) -> Iterator[Row]:
    row = first
    for label, block in named:
        for one in block.qpv:
            share: Cell = None
            if one.per_resident is not None:
                share = Formula(f"ROUND({cell_name(5, row)}/{cell_name(3, row)},2)", one.per_resident)
            yield label, one.label, one.code, one.population, one.actions, one.amount, share
            row += 1


def _objectives(named: Sequence[tuple[str, ProgrammeBlock]], sheet: Sheet) -> Iterator[Row]:
    row = head_row(sheet) + 1
    for label, block in named:
        amounts = [one.amount for one in block.objectives]
        whole = f"SUM(E${row + 1}:E${row + len(amounts)})"
        for one in block.objectives:
            share = ratio(cell_name(4, row), whole, one.amount, sum(amounts, Decimal(0)))
            yield label, one.code, one.label, one.actions, one.amount, share
            row += 1


@dataclass(slots=True)
class _Synthesis:
    """The first sheet, row after row: each formula names rows already written."""

    sheet: Sheet
    dossiers: Sheet
    lines: Sheet
    qpv: Sheet
    rows: dict[str, int] = field(default_factory=dict)

    def fill(self, summary: Summary, named: Sequence[tuple[str, ProgrammeBlock]]) -> None:
        """Every row."""
        self._totals(summary)
        for label, block in named:
            self._programme(label, block)
        self._past(summary)
        if summary.adopted is not None:
            self._add("Scénario adopté", note=adopted(summary))
        self._add("Empreinte du contenu", note=summary.header.digest)

    def _add(
        self, label: str, number: Cell = None, amount: Cell = None, share: Cell = None, note: str = ""
    ) -> None:
        self.rows[label] = head_row(self.sheet) + 1 + len(self.sheet.rows)
        self.sheet.rows.append((label, number, amount, share, note))

    def _at(self, label: str, column: int) -> str:
        return cell_name(column, self.rows[label])

    def _sum(self, label: str, value: Decimal) -> Cell:
        return Formula(f"SUM({column_range(self.dossiers, label)})", value)

    def _totals(self, summary: Summary) -> None:
        totals, law = summary.totals, summary.totals.ordinary_law
        counted: Cell = totals.dossiers
        if totals.dossiers:
            counted = Formula(f"COUNTA({column_range(self.dossiers, 'Référence')})", totals.dossiers)
        self._add("Dossiers à l’ordre du jour", counted)
        self._add("Dossiers avec un constat bloquant", totals.blocked)
        self._add("Dérogations à une condition locale", totals.overrides)
        self._add("Avis de synthèse défavorables", totals.unfavourable)
        self._add("Avis de partenaires en retard", totals.late_opinions)
        self._add("Coût total des actions", None, self._sum("Coût total", totals.total_cost))
        self._add("Demandé", None, self._sum("Demandé", totals.requested), note="tous financeurs")
        proposed = ratio(
            cell_name(2, self.rows["Demandé"] + 1), self._at("Demandé", 2), totals.proposed, totals.requested
        )
        self._add("Proposé", None, self._sum("Proposé", totals.proposed), proposed, "du montant demandé")
        self._add("dont crédits spécifiques proposés", None, self._specific(totals.specific_proposed))
        self._add(
            "Retenu",
            None,
            self._sum("Retenu", totals.retained),
            note="sous réserve de la décision de chaque financeur",
        )
        self._add("Accordé en N-1", None, totals.granted_last_year, note="quand il est connu")
        obtained = self._sum("Droit commun obtenu", law.obtained)
        self._add("Droit commun obtenu", len(law.obtained_lines), obtained, note="en numéraire")
        self._add("Droit commun en nature", None, law.in_kind, note="valeur déclarée")
        self._add("Droit commun refusé", len(law.declined_lines), note="lignes")
        self._add("Droit commun sans réponse", len(law.unanswered_lines), note="lignes")

    def _specific(self, value: Decimal) -> Cell:
        amounts, natures = (column_range(self.lines, label) for label in ("Proposé", "Nature"))
        return Formula(f'SUMIFS({amounts},{natures},"{wording.NATURES["specifique"]}")', value)

    def _programme(self, label: str, block: ProgrammeBlock) -> None:
        name = f"{label}\u00a0: actions"
        self._add(name, block.actions, block.granted)
        granted = self._at(name, 2)
        if block.cpo:
            self._cpo(label, block.cpo)
        located = sum((one.amount for one in block.qpv), Decimal(0))
        amounts, names = (column_range(self.qpv, column) for column in ("Montant", "Programme"))
        share: Cell = block.qpv_share
        if block.qpv and block.granted:
            inside = f'SUMIFS({amounts},{names},"{label}")'
            share = Formula(f"{inside}/{granted}", block.qpv_share)
        self._add(f"{label}\u00a0: en quartier prioritaire", None, located, share, "des montants")
        name = f"{label}\u00a0: droit commun"
        law = block.ordinary_law or Decimal(0)
        mine = cell_name(2, head_row(self.sheet) + 1 + len(self.sheet.rows))
        self._add(name, None, law, ratio(mine, granted, law, block.granted), "des montants")
        if block.leverage:
            self._leverage(label, block.leverage)
        self._continuity(label, block)

    def _cpo(self, label: str, cpo: CpoBlock) -> None:
        counted = f"{label}\u00a0: comptées pour l’objectif"
        self._add(counted, cpo.actions, cpo.granted)
        row = head_row(self.sheet) + 1 + len(self.sheet.rows)
        of_actions = ratio(cell_name(1, row), self._at(counted, 1), cpo.cpo_actions, cpo.actions)
        of_amounts = ratio(cell_name(2, row + 1), self._at(counted, 2), cpo.cpo_granted, cpo.granted)
        self._add(f"{label}\u00a0: actions en convention", cpo.cpo_actions, None, of_actions)
        self._add(f"{label}\u00a0: montants en convention", None, cpo.cpo_granted, of_amounts)
        note = "actions à convertir"
        self._add(f"{label}\u00a0: objectif de conventions", cpo.missing_actions, None, cpo.target, note)

    def _leverage(self, label: str, leverage: LeverageBlock) -> None:
        specific, others = (
            f"{label}\u00a0: crédits spécifiques de l’État",
            f"{label}\u00a0: autres financeurs",
        )
        self._add(specific, None, leverage.specific)
        self._add(others, None, leverage.others)
        value: Cell = None
        if leverage.ratio is not None:
            value = Formula(f"ROUND({self._at(others, 2)}/{self._at(specific, 2)},2)", leverage.ratio)
        self._add(
            f"{label}\u00a0: effet de levier", None, value, note="pour 1 € de crédits spécifiques de l’État"
        )

    def _continuity(self, label: str, block: ProgrammeBlock) -> None:
        found = block.continuity
        if found:
            self._add(
                f"{label}\u00a0: reconduites", found.continued, note=f"sur {found.previous} en {found.year}"
            )
            self._add(
                f"{label}\u00a0: abandonnées",
                found.dropped,
                found.dropped_granted,
                note=f"montant de {found.year}",
            )
            self._add(f"{label}\u00a0: nouvelles", found.new, found.new_granted, note="instruction comprise")
        if block.poches:
            self._add(f"{label}\u00a0: poches de pauvreté", block.poches.poches, block.poches.contribution)
        for rank, one in enumerate(block.together, start=1):
            name = f"{label}\u00a0: à rapprocher, groupe {rank}"
            self._add(name, len(one.references), one.amount, note=together_sentence(one))

    def _past(self, summary: Summary) -> None:
        past = summary.past_seance
        if past is None:
            return
        label = f"Séance du {wording.day(past.starts_at.astimezone(wording.PARIS).date())}"
        decisions = ", ".join(f"{number} {name}" for name, number in past.decisions)
        self._add(f"{label}\u00a0: dossiers", past.dossiers, note=decisions)
        self._add(f"{label}\u00a0: demandé", None, past.requested)
        self._add(f"{label}\u00a0: proposé", None, past.proposed)
        self._add(f"{label}\u00a0: retenu", None, past.retained)
