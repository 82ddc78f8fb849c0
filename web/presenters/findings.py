# SPDX-License-Identifier: EUPL-1.2
"""Findings as a page shows them: sentence, figures, source, remedy, grouped by outcome, violated first."""

from collections.abc import Iterable, Mapping
from typing import Any

from rules.catalogue import RULES
from rules.findings import Finding
from rules.render import render
from web.forms import Field, FormView
from workflow.guards.book import GUARDS
from workflow.models import Dossier
from workflow.permissions import Actor
from workflow.settlements import may_settle, open_questions
from workflow.stages import OPEN_STAGES

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
MET = {"satisfied": "remplie", "not_applicable": "sans objet"}
SETTLED = {"attested": "attesté", "waived": "levé"}
KINDS = (("attested", "J’atteste : je le sais et j’en réponds"), ("waived", "Je lève la condition"))


def rendered(finding: Finding, names: Mapping[str, str] | None = None) -> dict[str, object]:
    """The finding in French, with the tone and the word that show its weight."""
    shown = render(finding, BOOK, names)
    outcome, severity = str(shown["outcome"]), str(shown["severity"])
    tone = TONES.get(outcome) or {"blocking": "bad", "warning": "wait"}.get(severity, "quiet")
    if shown["settled"]:
        tone = "quiet"
    weight = SETTLED.get(str(shown["settled"])) or MET.get(outcome) or _weight(finding.rule, severity)
    return shown | {"tone": tone, "weight": weight, "forms": ()}


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
        by_outcome.setdefault(finding.outcome.value, []).append(shown)
    return [
        {"label": label, "open": is_open, "findings": by_outcome[outcome], "outcome": outcome}
        for outcome, label, is_open in GROUPS
        if outcome in by_outcome
    ]


def _settling(finding: Finding, dossier: Dossier, actor: Actor, lines: Mapping[str, str]) -> list[FormView]:
    if dossier.stage not in OPEN_STAGES:
        return []
    questions = [q for q in open_questions(finding) if may_settle(dossier, finding.rule, q, actor)]
    return [_form(finding.rule, question, dossier, lines) for question in questions]


def _form(rule: str, line: str | None, dossier: Dossier, lines: Mapping[str, str]) -> FormView:
    about = f" ({lines.get(line, line)})" if line else ""
    return FormView(
        action=f"/dossiers/{dossier.id}/constats",
        submit=f"Enregistrer{about}",
        version=dossier.version,
        look="secondary",
        fields=(
            Field("rule", "", "hidden", (rule,)),
            Field("line", "", "hidden", (line or "",)),
            Field("kind", f"Ce constat{about}", "choice", ("attested",), required=True, choices=KINDS),
            Field("reason", "Motif", "long", required=True, hint="Journalisé et imprimé dans la synthèse."),
        ),
    )
