# SPDX-License-Identifier: EUPL-1.2
"""The sample programme: invented porteurs, and one entry per action. `make_examples.py` turns them into files.

Every body is fictitious but the communes, the EPCI and the housing companies that the contract itself names; every
SIRET starts with 999, a range that Sirene does not allot.
"""

from dataclasses import dataclass, field
from decimal import Decimal

ANICHE, AUBERCHICOURT, MASNY, MONTIGNY = "QN05934M", "QN05935M", "QN05936M", "QN05937M"
BARROIS, LEMAY, SOMAIN, HORNAING = "QN05938M", "QN05939M", "QN05940M", "QN05994I"
ALL = f"{ANICHE}|{AUBERCHICOURT}|{MASNY}|{MONTIGNY}|{BARROIS}|{LEMAY}|{SOMAIN}|{HORNAING}"
AMI, ROLLING, RESIDENTS = "ami-2026", "fil-de-l-eau-2026", "initiatives-habitants-2026"

ETAT, ETAT_DC, REGION, DEP = (
    "etat:specifique",
    "etat:droit_commun",
    "region:specifique",
    "departement:droit_commun",
)
EPCI, EPCI_DC, COMMUNE = "epci:specifique", "epci:droit_commun", "commune:droit_commun"
CAF, ARS, CPAM, FT = (
    "caf:droit_commun",
    "ars:droit_commun",
    "cpam:droit_commun",
    "france-travail:droit_commun",
)
ML, EN = "mission-locale:droit_commun", "education-nationale:droit_commun"
MC, SIA = "bailleur-maisons-et-cites:droit_commun", "bailleur-sia:droit_commun"


@dataclass(frozen=True)
class Porteur:
    """A body that files dossiers. `number` makes its SIRET; None: stated nowhere."""

    name: str
    form: str
    number: int | None
    small: bool | None = None
    rna: int | str | None = None  # a number, or as stated when it is wrong on purpose
    email: str | None = None
    siret: str | None = None  # as stated, when it is wrong on purpose


PORTEURS = {
    "jardins": Porteur("Les Jardins de la Fosse Bleue", "association", 1, True, 1, "contact@jardins-fosse-bleue.example"),
    "possibles": Porteur("Atelier des Possibles", "association", 2, False, 2, "contact@atelier-possibles.example"),
    "ressort": Porteur("Ressort Emploi", "association", 3, False, 3, "accueil@ressort-emploi.example"),
    "parents": Porteur("La Passerelle des Parents", "association", 4, True, 4, "bonjour@passerelle-parents.example"),
    "sport": Porteur("Sport et Lien en Ostrevent", "association", 5, False, 5, "bureau@sport-et-lien.example"),
    "voix": Porteur("Voix et Mémoires du Bassin", "association", 6, True, 6, "contact@voix-memoires.example"),
    "cyber": Porteur("Cyber-Terril", "association", 7, False, 7, "equipe@cyber-terril.example"),
    "relais": Porteur("Les Relais de Barrois", "association", 8, True, 8, "contact@relais-barrois.example"),
    "tremplin": Porteur("Tremplin Jeunes", "association", 9, False, 9, "contact@tremplin-jeunes.example"),
    "femmes": Porteur("Femmes en Chemin", "association", 10, False, 10, "accueil@femmes-en-chemin.example"),
    "sante": Porteur("Santé Proche", "association", 11, False, 11, "contact@sante-proche.example"),
    "carreau": Porteur("Compagnie du Carreau", "association", 12, True, 12, "compagnie@carreau.example"),
    "recyclerie": Porteur("Recyclerie des Deux Chevalets", "association", 13, False, 13, "atelier@deux-chevalets.example"),
    "mediation": Porteur("Médiation Plus", "association", 14, False, 14, "contact@mediation-plus.example"),
    "lemay": Porteur("Collectif des Habitants de Lemay", "association", 15, True, 15, "collectif@lemay.example"),
    "mots": Porteur("Le Pas des Mots", "association", 16, True, 16, "contact@pas-des-mots.example"),
    "fondation": Porteur("Fondation Horizons des Terrils", "fondation", 17, None, None, "projets@horizons-terrils.example"),
    "scic": Porteur("SCIC Numérik du Bassin", "entreprise", 18, None, None, "contact@numerik-bassin.example"),
    "hopital": Porteur("Centre hospitalier de la Plaine", "etablissement_public", 19, None, None, "prevention@ch-plaine.example"),
    "bailleur": Porteur("Habitat des Terrils", "bailleur", 20, None, None, None),
    "gip": Porteur("Groupement Réussite Éducative", "autre", 21, None, None, "contact@gip-reussite.example"),
    "ccas-pecquencourt": Porteur("CCAS de Pecquencourt", "ccas", 22, None, None, "ccas@pecquencourt.example"),
    "ccas-aniche": Porteur("CCAS d’Aniche", "ccas", 23, None, None, "ccas@aniche.example"),
    "commune-somain": Porteur("Commune de Somain", "commune", 24, None, None, "ville@somain.example"),
    "commune-aniche": Porteur("Commune d’Aniche", "commune", 25, None, None, "ville@aniche.example"),
    "commune-hornaing": Porteur("Commune d’Hornaing", "commune", 26, None, None, "ville@hornaing.example"),
    "epci": Porteur("Communauté de communes Cœur d’Ostrevent", "epci", 27, None, None, "politique-ville@epci.example"),
    "boxe": Porteur("Boxe Éducative du Carreau", "association", None, True, 28, "boxe@carreau.example"),
    "quartier": Porteur("Quartier en Fête", "association", None, True, None, None),
    "cle": Porteur("Clé de Sol et Compagnie", "association", 30, True, 30, "musique@cle-de-sol.example", "99900003000012"),
    "court": Porteur("Les Amis du Coron", "association", 31, True, "59900031", "amis@coron.example", "9990000"),
    "marionnettes": Porteur("Compagnie des Marionnettes du Rhin", "association", 33, False, None, "tournees@marionnettes-rhin.example"),
    "promeneurs": Porteur("Le Cercle des Promeneurs", "association", 34, True, 34, "cercle@promeneurs.example"),
    "siren": Porteur("Éveil et Couleurs", "association", 32, True, 32, "eveil@couleurs.example", "SIREN"),
}  # fmt: skip


@dataclass(frozen=True)
class Action:
    """One row of the workbook. `own` "" : computed so that the plan balances; None: left empty."""

    number: int
    porteur: str
    title: str
    summary: str
    objectives: str
    qpv: str
    people: tuple[int | None, int | None]  # in all, living in a QPV
    cost: int | None
    requests: dict[str, int]
    own: int | str | None = ""
    other: int | None = 0
    volunteering: int | None = None
    call: str | None = AMI
    cpo: str = ""  # "3 petite": years and reason; "non"; "": unknown
    renewal: bool | None = False
    report: str | None = "sans_objet"
    themes: str = ""
    scheme: str = ""
    commitment: bool | None = True
    extra: dict[str, str] = field(default_factory=dict)  # columns filled as they are

    @property
    def own_resources(self) -> Decimal | None:
        """What the porteur brings: given, unknown, or what balances the plan."""
        if self.own == "":
            assert self.cost is not None
            return Decimal(self.cost - sum(self.requests.values()) - (self.other or 0))
        return None if self.own is None else Decimal(self.own)


def again(**changes: object) -> dict[str, object]:
    """The flags of a renewed action whose report came."""
    return {"renewal": True, "report": "recu", **changes}
