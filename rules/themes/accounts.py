# SPDX-License-Identifier: EUPL-1.2
"""The plan of financing by account: what is asked matches it, each account on its side, each financer counted once."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from decimal import Decimal

from rules.details import AccountFacts
from rules.facts import DossierFacts, TerritoryFacts
from rules.findings import INFO, NOT_APPLICABLE, SATISFIED, UNDETERMINED, VIOLATED, WARNING, Finding, Scope
from rules.money import ZERO
from rules.parameters import ParametersOfDay
from rules.rule import Formula, Rule
from rules.source import Source

MATCH = "funding.requests_match"
ACCOUNTS = "funding.accounts"
TWICE = "funding.double_counting"
OWN_SHARE = "funding.own_share"
RESOURCE = "produit"
SUBSIDIES, SERVICES, VOLUNTEERING = "74", "70", "87"
SIDES = {
    "charge": (*(str(number) for number in range(60, 70)), "86"),
    RESOURCE: (*(str(n) for n in range(70, 80)), "87"),
}
CERFA = Source(
    "formulaire",
    "Formulaire Cerfa 12156*06",
    "budget de l’action, comptes 60 à 69, 70 à 79, 86 et 87",
    reading="secondaire",
)


def check_requests_match(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Les demandes à chaque financeur se retrouvent dans les produits du plan, au compte 74 ou au compte 70."""
    resources = [one for one in dossier.accounts if _counts(one)]
    if not resources:
        return Finding(MATCH, NOT_APPLICABLE, WARNING, {}, "no_detail")
    planned = _by_payer([one for one in resources if _is_subsidy(one)])
    asked = _asked(dossier, planned.keys())
    differing = sorted(p for p in planned if p and planned[p] != asked.get(p, ZERO))
    total_asked, total_planned = sum(asked.values(), ZERO), sum(planned.values(), ZERO)
    facts: dict[str, object] = {"requests": total_asked, "planned": total_planned, "financers": differing}
    if differing:
        facts["planned_for"] = {p: planned[p] for p in differing}
        facts["requested_for"] = {p: asked.get(p, ZERO) for p in differing}
        return Finding(MATCH, VIOLATED, WARNING, facts, "differing")
    if total_planned < total_asked:
        facts["gap"] = total_asked - total_planned
        return Finding(MATCH, VIOLATED, WARNING, facts, "below")
    beyond = total_planned - total_asked
    facts["gap"], facts["other"] = beyond, dossier.other_resources
    if beyond and dossier.other_resources is None:
        return Finding(MATCH, UNDETERMINED, WARNING, facts, "other_missing")
    if beyond > (dossier.other_resources or ZERO):
        return Finding(MATCH, VIOLATED, WARNING, facts, "above")
    return Finding(MATCH, SATISFIED, WARNING, facts, "others_included" if beyond else "equal")


def _counts(one: AccountFacts) -> bool:
    """True for a resource inside the totals: volunteering (account 87) balances apart."""
    return one.side == RESOURCE and not one.account.startswith(VOLUNTEERING)


def _is_subsidy(one: AccountFacts) -> bool:
    return one.account.startswith(SUBSIDIES) or (bool(one.payer) and one.account.startswith(SERVICES))


def _asked(dossier: DossierFacts, planned: Collection[str]) -> dict[str, Decimal]:
    """What was asked of each financer, whatever it answered since: the plan compared is the one requested.

    The porteur's own share is no subsidy, unless its plan puts it among them.
    """
    asked: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in dossier.lines:
        if line.requested is not None and (not line.is_own_share or line.financer in planned):
            asked[line.financer] += line.requested
    return asked


def _by_payer(accounts: list[AccountFacts]) -> dict[str, Decimal]:
    """Euros by financer; under "" what no financer is named for."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in accounts:
        found[one.payer or ""] += one.amount
    return found


def check_accounts(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Chaque compte du plan est de son côté, et seule une prestation de service figure au compte 70."""
    if not dossier.accounts:
        return Finding(ACCOUNTS, NOT_APPLICABLE, WARNING, {}, "no_detail")
    strange = sorted({_named(one) for one in dossier.accounts if not _on_its_side(one)})
    if strange:
        return Finding(ACCOUNTS, VIOLATED, WARNING, {"accounts": strange}, "unknown_accounts")
    allowed = parameters.lists["funding.service_payers"] or ()
    misplaced = sorted(
        {
            one.payer
            for one in dossier.accounts
            if one.payer and one.account.startswith(SERVICES) and one.payer not in allowed
        }
    )
    if misplaced:
        return Finding(ACCOUNTS, VIOLATED, WARNING, {"financers": misplaced}, "subsidy_in_70")
    facts: dict[str, object] = {"count": len(dossier.accounts)}
    return Finding(ACCOUNTS, SATISFIED, WARNING, facts, "sound")


def _on_its_side(one: AccountFacts) -> bool:
    return one.account.startswith(SIDES.get(one.side, ()))


def _named(one: AccountFacts) -> str:
    return f"{one.account} ({'charges' if one.side == 'charge' else 'produits'})"


def check_double_counting(
    dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay
) -> Finding:
    """Aucun financeur n’est compté deux fois dans les ressources de l’action."""
    own = sorted(
        {line.financer for line in dossier.lines if line.is_own_share and (line.requested or ZERO) > 0}
    )
    payers = dict(_main_accounts(dossier))
    if not own and not payers:
        return Finding(TWICE, NOT_APPLICABLE, WARNING, {}, "no_detail")
    several = sorted(payer for payer, accounts in payers.items() if len(accounts) > 1)
    services = parameters.lists["funding.service_payers"] or ()
    both = [payer for payer in several if payer in services and payers[payer] == {SERVICES, SUBSIDIES}]
    twice = [payer for payer in several if payer not in both]
    if twice:
        facts: dict[str, object] = {
            "financers": twice,
            "accounts": sorted(set().union(*(payers[p] for p in twice))),
        }
        return Finding(TWICE, VIOLATED, WARNING, facts, "two_accounts")
    if own and (dossier.own_resources is None or dossier.own_resources > 0):
        amount = sum((line.requested or ZERO for line in dossier.lines if line.is_own_share), ZERO)
        facts = {"financers": own, "requested": amount, "own": dossier.own_resources}
        return Finding(TWICE, UNDETERMINED, WARNING, facts, "own_share")
    facts = {"financers": both}
    return Finding(TWICE, SATISFIED, WARNING, facts, "once_and_service" if both else "once")


def _main_accounts(dossier: DossierFacts) -> Iterator[tuple[str, set[str]]]:
    """Each financer named in the resources, volunteering apart, with the main accounts that hold its money."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in dossier.accounts:
        if one.payer and _counts(one) and one.amount > 0:
            found[one.payer].add(one.account[:2])
    yield from found.items()


def check_own_share(dossier: DossierFacts, territory: TerritoryFacts, parameters: ParametersOfDay) -> Finding:
    """Part des ressources propres dans le coût de l’action."""
    cost, own = dossier.total_cost, dossier.own_resources
    least = parameters.values["funding.own_share_min"]
    facts: dict[str, object] = {"cost": cost, "own": own, "least": None if least is None else float(least)}
    if cost is None or own is None:
        return Finding(OWN_SHARE, UNDETERMINED, INFO, facts, "missing")
    if cost <= 0 or not 0 <= own <= cost:
        return Finding(OWN_SHARE, UNDETERMINED, INFO, facts, "contradictory")
    facts["share"] = float(own / cost)
    if least is None:
        return Finding(OWN_SHARE, SATISFIED, INFO, facts, "shown")
    facts["expected"] = least * cost
    if own >= least * cost:
        return Finding(OWN_SHARE, SATISFIED, WARNING, facts, "enough")
    return Finding(OWN_SHARE, VIOLATED, WARNING, facts, "below")


NO_DETAIL = "Le plan de financement n’est pas détaillé par compte."

RULES = (
    Rule(
        id=MATCH,
        label="Demandes et plan de financement",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=WARNING,
        sources=(CERFA,),
        purpose="Repérer une demande absente du plan, ou une subvention du plan que personne n’a demandée.",
        formulas=(
            Formula(
                check_requests_match,
                "Par financeur nommé au plan : produits des comptes 74 et 70 = somme demandée. En tout : subventions du plan "
                "− demandes, entre zéro et les autres ressources.",
            ),
        ),
        sentences={
            "no_detail": "Le plan de financement ne détaille pas ses ressources par compte.",
            "equal": "Les demandes ({requests}) se retrouvent exactement dans les subventions du plan.",
            "others_included": (
                "Les demandes ({requests}) se retrouvent dans les subventions du plan ({planned}) ; le reste, {gap}, vient "
                "des autres ressources."
            ),
            "differing": (
                "Le plan et les demandes diffèrent. Au plan : {planned_for}. Dans les demandes : {requested_for}."
            ),
            "below": "Le plan porte {planned} de subventions pour {requests} demandés : il manque {gap}.",
            "above": (
                "Le plan porte {planned} de subventions pour {requests} demandés ; les autres ressources ({other}) "
                "n’expliquent pas l’écart de {gap}."
            ),
            "other_missing": (
                "Le plan porte {planned} de subventions pour {requests} demandés ; les autres ressources, qui "
                "expliqueraient l’écart de {gap}, ne sont pas renseignées."
            ),
        },
        remedy={
            "differing": "Faire corriger le plan ou la demande par le porteur.",
            "below": "Faire corriger le plan ou les demandes par le porteur.",
            "above": "Demander au porteur quel financeur apporte la différence.",
            "other_missing": "Demander au porteur ses autres ressources, zéro compris.",
        },
    ),
    Rule(
        id=ACCOUNTS,
        label="Comptes du plan de financement",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=WARNING,
        sources=(CERFA,),
        purpose="Lire le plan sans erreur de compte ; une subvention va au compte 74, une prestation de service au 70.",
        parameters=("funding.service_payers",),
        formulas=(
            Formula(
                check_accounts,
                "Charges aux comptes 60 à 69 et 86, produits aux comptes 70 à 79 et 87 ; au compte 70, seuls les "
                "financeurs qui paient une prestation de service.",
            ),
        ),
        sentences={
            "no_detail": NO_DETAIL,
            "sound": "Le plan est détaillé sur {count:compte|comptes}, chacun de son côté.",
            "unknown_accounts": "Le plan porte {accounts:un compte inconnu ou mal placé :|des comptes inconnus ou mal placés :}.",
            "subsidy_in_70": (
                "Une subvention va au compte 74, mais le compte 70 (prestations de service) porte la participation de "
                "{financers:ce financeur :|ces financeurs :}."
            ),
        },
        remedy={
            "unknown_accounts": "Faire corriger les comptes par le porteur.",
            "subsidy_in_70": "Faire déplacer la participation au compte 74, ou confirmer auprès du financeur la prestation de service.",
        },
    ),
    Rule(
        id=TWICE,
        label="Financeurs comptés une fois",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=WARNING,
        sources=(CERFA,),
        purpose="Éviter qu’une même participation équilibre deux fois le plan.",
        parameters=("funding.service_payers",),
        formulas=(
            Formula(
                check_double_counting,
                "Un financeur nommé figure sous un seul compte principal (deux, 70 et 74, s’il paie aussi une prestation de "
                "service) ; un porteur qui est lui-même financeur compte sa part en demande ou en ressources propres, pas "
                "dans les deux.",
            ),
        ),
        sentences={
            "no_detail": "Le plan ne nomme aucun financeur : il n’y a rien à rapprocher.",
            "once": "Chaque financeur est compté une seule fois.",
            "once_and_service": (
                "Chaque financeur est compté une seule fois ; une prestation de service (compte 70) s’ajoute à la subvention "
                "(compte 74) pour {financers:ce financeur :|ces financeurs :}."
            ),
            "two_accounts": (
                "Plusieurs comptes ({accounts}) portent une participation {financers:du même financeur :|des mêmes financeurs :}."
            ),
            "own_share": (
                "Le porteur est lui-même financeur : il se demande {requested} ; ses ressources propres ({own}) comprennent "
                "peut-être la même somme."
            ),
        },
        remedy={
            "two_accounts": "Demander au porteur s’il s’agit de deux participations ou d’une seule.",
            "own_share": "Demander au porteur si les deux sommes s’ajoutent, ou s’il n’y en a qu’une.",
        },
    ),
    Rule(
        id=OWN_SHARE,
        label="Part de ressources propres",
        scope=Scope.DOSSIER,
        stage="submission",
        severity=INFO,
        sources=(
            Source(
                "choix_du_produit", "Indicateur montré aux financeurs : aucun texte ne fixe de part minimale"
            ),
            Source("reglement_local", "Part minimale, quand le contrat en choisit une"),
        ),
        purpose="Montrer ce que le porteur apporte lui-même.",
        parameters=("funding.own_share_min",),
        formulas=(Formula(check_own_share, "Ressources propres ÷ coût de l’action, hors bénévolat."),),
        sentences={
            "shown": "Ressources propres : {own} sur {cost} ({share}).",
            "enough": "Ressources propres : {own} sur {cost} ({share}) ; le contrat en attend au moins {least}.",
            "below": "Ressources propres : {own} sur {cost} ({share}), alors que le contrat en attend au moins {least}, soit {expected}.",
            "missing": "La part de ressources propres est inconnue (ressources propres : {own} ; coût de l’action : {cost}).",
            "contradictory": "Les ressources propres ({own}) et le coût de l’action ({cost}) ne s’accordent pas.",
        },
        remedy={
            "below": "En tenir compte dans l’avis, ou demander au porteur de réviser son plan.",
            "missing": "Demander au porteur son plan de financement.",
            "contradictory": "Faire corriger le plan par le porteur.",
        },
    ),
)
