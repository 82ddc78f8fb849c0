# SPDX-License-Identifier: EUPL-1.2
"""Findings as people read them: settlements, unknown rules, guards of other floors, names for codes."""

from datetime import UTC, date, datetime
from decimal import Decimal

from rules.cases import TERRITORY, dossier_of
from rules.catalogue import RULES
from rules.engine import evaluate
from rules.findings import Finding, Outcome, Scope, Settlement, Severity
from rules.parameters import Parameters
from rules.render import json_safe, reason_shown, render, show
from rules.rule import Rule
from rules.source import Source

GUARD = Rule(
    id="guard.opinions",
    label="Avis rendus",
    scope=Scope.DOSSIER,
    stage="co_instruction",
    severity=Severity.BLOCKING,
    sources=(Source("reglement_local", "Règle d’organisation"),),
    purpose="Attendre les avis.",
    sentences={"waiting": "Il manque {missing:avis|avis} avant le {due}."},
    remedy={"waiting": "Relancer {late:le partenaire|les partenaires}."},
)


def test_guard_of_another_floor_is_rendered_from_its_own_book() -> None:
    facts: dict[str, object] = {"missing": 2, "due": date(2026, 3, 3), "late": ["caf", "ars"]}
    finding = Finding("guard.opinions", Outcome.VIOLATED, Severity.BLOCKING, facts, "waiting")

    shown = render(finding, {**RULES, GUARD.id: GUARD}, {"caf": "CAF du Nord"})

    assert shown["message"] == "Il manque 2 avis avant le 3\u00a0mars 2026."
    assert shown["remedy"] == "Relancer les partenaires CAF du Nord et ARS."
    assert shown["facts"] == {"missing": 2, "due": "2026-03-03", "late": ["caf", "ars"]}
    assert (shown["rule"], shown["source"], shown["line"]) == (
        "guard.opinions",
        "Règle d’organisation.",
        None,
    )


def test_unknown_rule_still_says_its_outcome() -> None:
    shown = render(Finding("elsewhere", Outcome.UNDETERMINED, Severity.INFO))

    assert (shown["message"], shown["source"], shown["remedy"]) == ("Information manquante.", "", None)


def test_settlement_is_told_with_who_and_why() -> None:
    facts: dict[str, object] = {"settled_by": "Mme Petit", "settled_reason": "association créée hier"}
    finding = Finding(
        "porteur.siret", Outcome.UNDETERMINED, Severity.BLOCKING, facts, "missing", settled=Settlement.WAIVED
    )

    shown = render(finding)

    assert shown["message"] == (
        "Le SIRET du porteur n’est pas renseigné. Levé par Mme Petit\u00a0: association créée hier."
    )
    assert (shown["settled"], shown["blocks"]) == ("waived", False)


def test_lines_carry_their_own_message() -> None:
    dossier = dossier_of(
        {
            "holders_concerned": ["caf:droit_commun"],
            "lines": [{"key": "ars:droit_commun", "state": "firm", "promised": "1500.50"}],
        }
    )
    findings = evaluate(dossier, TERRITORY, Parameters.load().at(date(2026, 3, 1)))
    shown = render(next(one for one in findings if one.rule == "droit_commun.first"))

    facts = shown["facts"]
    assert isinstance(facts, dict)
    assert facts["lines"] == [
        {
            "line": "ars:droit_commun",
            "outcome": "satisfied",
            "message": "Engagement ferme de 1\u202f500,50\u00a0€\u00a0: ARS (droit commun).",
            "settled": None,
            "amount": "1500.50",
        },
        {
            "line": "caf:droit_commun",
            "outcome": "violated",
            "message": "Détenteur concerné qui n’a pas été sollicité\u00a0: CAF (droit commun).",
            "settled": None,
        },
    ]


def test_one_line_concerned_is_named() -> None:
    dossier = dossier_of({"lines": [{"key": "etat:specifique"}]})
    findings = evaluate(dossier, TERRITORY, Parameters.load().at(date(2026, 3, 1)))

    assert render(next(one for one in findings if one.rule == "qpv.majority"))["line"] == "etat:specifique"


def test_values_are_shown_by_type() -> None:
    at = datetime(2026, 3, 3, 13, 30, tzinfo=UTC)
    by_financer = {"commune-aniche": Decimal(5000), "caf": Decimal(2000)}
    shown = [
        show(value) for value in (True, False, None, 0.5, "etat:specifique", ("a", "b"), at, by_financer)
    ]

    assert shown == [
        "oui", "non", "non renseigné", "50\u00a0%", "État (crédits spécifiques)", "a et b",
        "3\u00a0mars 2026 à 14\u00a0h\u00a030",
        "Commune Aniche (5\u202f000\u00a0€) et CAF (2\u202f000\u00a0€)",
    ]  # fmt: skip


def test_values_are_safe_for_json() -> None:
    values = {
        "a": Decimal("1.5"),
        "b": {3: Decimal("0.001")},
        "c": frozenset("ba"),
        "d": object,
        "e": float("inf"),
    }

    safe = json_safe(values)

    assert isinstance(safe, dict)
    assert (safe["a"], safe["b"], safe["c"], safe["e"]) == ("1.50", {"3": "0.001"}, ["a", "b"], None)
    assert isinstance(safe["d"], str)


def test_reason_that_lists_rules_is_told_by_their_labels() -> None:
    label = "Majorité d’habitants des quartiers prioritaires"
    both = f"conditions non remplies\u00a0: {label} et Priorités de l’intercommunalité"

    assert reason_shown("qpv.majority") == f"condition non remplie\u00a0: {label}"
    assert reason_shown("qpv.majority, epci.priorities") == both
    assert reason_shown("Crédits épuisés") == "Crédits épuisés"
    assert reason_shown("qpv.majority, et le reste") == "qpv.majority, et le reste"
