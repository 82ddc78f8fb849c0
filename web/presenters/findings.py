# SPDX-License-Identifier: EUPL-1.2
"""Findings as a page shows them: sentence, figures, source, remedy, grouped by outcome, violated first."""

from collections.abc import Iterable, Mapping
from typing import Any

from rules.catalogue import RULES
from rules.findings import Finding, Outcome, Settlement
from rules.render import render
from rules.wording import credit
from web.forms import Field, FormView
from workflow.guards.book import GUARDS
from workflow.models import Dossier
from workflow.permissions import Actor
from workflow.settlement_rights import Question, is_open_to_settling, may_settle, open_questions

BOOK = {**RULES, **GUARDS}
GROUPS = (
    ("violated", "Conditions non remplies", True),
    ("undetermined", "Informations manquantes", True),
    ("satisfied", "Conditions remplies", False),
    ("not_applicable", "Sans objet", False),
)
SEVERITIES = {"blocking": "bloquant", "warning": "à surveiller", "info": "pour information"}
STOPS = {"submission": "bloque la recevabilité", "commitment": "bloque l’envoi au comité"}
TONES = {"satisfied": "good", "not_applicable": "quiet", "undetermined": "wait"}
TO_WRITE_ABOUT = frozenset({Outcome.VIOLATED, Outcome.UNDETERMINED})
MET = {"satisfied": "remplie", "not_applicable": "sans objet"}
SETTLED = {"attested": "attesté", "waived": "levé", "overridden": "dérogation"}
KINDS = {
    Settlement.ATTESTED: "J’atteste : je le sais et j’en réponds",
    Settlement.WAIVED: "Je lève la condition",
    Settlement.OVERRIDDEN: "Je déroge à la condition",
}
TITLES = {True: "Déroger à cette condition", False: "Attester ou lever"}
OVERRIDING = "Votre nom, votre organisme et ce motif seront au journal et dans la synthèse remise au comité."


def rendered(finding: Finding, names: Mapping[str, str] | None = None) -> dict[str, object]:
    """The finding in French, with the tone and the word that show its weight."""
    shown = render(finding, BOOK, names)
    outcome, severity = str(shown["outcome"]), str(shown["severity"])
    tone = TONES.get(outcome) or {"blocking": "bad", "warning": "wait"}.get(severity, "quiet")
    if shown["settled"]:
        tone = "quiet"
    weight = SETTLED.get(str(shown["settled"])) or MET.get(outcome) or _weight(finding.rule, severity)
    return shown | {"tone": tone, "weight": weight, "forms": (), "letter": "", "anchor": finding.rule}


def _weight(rule: str, severity: str) -> str:
    """What the finding stops, and when: a condition of the committee does not worry who receives the request."""
    known = BOOK.get(rule)
    if severity != "blocking" or known is None or rule in GUARDS:
        return SEVERITIES.get(severity, severity)
    return "écarte la ligne" if known.stops == "line" else STOPS.get(known.stage, SEVERITIES[severity])


def finding_groups(
    findings: Iterable[Finding],
    dossier: Dossier,
    actor: Actor,
    names: Mapping[str, str],
    lines: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The groups of the dossier page, each finding with the forms that settle it for whoever may."""
    by_outcome: dict[str, list[dict[str, object]]] = {}
    for finding in findings:
        shown = rendered(finding, names)
        shown["forms"] = _settling(finding, dossier, actor, lines)
        if finding.outcome in TO_WRITE_ABOUT:
            shown |= letter(shown, lines)
        by_outcome.setdefault(finding.outcome.value, []).append(shown)
    return [
        {"label": label, "open": is_open, "findings": by_outcome[outcome], "outcome": outcome}
        for outcome, label, is_open in GROUPS
        if outcome in by_outcome
    ]


def letter(shown: Mapping[str, Any], lines: Mapping[str, str]) -> dict[str, object]:
    """The finding as plain text for a letter: sentence, figures with their units, source, remedy."""
    said = [f"{shown['label']} : {shown['message']}"]
    for figure in shown["figures"]:
        line = figure["line"]
        about = f" ({lines.get(line) or credit(line)})" if line else ""
        said.append(f"- {figure['label']}{about} : {figure['text']}")
    said.append(f"Source : {shown['source']}")
    if shown["remedy"] and not shown["settled"]:
        said.append(f"Ce qui est attendu : {shown['remedy']}")
    return {"letter": "\n".join(said), "letter_rows": min(sum(len(line) // 85 + 1 for line in said) + 1, 18)}


def _settling(
    finding: Finding, dossier: Dossier, actor: Actor, lines: Mapping[str, str]
) -> list[tuple[str, FormView]]:
    """For each question this person may settle, in one way or another: the title of its form, and the form."""
    if not is_open_to_settling(dossier, finding.rule):
        return []
    return [
        _form(finding.rule, question, dossier, lines)
        for question in open_questions(finding)
        if may_settle(dossier, finding.rule, question.line, actor, question.kinds[0])
    ]


def _form(rule: str, question: Question, dossier: Dossier, lines: Mapping[str, str]) -> tuple[str, FormView]:
    line, kinds = question.line, question.kinds
    is_override = Settlement.OVERRIDDEN in kinds
    about = f" – {lines.get(line) or credit(line)}" if line else ""
    offered = tuple((str(kind), KINDS[kind]) for kind in kinds)
    kind = (
        Field("kind", "", "hidden", (str(kinds[0]),))
        if is_override
        else Field("kind", "Ce constat", "choice", (str(kinds[0]),), required=True, choices=offered)
    )
    form = FormView(
        action=f"/dossiers/{dossier.id}/constats",
        submit="Enregistrer la dérogation" if is_override else "Enregistrer",
        version=dossier.version,
        look="secondary",
        confirm=OVERRIDING if is_override else "",
        key=f"{rule}-{line or ''}",
        fields=(
            Field("rule", "", "hidden", (rule,)),
            Field("line", "", "hidden", (line or "",)),
            kind,
            Field("reason", "Motif", "long", required=True, hint="Journalisé et imprimé dans la synthèse."),
        ),
    )
    return TITLES[is_override] + about, form


def withdrawal_form(dossier: Dossier, settlement: int) -> FormView:
    """Withdrawing a settlement, with a reason."""
    return FormView(
        action=f"/dossiers/{dossier.id}/constats/retrait",
        submit="Retirer ce règlement",
        version=dossier.version,
        look="danger",
        confirm="La règle répondra de nouveau selon les faits du dossier.",
        key=str(settlement),
        fields=(
            Field("settlement", "", "hidden", (str(settlement),)),
            Field("reason", "Motif du retrait", "long", required=True, hint="Journalisé."),
        ),
    )
