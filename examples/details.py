# SPDX-License-Identifier: EUPL-1.2
"""What the optional columns of the workbook say of each porteur and each action; what is not here stays unknown.

Sound by default for actions 001-060; the exceptions, and what they show, are in README.md.
"""

from dataclasses import dataclass
from decimal import Decimal

from examples.actions import PORTEURS, Action

YEAR = 2026


@dataclass(frozen=True)
class Known:
    """What is known of a porteur: commune of its seat, recognition, economic activity, de minimis aid declared."""

    commune: str
    recognition: str = ""
    economic: str = "non"
    aids: str = ""


KNOWN = {
    "jardins": Known("59390", "aucune"),
    "possibles": Known("59008", "aucune", "oui", "2024-06-14=12000"),
    "ressort": Known("59574", "agrement"),
    "parents": Known("59414", "aucune"),
    "sport": Known("59574", "agrement"),
    "voix": Known("59024", "aucune"),
    "cyber": Known("59390", "aucune"),
    "relais": Known("59456", "aucune"),
    "tremplin": Known("59574", "agrement"),
    "femmes": Known("59008", "utilite_publique"),
    "sante": Known("59574", "agrement"),
    "carreau": Known("59414", "aucune", "oui", "2025-02-20=3500"),
    "recyclerie": Known("59456", "aucune", "oui", "2024-05-13=18000|2025-03-21=24000 sieg"),
    "mediation": Known("59008", "agrement"),
    "lemay": Known("59456", "aucune", ""),
    "mots": Known("59024", "aucune"),
    "fondation": Known("59574", "utilite_publique"),
    "scic": Known("59574", "aucune", "oui", "2024-03-18=180500|2025-05-12=113000"),  # 6 500 € left
    "hopital": Known("59574"),
    "bailleur": Known("59456", "", "oui"),
    "gip": Known("59574"),
    "ccas-pecquencourt": Known("59456"),
    "ccas-aniche": Known("59008"),
    "commune-somain": Known("59574"),
    "commune-aniche": Known("59008"),
    "commune-hornaing": Known("59314"),
    "epci": Known(""),
    "boxe": Known("59574", "aucune"),
    "cle": Known("59314", "aucune"),
    "siren": Known("59456", "aucune"),
    "marionnettes": Known("67482", "aucune"),  # Strasbourg: registered by the court, without an RNA number
    "promeneurs": Known("59390", "aucune"),
}
# Recognised, they are deemed to have taken the republican commitment: their cell stays empty.
COMMITMENT_UNSAID = ("femmes", "fondation", "mediation")

PUBLICS = {
    "demandeurs d’emploi": (1, 2, 4, 8, 57),
    "jeunes": (3, 7, 20, 24, 35, 39, 40, 47, 73),
    "femmes": (4, 6, 17, 36, 41, 59, 64),
    "familles": (9, 22, 26, 37, 38, 44, 49, 54, 55, 68, 71),
    "enfants": (26, 29, 30, 47, 55, 56, 61, 63),
    "adultes": (13, 19, 25, 50),
    "personnes âgées": (58, 62, 92),
    "tout public": (10, 12, 15, 16, 18, 23, 27, 28, 31, 33, 34, 42, 43, 51, 52, 53, 60),
}

FIRST_PIECES = {
    "association": ("cerfa", "statuts", "dirigeants", "rib", "budget", "comptes", "rapport_activite"),
    "public": ("cerfa", "deliberation", "rib"),
    "other": ("cerfa", "immatriculation", "rib", "comptes"),
}
LACKING = {
    34: ("dirigeants", "comptes"),
    63: ("statuts", "rib"),
    87: ("rapport_activite", "compte_rendu_financier"),
}
PIECES_UNSAID = (7, 16, 30, 37, 46, 58, 62, 66, 68, 77, 78, 79, 80, 82, 83, 84)
CERTIFIED = ("ressort", "femmes")  # their accounts are certified by an auditor

INDICATORS = {
    "1": "personnes accompagnées|sorties vers un emploi ou une formation|part d’habitants des quartiers",
    "2": "habitants mobilisés|ateliers tenus|tonnes réemployées ou surfaces plantées",
    "3": "participants réguliers|part d’habitants des quartiers|progrès constatés par les équipes",
    "4": "personnes accueillies|orientations suivies d’effet|présence dans chaque quartier",
}
STARTS_THIS_YEAR = (9, 38)  # renewed, but their convention is new: the one before has ended
TRAJECTORY_UNSAID = (50, 78, 79)
CPO_ODDITIES: dict[int, dict[str, str]] = {
    45: {"cpo_indicateurs": "|"},  # asked for, and none was built
    48: {"cpo_trajectoire": "2026=12500|2028=12500|2029=9000"},  # a year is missing
    50: {"cpo_indicateurs": ""},
    52: {"cpo_trajectoire": "2026=24000|2027=24000"},  # two years of a convention of three
}

DATES = {
    26: ("2026-09-01", "2027-07-04"),  # a school year
    51: ("2026-01-15", "2027-06-30"),  # seventeen months
    67: ("2026-12-15", "2026-01-15"),  # the wrong way round
    83: ("", ""),
}

# Plans by account: what the porteur itself brings, and where a financer's money is not simply at account 74.
OWN_ACCOUNT = {1: "75", 17: "70", 22: "75", 26: "75", 38: "70", 41: "75", 46: "75:departement", 49: "70"}
PLACED: dict[int, dict[str, str]] = {
    22: {"produit:70:departement": "1500"},  # a subsidy among the sales
    26: {"produit:70:caf": "4000"},  # a service payment of the CAF
    38: {"produit:70:caf": "1500", "produit:74:caf": "1000"},
    49: {"produit:74:region": "4000", "produit:70": "4600"},  # 3 000 € are asked of the Région
    65: {"produit:74:etat": "2000", "produit:74": "1000", "produit:75": "2900"},
}


def details_of(action: Action, requests: dict[str, int]) -> dict[str, str]:
    """The optional cells of one action; `requests`: euros by line key."""
    return _porteur(action) | _time(action) | _pieces(action) | _cpo(action) | _plan(action, requests)


def _porteur(action: Action) -> dict[str, str]:
    known = KNOWN.get(action.porteur, Known("", "", ""))
    publics = [public for public, numbers in PUBLICS.items() if action.number in numbers]
    cells = {
        "porteur_commune": known.commune,
        "porteur_reconnaissance": known.recognition,
        "activite_economique": known.economic,
        "aides_de_minimis": known.aids,
        "publics": "|".join(publics),
    }
    return cells | ({"contrat_engagement_republicain": ""} if action.porteur in COMMITMENT_UNSAID else {})


def _time(action: Action) -> dict[str, str]:
    starts, ends = DATES.get(action.number, (f"{YEAR}-01-15", f"{YEAR}-12-15"))
    return {"date_debut": starts, "date_fin": ends}


def _pieces(action: Action) -> dict[str, str]:
    if action.number in PIECES_UNSAID:
        return {}
    form = PORTEURS[action.porteur].form
    public = form in ("commune", "ccas", "epci", "etablissement_public")
    family = "association" if form in ("association", "fondation") else "public" if public else "other"
    codes = [*FIRST_PIECES[family], *(("compte_rendu_financier",) if action.renewal else ())]
    codes += ["comptes_certifies"] if action.porteur in CERTIFIED else []
    return {"pieces": "|".join(code for code in codes if code not in LACKING.get(action.number, ()))}


def _cpo(action: Action) -> dict[str, str]:
    if action.cpo in ("", "non"):
        return {}
    years = int(action.cpo.partition(" ")[0])
    first = YEAR - 1 if action.renewal and action.number not in STARTS_THIS_YEAR else YEAR
    asked = sum(action.requests.values())
    planned = "|".join(f"{year}={asked}" for year in range(first, first + years))
    return {
        "cpo_indicateurs": INDICATORS.get(action.objectives[:1], ""),
        "cpo_trajectoire": "" if action.number in TRAJECTORY_UNSAID else planned,
    } | CPO_ODDITIES.get(action.number, {})


def _plan(action: Action, requests: dict[str, int]) -> dict[str, str]:
    placed = PLACED.get(action.number, {})
    if action.number not in OWN_ACCOUNT:
        return placed
    asked: dict[str, int] = {}
    for key, amount in requests.items():
        financer = key.partition(":")[0]
        asked[financer] = asked.get(financer, 0) + amount
    elsewhere = {header.rpartition(":")[2] for header in placed if header.count(":") > 1}
    cells = {f"produit:74:{f}": str(amount) for f, amount in asked.items() if f not in elsewhere}
    cells[f"produit:{OWN_ACCOUNT[action.number]}"] = str(action.own_resources)
    return cells | placed | _charges(action)


def _charges(action: Action) -> dict[str, str]:
    """Purchases and outside services, the rest in wages."""
    cost = Decimal(action.cost or 0)
    purchases, services = cost * 15 // 100, cost * 20 // 100
    return {
        "charge:60": str(purchases),
        "charge:62": str(services),
        "charge:64": str(cost - purchases - services),
    }
