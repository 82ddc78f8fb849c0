# SPDX-License-Identifier: EUPL-1.2
"""The summary as six typed sheets, the same for XLSX and ODS."""

from decimal import Decimal

from reports.sheet import Cell, Column, Kind, Sheet
from reports.summary.analysis_view import together
from reports.summary.figures import ProgrammeBlock
from reports.summary.structure import DossierBlock, Named, Summary
from rules import wording

TEXT, EUROS, COUNT, PERCENT, DATE = Kind.TEXT, Kind.EUROS, Kind.COUNT, Kind.PERCENT, Kind.DATE
SEVERITIES = {"blocking": "bloquant", "warning": "alerte", "info": "information"}
OUTCOMES = {"violated": "non respecté", "undetermined": "à établir"}
KINDS = {"attested": "attestation", "waived": "levée", "overridden": "dérogation"}
Rows = list[tuple[Cell, ...]]

SYNTHESIS = (
    Column("Indicateur", width=44),
    Column("Nombre", COUNT, 10),
    Column("Montant", EUROS, 16),
    Column("Part", PERCENT, 9),
    Column("Précision", width=60),
)
DOSSIERS = (
    Column("Référence", width=16),
    Column("Rang", COUNT, 6),
    Column("Exercice", TEXT, 9),
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
    Column("Synthèse", width=22),
    Column("Points forts", width=40),
    Column("Réserves", width=40),
    Column("Conseil citoyen", width=30),
    Column("Déports", width=24),
    Column("Décision", width=14),
    Column("Motif", width=30),
    Column("Conditions", width=30),
)
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
ENVELOPES = (
    Column("Crédit", width=36),
    Column("Exercice", TEXT, 9),
    Column("Statut", width=14),
    Column("Montant", EUROS, 16, total=True),
    Column("Retenu", EUROS, 16, total=True),
    Column("Proposé", EUROS, 16, total=True),
    Column("Proposé en séance", EUROS, 16, total=True),
    Column("Reste", EUROS, 16),
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
    """Synthèse, Dossiers, Lignes de financement, Avis, Enveloppes, Constats."""
    when = wording.moment(summary.header.starts_at)
    title = f"Synthèse d’arbitrage – {summary.header.label}, {when}"
    return [
        Sheet("Synthèse", title, SYNTHESIS, _synthesis(summary), landscape=False),
        Sheet("Dossiers", title, DOSSIERS, [_dossier(block) for block in summary.dossiers]),
        Sheet("Lignes de financement", title, LINES, [row for b in summary.dossiers for row in _lines(b)]),
        Sheet("Avis", title, OPINIONS, [row for b in summary.dossiers for row in _opinions(b)]),
        Sheet("Enveloppes", title, ENVELOPES, _envelopes(summary)),
        Sheet("Constats", title, FINDINGS, [row for b in summary.dossiers for row in _findings(b)]),
    ]


def _synthesis(summary: Summary) -> Rows:
    totals, law = summary.totals, summary.totals.ordinary_law
    rows: Rows = [
        ("Dossiers à l’ordre du jour", totals.dossiers, None, None, ""),
        ("Dossiers avec un constat bloquant", totals.blocked, None, None, ""),
        ("Dérogations à une condition locale", totals.overrides, None, None, ""),
        ("Avis de synthèse défavorables", totals.unfavourable, None, None, ""),
        ("Avis de partenaires en retard", totals.late_opinions, None, None, ""),
        ("Coût total des actions", None, totals.total_cost, None, ""),
        ("Demandé", None, totals.requested, None, "tous financeurs"),
        ("Proposé", None, totals.proposed, None, "tous financeurs"),
        ("dont crédits spécifiques proposés", None, totals.specific_proposed, None, ""),
        ("Retenu", None, totals.retained, None, "sous réserve de la décision de chaque financeur"),
        ("Accordé en N-1", None, totals.granted_last_year, None, "quand il est connu"),
        ("Droit commun obtenu", len(law.obtained_lines), law.obtained, None, "en numéraire"),
        ("Droit commun en nature", None, law.in_kind, None, "valeur déclarée"),
        ("Droit commun refusé", len(law.declined_lines), None, None, "lignes"),
        ("Droit commun sans réponse", len(law.unanswered_lines), None, None, "lignes"),
    ]
    for block in summary.agenda:
        rows.extend(_programme(block, f"Séance {block.year}"))
    for block in summary.programmes:
        rows.extend(_programme(block, f"Programme {block.year}"))
    rows.append(("Empreinte du contenu", None, None, None, summary.header.digest))
    return rows


def _programme(block: ProgrammeBlock, year: str) -> Rows:
    rows: Rows = [(f"{year} : actions", block.actions, block.granted, None, "")]
    if block.cpo:
        cpo = block.cpo
        rows += [
            (f"{year} : part des actions en CPO", cpo.cpo_actions, cpo.cpo_granted, cpo.share_actions, ""),
            (f"{year} : part des montants en CPO", None, None, cpo.share_granted, ""),
            (f"{year} : objectif de CPO", cpo.missing_actions, None, cpo.target, "actions à convertir"),
        ]
    leverage = block.leverage
    rows += [
        (f"{year} : part en quartier prioritaire", None, None, block.qpv_share, "des montants"),
        (f"{year} : droit commun", None, block.ordinary_law, block.ordinary_law_share, ""),
        (f"{year} : effet de levier", None, leverage.ratio if leverage else None, None, "pour 1 € de l’État"),
        *_continuity(block, year),
    ]
    rows += [
        (f"{year} : {qpv.label} ({qpv.code})", qpv.actions, qpv.amount, None, _per_resident(qpv.per_resident))
        for qpv in block.qpv
    ]
    rows += [
        (f"{year} : objectif {item.code}", item.actions, item.amount, None, item.label)
        for item in block.objectives
    ]
    return rows


def _continuity(block: ProgrammeBlock, year: str) -> Rows:
    """The year before, and the actions to bring together."""
    found = block.continuity
    rows: Rows = []
    if found:
        rows += [
            (
                f"{year} : actions reconduites",
                found.continued,
                None,
                None,
                f"sur {found.previous} en {found.year}",
            ),
            (
                f"{year} : actions abandonnées",
                found.dropped,
                found.dropped_granted,
                None,
                f"montant de {found.year}",
            ),
            (f"{year} : actions nouvelles", found.new, found.new_granted, None, "instruction comprise"),
        ]
    rows += [
        (f"{year} : à rapprocher", len(one.references), one.amount, None, together(one))
        for one in block.together
    ]
    return rows


def _per_resident(value: Decimal | None) -> str:
    return "" if value is None else f"{wording.euros(value)} par habitant"


def _dossier(block: DossierBlock) -> tuple[Cell, ...]:
    synthesis = block.synthesis
    return (
        block.reference,
        block.rank,
        str(block.year),
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
        block.requested,
        block.ordinary_law.obtained,
        block.proposed,
        block.retained,
        block.granted_last_year,
        synthesis.label if synthesis else None,
        synthesis.strengths if synthesis else None,
        synthesis.reservations if synthesis else None,
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


def _envelopes(summary: Summary) -> Rows:
    return [
        (
            item.label,
            str(item.year),
            item.status_label,
            item.amount,
            item.retained,
            item.proposed,
            item.seance_proposed,
            item.left,
        )
        for item in summary.envelopes
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
