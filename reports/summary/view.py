# SPDX-License-Identifier: EUPL-1.2
"""The summary in French words and figures, made once for the writers that people read on a page (HTML and PDF)."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from reports.summary.analysis_view import analysis_sections, glance_blocks
from reports.summary.figures import FindingBlock
from reports.summary.sentences import (
    adopted,
    asked,
    attention,
    glance_title,
    last_year_note,
    listed,
    rule_address,
    said,
    settled_note,
)
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
from reports.summary.tables import NOTHING, money
from rules import wording

View = dict[str, Any]
Row = tuple[
    str, ...
]  # long tables are tuples, unpacked by the writers: ten times fewer look-ups than by name
SEVERITIES = {"blocking": "bloquant", "warning": "alerte", "info": "information"}
OUTCOMES = {"violated": "non respecté", "undetermined": "à établir"}
KINDS = {"attested": "Attesté", "waived": "Levé", "overridden": "Dérogation"}


def present(summary: Summary, base: str | None = None) -> View:
    """Everything a page shows, in order, already written in French.

    `base`: the site's address, before the links to the rules' pages; "" inside the site, None without links.
    """
    return {
        "header": _header(summary.header),
        "glance": glance_title(summary),
        "asked": asked(summary),
        "adopted": adopted(summary),
        "figures": _figures(summary),
        "attention": attention(summary),
        "blocks": glance_blocks(summary),
        "overview": [_overview(block) for block in summary.dossiers],
        "totals": _total_row(summary.totals),
        "dossiers": [_dossier(block, base) for block in summary.dossiers],
        "has_awards": any(line.last_year_source == "awards" for d in summary.dossiers for line in d.lines),
        "sections": analysis_sections(summary, base),
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


def _figures(summary: Summary) -> list[View]:
    totals = summary.totals
    rows = [
        ("Dossiers à l’ordre du jour", wording.number(totals.dossiers), ""),
        ("Coût total des actions", money(totals.total_cost), ""),
        ("Demandé", money(totals.requested), "tous financeurs"),
        ("Proposé", money(totals.proposed), f"dont crédits spécifiques {money(totals.specific_proposed)}"),
        ("Droit commun obtenu", money(totals.ordinary_law.obtained), _in_kind_note(totals)),
        ("Accordé en N-1", money(totals.granted_last_year or None), "quand il est connu"),
    ]
    if totals.retained or summary.header.status == "closed":
        rows[1] = ("Retenu", money(totals.retained), "sous réserve de chaque financeur")
    return [{"label": label, "value": value, "note": note} for label, value, note in rows]


def _in_kind_note(totals: Totals) -> str:
    value = totals.ordinary_law.in_kind
    return f"et {money(value)} en nature" if value else "en numéraire"


def _overview(block: DossierBlock) -> Row:
    """Rank, title, porteur, opinion, alert, then requested, ordinary law, proposed, retained."""
    return (
        str(block.rank),
        block.title,
        f"{block.porteur} · {block.reference}",
        block.synthesis.label if block.synthesis else "sans synthèse",
        _alert(block),
        money(block.requested),
        money(block.ordinary_law.obtained),
        money(block.proposed),
        money(block.retained) if block.retained or block.decision else NOTHING,
    )


def _alert(block: DossierBlock) -> str:
    if block.is_blocked:
        return "bloquant"
    return "alerte" if any(finding.severity == "warning" for finding in block.findings) else ""


def _total_row(totals: Totals) -> Row:
    """Requested, ordinary law, proposed, retained."""
    return (
        money(totals.requested),
        money(totals.ordinary_law.obtained),
        money(totals.proposed),
        money(totals.retained) if totals.retained else NOTHING,
    )


def _dossier(block: DossierBlock, base: str | None) -> View:
    return {
        "anchor": f"dossier-{block.rank}",
        "rank": str(block.rank),
        "title": block.title,
        "head": f"{block.porteur} · {block.reference}",
        "reference": block.reference,
        "summary": block.summary or "",
        "decision": _decision(block),
        "is_blocked": block.is_blocked,
        "about": _about(block),
        "opinions": [_opinion(opinion) for opinion in block.opinions],
        "synthesis": _synthesis(block.synthesis),
        "findings": [_finding(one, base) for one in block.findings if one.severity != "info"],
        "settlements": [_settlement(settlement) for settlement in block.settlements],
        "lines": [_line(line) for line in block.lines],
        "said": _said(block),
        "total": (
            money(block.granted_last_year),
            money(block.requested),
            money(block.proposed),
            money(block.retained) if block.retained or block.decision else NOTHING,
        ),
    }


def _said(block: DossierBlock) -> list[Row]:
    """Short answers, each a label and a sentence: ordinary law, grid, residents, recusals."""
    rows = (
        ("Pour information", " ".join(one.message for one in block.findings if one.severity == "info")),
        ("Droit commun", _ordinary_law(block)),
        ("Critères (moyenne des avis)", _criteria(block)),
        ("Conseil citoyen", block.citizens_opinion or "non consulté"),
        ("Déport", listed([f"{one.person} ({one.organisation}, {one.role})" for one in block.recusals])),
    )
    return [row for row in rows if row[1]]


def _criteria(block: DossierBlock) -> str:
    return listed([f"{one.label} {_mean(one.mean)}/{one.top}" for one in block.criteria])


def _mean(value: Decimal) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def _decision(block: DossierBlock) -> str:
    if block.decision_label is None:
        return ""
    parts = (
        block.decision_label,
        block.decision_reason,
        said("conditions", block.conditions) if block.conditions else None,
    )
    return listed([part for part in parts if part])


def _about(block: DossierBlock) -> list[Row]:
    """What the action is, in few words: the reader has ten minutes for the whole agenda."""
    return [
        ("Quartiers", _names(block.qpv)),
        ("Objectifs", _names(block.objectives)),
        ("Groupe", block.theme or wording.UNKNOWN),
        ("Chef de file", block.lead_instructor or "non désigné"),
        ("Bénéficiaires", _beneficiaries(block)),
        ("Coût", wording.euros(block.total_cost)),
        ("Convention pluriannuelle", _cpo(block)),
    ]


def _names(items: tuple[Named, ...]) -> str:
    named = [f"{one.label} ({one.code})" if one.label != one.code else one.code for one in items]
    return listed(named) or wording.UNKNOWN


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
    """Organisation, value, then what follows: the day and the words, or the day it was awaited; last, "late" or nothing."""
    name = opinion.organisation + (f" (tour {opinion.round})" if opinion.round > 1 else "")
    if opinion.value is not None and opinion.given_at is not None:
        when = f", le {_day(opinion.given_at.astimezone(wording.PARIS).date())}"
        return name, opinion.label, f"{when} – {opinion.text}" if opinion.text else when, ""
    due = f", attendu le {_day(opinion.due_on)}" if opinion.due_on else ""
    noted = f", retard constaté par {opinion.overdue_noted_by}" if opinion.overdue_noted_by else ""
    return name, opinion.label, f"{due}{noted}", "late" if opinion.is_late else ""


@lru_cache(maxsize=2_000)
def _day(on: date | None) -> str:
    return wording.day(on) if on else NOTHING


def _synthesis(synthesis: SynthesisBlock | None) -> View | None:
    if synthesis is None:
        return None
    suggested = [said(item.label, money(item.amount)) for item in synthesis.suggested]
    return {
        "opinion": synthesis.label,
        "strengths": synthesis.strengths,
        "reservations": synthesis.reservations,
        "suggested": listed(suggested),
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
    """Financer, nature, then N-1, requested, proposed, retained, then the state and its note."""
    return (
        line.financer,
        line.nature,
        money(line.granted_last_year) + last_year_note(line),
        money(line.requested),
        money(line.proposed),
        money(line.retained),
        line.state_label,
        _line_note(line),
    )


def _line_note(line: FundingBlock) -> str:
    value = f" ({money(line.in_kind_value)})" if line.in_kind_value is not None else ""
    parts = (
        f"annoncé {money(line.promised)}"
        if line.promised is not None and line.promised != line.proposed
        else "",
        f"{line.in_kind or 'contribution en nature'}{value}" if line.in_kind or value else "",
        line.reason or "",
        f"délibération attendue le {_day(line.expected_on)}" if line.expected_on else "",
    )
    return listed([part for part in parts if part])


def _ordinary_law(block: DossierBlock) -> str:
    law = block.ordinary_law
    rows = (
        ("obtenu", law.obtained_lines, f" ({money(law.obtained)})" if law.obtained else ""),
        ("refusé", law.declined_lines, ""),
        ("non concerné", law.not_concerned_lines, ""),
        ("sans réponse", law.unanswered_lines, ""),
    )
    return listed(
        [f"{said(label, wording.listing(map(_holder, lines)))}{more}" for label, lines, more in rows if lines]
    )


def _holder(line: str) -> str:
    """Under the title « Droit commun », the nature is not said again."""
    return line.removesuffix(" (droit commun)")
