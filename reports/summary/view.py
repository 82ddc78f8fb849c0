# SPDX-License-Identifier: EUPL-1.2
"""The summary in French words and figures, made once for the writers that people read on a page (HTML and PDF)."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from reports.summary.analysis_view import analysis
from reports.summary.figures import FindingBlock
from reports.summary.sentences import asked, attention, last_year_note, rule_address, settled_note
from reports.summary.structure import (
    DossierBlock,
    FundingBlock,
    Header,
    Named,
    OpinionBlock,
    SettlementBlock,
    Summary,
    SynthesisBlock,
    Totals,
)
from rules import wording

View = dict[str, Any]
Row = tuple[
    str, ...
]  # long tables are tuples, unpacked by the writers: ten times fewer look-ups than by name
NOTHING = "—"
SEVERITIES = {"blocking": "bloquant", "warning": "alerte", "info": "information"}
OUTCOMES = {"violated": "non respecté", "undetermined": "à établir"}
KINDS = {"attested": "Attesté", "waived": "Levé", "overridden": "Dérogation"}


@lru_cache(maxsize=20_000)
def amount(value: Decimal | None) -> str:
    """An amount in a table cell: a dash when unknown."""
    return NOTHING if value is None else wording.euros(value)


def present(summary: Summary, base: str | None = None) -> View:
    """Everything a page shows, in order, already written in French.

    `base`: the site's address, before the links to the rules' pages; "" inside the site, None without links.
    """
    return {
        "header": _header(summary.header),
        "asked": asked(summary),
        "figures": _figures(summary.totals),
        "attention": attention(summary.totals),
        "overview": [_overview(block) for block in summary.dossiers],
        "totals": _total_row(summary.totals),
        "dossiers": [_dossier(block, base) for block in summary.dossiers],
        **analysis(summary, base),
    }


def _header(header: Header) -> View:
    return {
        "title": "Synthèse d’arbitrage",
        "contract": header.contract,
        "body": header.body,
        "label": header.label,
        "when": wording.moment(header.starts_at),
        "place": header.place or "lieu non précisé",
        "status": header.status_label,
        "prepared": wording.moment(header.prepared_at),
        "years": wording.listing(str(year) for year in header.years),
        "digest": header.digest,
        "short_digest": header.digest[:12],
    }


def _figures(totals: Totals) -> list[View]:
    rows = [
        ("Dossiers à l’ordre du jour", str(totals.dossiers), ""),
        ("Coût total des actions", amount(totals.total_cost), ""),
        ("Demandé", amount(totals.requested), "tous financeurs"),
        ("Proposé", amount(totals.proposed), f"dont crédits spécifiques {amount(totals.specific_proposed)}"),
        ("Droit commun obtenu", amount(totals.ordinary_law.obtained), _in_kind_note(totals)),
        ("Accordé en N-1", amount(totals.granted_last_year), "quand il est connu"),
    ]
    if totals.retained:
        rows.insert(4, ("Retenu en séance", amount(totals.retained), ""))
    return [{"label": label, "value": value, "note": note} for label, value, note in rows]


def _in_kind_note(totals: Totals) -> str:
    value = totals.ordinary_law.in_kind
    return f"et {amount(value)} en nature" if value else "en numéraire"


def _overview(block: DossierBlock) -> Row:
    """Rank, title, porteur, opinion, alert, then requested, ordinary law, proposed, retained."""
    return (
        str(block.rank),
        block.title,
        f"{block.porteur} · {block.reference}",
        block.synthesis.label if block.synthesis else "sans synthèse",
        _alert(block),
        amount(block.requested),
        amount(block.ordinary_law.obtained),
        amount(block.proposed),
        amount(block.retained) if block.retained or block.decision else NOTHING,
    )


def _alert(block: DossierBlock) -> str:
    if block.is_blocked:
        return "bloquant"
    return "alerte" if any(finding.severity == "warning" for finding in block.findings) else ""


def _total_row(totals: Totals) -> View:
    return {
        "requested": amount(totals.requested),
        "ordinary_law": amount(totals.ordinary_law.obtained),
        "proposed": amount(totals.proposed),
        "retained": amount(totals.retained) if totals.retained else NOTHING,
        "granted_last_year": amount(totals.granted_last_year),
    }


def _dossier(block: DossierBlock, base: str | None) -> View:
    return {
        "anchor": f"dossier-{block.rank}",
        "rank": str(block.rank),
        "reference": block.reference,
        "porteur": block.porteur,
        "title": block.title,
        "summary": block.summary or "",
        "decision": _decision(block),
        "is_blocked": block.is_blocked,
        "about": _about(block),
        "opinions": [_opinion(opinion) for opinion in block.opinions],
        "citizens": block.citizens_opinion or "non consulté",
        "synthesis": _synthesis(block.synthesis),
        "findings": [_finding(finding, base) for finding in block.findings],
        "settlements": [_settlement(settlement) for settlement in block.settlements],
        "lines": [_line(line) for line in block.lines],
        "ordinary_law": _ordinary_law(block),
        "recusals": [f"{item.person} ({item.organisation}, {item.role})" for item in block.recusals],
        "total": {
            "requested": amount(block.requested),
            "proposed": amount(block.proposed),
            "retained": amount(block.retained) if block.retained or block.decision else NOTHING,
            "granted_last_year": amount(block.granted_last_year),
        },
    }


def _decision(block: DossierBlock) -> str:
    if block.decision_label is None:
        return ""
    parts = (
        block.decision_label,
        block.decision_reason,
        block.conditions and f"conditions : {block.conditions}",
    )
    return " ; ".join(part for part in parts if part)


def _about(block: DossierBlock) -> list[Row]:
    return [
        ("Quartiers", _names(block.qpv)),
        ("Objectifs", _names(block.objectives)),
        ("Groupe thématique", block.theme or wording.UNKNOWN),
        ("Instructeur chef de file", block.lead_instructor or "non désigné"),
        ("Bénéficiaires", _beneficiaries(block)),
        ("Coût total", wording.euros(block.total_cost)),
        ("Convention pluriannuelle", _cpo(block)),
        ("Étape", block.stage_label),
    ]


def _names(items: tuple[Named, ...]) -> str:
    return " ; ".join(f"{item.label} ({item.code})" for item in items) or wording.UNKNOWN


def _beneficiaries(block: DossierBlock) -> str:
    if block.beneficiaries_total is None:
        return wording.UNKNOWN
    inside = wording.UNKNOWN if block.beneficiaries_qpv is None else wording.number(block.beneficiaries_qpv)
    return f"{wording.number(block.beneficiaries_total)}, dont {inside} en quartier prioritaire"


def _cpo(block: DossierBlock) -> str:
    if block.cpo is None:
        return wording.UNKNOWN
    years = f", {block.cpo_years} ans" if block.cpo_years else ""
    return f"oui{years}" if block.cpo else "non"


def _opinion(opinion: OpinionBlock) -> Row:
    """Organisation, value, day, text, then "late" or nothing."""
    name = opinion.organisation + (f" (tour {opinion.round})" if opinion.round > 1 else "")
    if opinion.value is not None and opinion.given_at is not None:
        when = _day(opinion.given_at.astimezone(wording.PARIS).date())
        return name, opinion.label, when, opinion.text or "", ""
    due = f"attendu le {_day(opinion.due_on)}" if opinion.due_on else ""
    noted = f", retard constaté par {opinion.overdue_noted_by}" if opinion.overdue_noted_by else ""
    return name, opinion.label, NOTHING, f"{due}{noted}", "late" if opinion.is_late else ""


@lru_cache(maxsize=2_000)
def _day(on: date | None) -> str:
    return wording.day(on) if on else NOTHING


def _synthesis(synthesis: SynthesisBlock | None) -> View | None:
    if synthesis is None:
        return None
    suggested = [f"{item.label} : {amount(item.amount)}" for item in synthesis.suggested]
    return {
        "opinion": synthesis.label,
        "strengths": synthesis.strengths,
        "reservations": synthesis.reservations,
        "suggested": " ; ".join(suggested),
    }


def _finding(finding: FindingBlock, base: str | None) -> View:
    return {
        "severity": SEVERITIES.get(finding.severity, finding.severity),
        "kind": finding.severity,
        "outcome": OUTCOMES.get(finding.outcome, finding.outcome) + settled_note(finding),
        "message": finding.message,
        "remedy": "" if finding.settled else finding.remedy,
        "line": finding.line_label or "",
        "page": rule_address(finding.rule, base),
    }


def _settlement(settlement: SettlementBlock) -> View:
    kind = KINDS.get(settlement.kind, settlement.kind)
    where = f", {settlement.line_label}" if settlement.line_label else ""
    on = _day(settlement.at.astimezone(wording.PARIS).date())
    return {
        "what": f"{settlement.rule_label}{where}",
        "kind": kind,
        "who": f"{settlement.by}, {on}",
        "why": settlement.reason,
    }


def _line(line: FundingBlock) -> Row:
    """Financer, nature, N-1, requested, proposed, retained, state, note."""
    return (
        line.financer,
        line.nature,
        amount(line.granted_last_year) + last_year_note(line),
        amount(line.requested),
        amount(line.proposed),
        amount(line.retained),
        line.state_label,
        _line_note(line),
    )


def _line_note(line: FundingBlock) -> str:
    value = f" ({amount(line.in_kind_value)})" if line.in_kind_value is not None else ""
    parts = (
        f"annoncé {amount(line.promised)}"
        if line.promised is not None and line.promised != line.proposed
        else "",
        f"{line.in_kind or 'contribution en nature'}{value}" if line.in_kind or value else "",
        line.reason or "",
        f"délibération attendue le {_day(line.expected_on)}" if line.expected_on else "",
    )
    return " ; ".join(part for part in parts if part)


def _ordinary_law(block: DossierBlock) -> list[View]:
    law = block.ordinary_law
    rows = (
        ("obtenu", law.obtained_lines, amount(law.obtained) if law.obtained else ""),
        ("refusé", law.declined_lines, ""),
        ("non concerné", law.not_concerned_lines, ""),
        ("sans réponse", law.unanswered_lines, ""),
    )
    return [
        {"label": label, "who": wording.listing(lines), "amount": total}
        for label, lines, total in rows
        if lines
    ]
