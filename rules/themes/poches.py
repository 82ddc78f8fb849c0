# SPDX-License-Identifier: EUPL-1.2
"""Pockets of poverty (poches) outside QPV: a capped part of the whole département's envelope."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from rules.facts import TerritoryFacts
from rules.findings import NOT_APPLICABLE, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Scope
from rules.money import CENT
from rules.parameters import ParametersOfDay
from rules.poches import PochesFigures
from rules.programme_year import ProgrammeYear
from rules.rule import Formula, Rule
from rules.source import Source
from rules.texts import CIRCULAIRE_2023, CONTRAT

CAP = "poches.cap"


@dataclass(frozen=True, slots=True)
class PochesBalance:
    """This contract's contribution against the cap that is known: notified to it, or the whole département's."""

    figures: PochesFigures
    retained: int  # poches retained by the contract
    share: Decimal | None
    envelope: Decimal | None
    departmental_cap: Decimal | None
    ceiling: Decimal | None

    @property
    def cap(self) -> Decimal | None:
        """The ceiling notified to the contract, else the département's cap."""
        return self.departmental_cap if self.ceiling is None else self.ceiling


def poches_balance(programme: ProgrammeYear, parameters: ParametersOfDay) -> PochesBalance:
    """The figures of `poches.cap`, whether it applies or not."""
    share, envelope = parameters.values["poches.cap_share"], programme.departmental
    amount = None if envelope is None else envelope.amount
    cap = None if share is None or amount is None else (share * amount).quantize(CENT, ROUND_DOWN)
    return PochesBalance(
        programme.poches,
        len(programme.territory.poches),
        share,
        amount,
        cap,
        parameters.values["poches.ceiling"],
    )


def check_cap(programme: ProgrammeYear, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Les crédits spécifiques de l’État pour les poches retenues restent sous leur plafond départemental."""
    balance = poches_balance(programme, parameters)
    figures, cap = balance.figures, balance.cap
    facts: dict[str, object] = {
        "contribution": figures.contribution,
        "actions": figures.actions,
        "unknown": figures.unknown,
        "unknown_actions": figures.unknown_actions,
        "at_most": figures.at_most,
        "share": None if balance.share is None else float(balance.share),
        "envelope": balance.envelope,
        "ceiling": balance.ceiling,
        "cap": cap,
        "part": float(figures.contribution / cap) if cap else None,
    }
    if balance.share is None and balance.ceiling is None:
        return Finding(CAP, NOT_APPLICABLE, WARNING, facts, "not_in_force")
    if not territory.poches:
        return Finding(CAP, NOT_APPLICABLE, WARNING, facts, "no_poche")
    if cap is None:
        return Finding(CAP, UNDETERMINED, WARNING, facts, "cap_missing")
    whose = "departement" if balance.ceiling is None else "ceiling"
    if figures.contribution > cap:
        facts["excess"] = figures.contribution - cap
        return Finding(CAP, VIOLATED, WARNING, facts, f"exceeded_{whose}")
    if figures.at_most > cap:
        return Finding(CAP, UNDETERMINED, WARNING, facts, "share_missing")
    return Finding(CAP, SATISFIED, WARNING, facts, f"within_{whose}")


RULES = (
    Rule(
        id=CAP,
        label="Plafond des poches de pauvreté",
        scope=Scope.PROGRAMME,
        stage="programme",
        severity=WARNING,
        sources=(CIRCULAIRE_2023, Source("contrat", CONTRAT, "rappel de la circulaire du 31 août 2023")),
        purpose=(
            "Suivre ce que le contrat prend sur le plafond départemental des poches de pauvreté hors QPV, que tous les "
            "contrats du département se partagent."
        ),
        parameters=("poches.cap_share", "poches.ceiling"),
        formulas=(
            Formula(
                check_cap,
                "Par action : crédits spécifiques de l’État × habitants des poches ÷ bénéficiaires, la totalité quand "
                "elle ne vise que des poches. Somme ≤ plafond notifié au contrat, à défaut part maximale × enveloppe "
                "départementale.",
            ),
        ),
        sentences={
            "no_poche": "Le contrat n’a retenu aucune poche de pauvreté.",
            "within_ceiling": (
                "Poches de pauvreté : {contribution} de crédits spécifiques de l’État ({at_most} au plus), dans la "
                "limite de {ceiling} notifiée au contrat."
            ),
            "within_departement": (
                "Poches de pauvreté : {contribution} de crédits spécifiques de l’État pour ce contrat ({at_most} au "
                "plus), sur un plafond de {cap} pour tout le département ({share} de {envelope}) que les autres "
                "contrats partagent."
            ),
            "exceeded_ceiling": (
                "Poches de pauvreté : {contribution} de crédits spécifiques de l’État, {excess} au-delà des {ceiling} "
                "notifiés au contrat."
            ),
            "exceeded_departement": (
                "Poches de pauvreté : {contribution} de crédits spécifiques de l’État pour ce seul contrat, {excess} "
                "au-delà du plafond de tout le département, {cap} ({share} de {envelope})."
            ),
            "cap_missing": (
                "Poches de pauvreté : {contribution} de crédits spécifiques de l’État ({at_most} au plus) ; ni "
                "l’enveloppe départementale ni un plafond notifié au contrat ne sont renseignés."
            ),
            "share_missing": (
                "Poches de pauvreté : {contribution} connus et {at_most} au plus, pour un plafond de {cap} ; la part "
                "des poches n’est pas connue pour {unknown_actions:action|actions} ({unknown})."
            ),
        },
        remedy={
            "exceeded_ceiling": "Réduire ces crédits, ou demander au préfet un plafond plus élevé.",
            "exceeded_departement": "Réduire ces crédits, et voir avec le préfet la part des autres contrats.",
            "cap_missing": (
                "Renseigner l’enveloppe départementale (held_by: departement) ou le plafond notifié (poches.ceiling)."
            ),
            "share_missing": "Renseigner les poches visées et le nombre de bénéficiaires qui y habitent.",
        },
    ),
)
