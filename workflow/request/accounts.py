# SPDX-License-Identifier: EUPL-1.2
"""The accounts of an action's budget as the form CERFA 12156*06 numbers them, and what each counts towards."""

from dataclasses import dataclass

from rules.themes.accounts import RESOURCE, SUBSIDIES, VOLUNTEERING

CHARGE = "charge"
VOLUNTEERING_CHARGES = "86"


@dataclass(frozen=True, slots=True)
class Account:
    """One line of the budget; `group`: the account it details, "" when it stands alone."""

    side: str
    code: str
    label: str
    group: str = ""

    @property
    def key(self) -> str:
        """How forms and requests name it: `charge:60.1`."""
        return f"{self.side}:{self.code}"


GROUPS = {
    "60": "Achats",
    "61": "Services extérieurs",
    "62": "Autres services extérieurs",
    "63": "Impôts et taxes",
    "64": "Charges de personnel",
    "74": "Subventions d’exploitation",
    "75": "Autres produits de gestion courante",
    "86": "Emplois des contributions volontaires en nature",
    "87": "Contributions volontaires en nature",
}
_CHARGES = (
    ("60.1", "Prestations de services", "60"),
    ("60.2", "Matières et fournitures", "60"),
    ("60.3", "Autres fournitures", "60"),
    ("61.1", "Locations", "61"),
    ("61.2", "Entretien et réparation", "61"),
    ("61.3", "Assurance", "61"),
    ("61.4", "Documentation", "61"),
    ("62.1", "Rémunérations d’intermédiaires et honoraires", "62"),
    ("62.2", "Publicité, publication", "62"),
    ("62.3", "Déplacements, missions", "62"),
    ("62.4", "Services bancaires, autres", "62"),
    ("63.1", "Impôts et taxes sur rémunération", "63"),
    ("63.2", "Autres impôts et taxes", "63"),
    ("64.1", "Rémunération des personnels", "64"),
    ("64.2", "Charges sociales", "64"),
    ("64.3", "Autres charges de personnel", "64"),
    ("65", "Autres charges de gestion courante", ""),
    ("66", "Charges financières", ""),
    ("67", "Charges exceptionnelles", ""),
    ("68", "Dotations aux amortissements et provisions", ""),
    ("69", "Impôt sur les bénéfices, participation des salariés", ""),
    ("860", "Secours en nature", "86"),
    ("861", "Mise à disposition gratuite de biens et services", "86"),
    ("862", "Prestations", "86"),
    ("864", "Personnel bénévole", "86"),
)
_RESOURCES = (
    ("70", "Ventes de produits et de prestations", ""),
    ("73", "Dotations et produits de tarification", ""),
    ("74.7", "Fonds européens", "74"),
    ("74.8", "Agence de services et de paiement (emplois aidés)", "74"),
    ("74.9", "Autres établissements publics", "74"),
    ("74.10", "Aides privées, fondations", "74"),
    ("756", "Cotisations", "75"),
    ("758", "Dons manuels, mécénat", "75"),
    ("76", "Produits financiers", ""),
    ("77", "Produits exceptionnels", ""),
    ("78", "Reprises et reports de ressources non utilisées, fonds propres", ""),
    ("79", "Transferts de charges", ""),
    ("870", "Bénévolat", "87"),
    ("871", "Prestations en nature", "87"),
    ("875", "Dons en nature", "87"),
)
ACCOUNTS: tuple[Account, ...] = (
    *(Account(CHARGE, *row) for row in _CHARGES),
    *(Account(RESOURCE, *row) for row in _RESOURCES),
)
LABELS = {account.key: account.label for account in ACCOUNTS}


def is_volunteering(account: str) -> bool:
    """True for accounts 86 and 87: they balance apart, outside the totals."""
    return account.startswith((VOLUNTEERING_CHARGES, VOLUNTEERING))


def is_subsidy(account: str) -> bool:
    """True for account 74 and its details."""
    return account.startswith(SUBSIDIES)


def label_of(side: str, account: str) -> str:
    """The words of an account, those of its main account when its detail is not one of the form's."""
    return (
        LABELS.get(f"{side}:{account}") or GROUPS.get(account[:2]) or LABELS.get(f"{side}:{account[:2]}", "")
    )
