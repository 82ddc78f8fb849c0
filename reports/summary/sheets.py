# SPDX-License-Identifier: EUPL-1.2
"""The summary as typed sheets, the same for XLSX and ODS: what was prepared is typed, what follows from it is a formula."""

from collections.abc import Mapping
from decimal import Decimal

from reports.sheet import Cell, Column, Formula, Kind, Sheet, cell_name, column_range, head_row
from reports.summary.sheets_analysis import analysis_sheets, ratio, sheet_title
from reports.summary.structure import DossierBlock, Named, Summary
from rules import wording

TEXT, EUROS, COUNT, PERCENT, DATE, YEAR = (
    Kind.TEXT,
    Kind.EUROS,
    Kind.COUNT,
    Kind.PERCENT,
    Kind.DATE,
    Kind.YEAR,
)
SEVERITIES = {"blocking": "bloquant", "warning": "alerte", "info": "information"}
OUTCOMES = {"violated": "non respecté", "undetermined": "à établir"}
KINDS = {"attested": "attestation", "waived": "levée", "overridden": "dérogation"}
Rows = list[tuple[Cell, ...]]
SUMMED = ("Demandé", "Proposé", "Retenu", "Accordé N-1")

DOSSIERS = (
    Column("Référence", width=16),
    Column("Rang", COUNT, 6),
    Column("Exercice", YEAR, 9),
    Column("Étape", width=20),
    Column("Porteur", width=32),
    Column("SIRET", width=16),
    Column("Intitulé", width=40),
    Column("Résumé", width=40),
    Column("Quartiers", width=30),
    Column("Objectifs", width=30),
    Column("Groupe thématique", width=22),
    Column("Chef de file", width=20),
    Column("Bénéficiaires", COUNT, 10),
    Column("dont QPV", COUNT, 10),
    Column("CPO", width=6),
    Column("Coût total", EUROS, 15, total=True),
    Column("Demandé", EUROS, 15, total=True),
    Column("Droit commun obtenu", EUROS, 15, total=True),
    Column("Proposé", EUROS, 15, total=True),
    Column("Retenu", EUROS, 15, total=True),
    Column("Accordé N-1", EUROS, 15, total=True),
    Column("Non proposé", EUROS, 15, total=True),
    Column("Part proposée", PERCENT, 10),
    Column("Synthèse", width=22),
    Column("Points forts", width=40),
    Column("Réserves", width=40),
    Column("Critères (moyenne des avis)", width=40),
    Column("Conseil citoyen", width=30),
    Column("Déports", width=24),
    Column("Décision", width=14),
    Column("Motif", width=30),
    Column("Conditions", width=30),
)
LABELS = [column.label for column in DOSSIERS]
LINES = (
    Column("Référence", width=16),
    Column("Porteur", width=32),
    Column("Financeur", width=24),
    Column("Nature", width=18),
    Column("Accordé N-1", EUROS, 15, total=True),
    Column("Source N-1", width=12),
    Column("Demandé", EUROS, 15, total=True),
    Column("Annoncé", EUROS, 15, total=True),
    Column("Proposé", EUROS, 15, total=True),
    Column("Retenu", EUROS, 15, total=True),
    Column("Accordé", EUROS, 15, total=True),
    Column("État", width=20),
    Column("En nature", width=30),
    Column("Valeur en nature", EUROS, 15, total=True),
    Column("Délibération attendue", DATE, 13),
    Column("Motif", width=40),
    Column("Crédit", width=24),
    Column("Exercice", YEAR, 9),
)
OPINIONS = (
    Column("Référence", width=16),
    Column("Partenaire", width=30),
    Column("Tour", COUNT, 6),
    Column("Avis", width=24),
    Column("Rendu le", DATE, 12),
    Column("Attendu le", DATE, 12),
    Column("En retard", width=9),
    Column("Observations", width=60),
)
FINDINGS = (
    Column("Référence", width=16),
    Column("Intitulé", width=40),
    Column("Règle", width=24),
    Column("Gravité", width=12),
    Column("Constat", width=14),
    Column("Ligne", width=28),
    Column("Explication", width=70),
    Column("Pour y remédier", width=50),
    Column("Source", width=40),
    Column("Réglé par", width=24),
)


def summary_sheets(summary: Summary) -> list[Sheet]:
    """Synthèse, Dossiers, Lignes de financement, Avis, Enveloppes, Constats, then the analysis, one sheet each."""
    title = sheet_title(summary)
    lines = Sheet("Lignes de financement", title, LINES, [row for b in summary.dossiers for row in _lines(b)])
    sums = {label: column_range(lines, label) for label in SUMMED}
    references, years = column_range(lines, "Référence"), column_range(lines, "Exercice")
    dossiers = Sheet("Dossiers", title, DOSSIERS)
    first = head_row(dossiers) + 1
    dossiers.rows.extend(
        _dossier(block, rank, sums, (references, years))
        for rank, block in enumerate(summary.dossiers, start=first)
    )
    opinions = Sheet("Avis", title, OPINIONS, [row for b in summary.dossiers for row in _opinions(b)])
    findings = Sheet("Constats", title, FINDINGS, [row for b in summary.dossiers for row in _findings(b)])
    synthesis, envelopes, *analysis = analysis_sheets(summary, dossiers, lines)
    return [synthesis, dossiers, lines, opinions, envelopes, findings, *analysis]


def _dossier(
    block: DossierBlock, row: int, sums: Mapping[str, str], named: tuple[str, str]
) -> tuple[Cell, ...]:
    """Its amounts are summed again from its lines, `named` by reference and year; what is not proposed and its share follow."""
    synthesis, (references, years) = block.synthesis, named
    mine = f"{references},{cell_name(0, row)},{years},{cell_name(LABELS.index('Exercice'), row)}"

    def summed(label: str, value: Decimal | None) -> Cell:
        if value is None:
            return None
        return Formula(f"SUMIFS({sums[label]},{mine})", value)

    requested, proposed = (cell_name(LABELS.index(label), row) for label in ("Demandé", "Proposé"))
    return (
        block.reference,
        block.rank,
        block.year,
        block.stage_label,
        block.porteur,
        block.porteur_siret,
        block.title,
        block.summary,
        _names(block.qpv),
        _names(block.objectives),
        block.theme,
        block.lead_instructor,
        block.beneficiaries_total,
        block.beneficiaries_qpv,
        block.cpo,
        block.total_cost,
        summed("Demandé", block.requested),
        block.ordinary_law.obtained,
        summed("Proposé", block.proposed),
        summed("Retenu", block.retained),
        summed("Accordé N-1", block.granted_last_year),
        Formula(f"{requested}-{proposed}", block.requested - block.proposed),
        ratio(proposed, requested, block.proposed, block.requested),
        synthesis.label if synthesis else None,
        synthesis.strengths if synthesis else None,
        synthesis.reservations if synthesis else None,
        " ; ".join(f"{one.label} {one.mean:f}/{one.top}" for one in block.criteria),
        block.citizens_opinion or "non consulté",
        " ; ".join(f"{item.person} ({item.organisation})" for item in block.recusals),
        block.decision_label,
        block.decision_reason,
        block.conditions,
    )


def _names(items: tuple[Named, ...]) -> str:
    return " ; ".join(f"{item.label} ({item.code})" for item in items)


def _lines(block: DossierBlock) -> Rows:
    sources = {"dossier": "dossier N-1", "awards": "publié", None: None}
    return [
        (
            block.reference,
            block.porteur,
            line.financer,
            line.nature,
            line.granted_last_year,
            sources.get(line.last_year_source),
            line.requested,
            line.promised,
            line.proposed,
            line.retained,
            line.granted,
            line.state_label,
            line.in_kind,
            line.in_kind_value,
            line.expected_on,
            line.reason,
            line.key,
            block.year,
        )
        for line in block.lines
    ]


def _opinions(block: DossierBlock) -> Rows:
    return [
        (
            block.reference,
            opinion.organisation,
            opinion.round,
            opinion.label,
            opinion.given_at.astimezone(wording.PARIS).date() if opinion.given_at else None,
            opinion.due_on,
            opinion.is_late or None,
            opinion.text,
        )
        for opinion in block.opinions
    ]


def _findings(block: DossierBlock) -> Rows:
    rows: Rows = [
        (
            block.reference,
            block.title,
            finding.rule,
            SEVERITIES.get(finding.severity, finding.severity),
            OUTCOMES.get(finding.outcome, finding.outcome),
            finding.line_label,
            finding.message,
            finding.remedy,
            finding.source,
            None,
        )
        for finding in block.findings
    ]
    rows += [
        (
            block.reference,
            block.title,
            settlement.rule,
            None,
            KINDS.get(settlement.kind, settlement.kind),
            settlement.line_label,
            settlement.reason,
            None,
            None,
            settlement.by,
        )
        for settlement in block.settlements
    ]
    return rows
