# SPDX-License-Identifier: EUPL-1.2
"""Whether a body that receives money is of private law: by its legal form, its place in the contract, its SIREN."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.forms import PRIVATE, PUBLIC
from workflow.models import Organisation
from workflow.territory import OrganisationKind

PUBLIC_KINDS = frozenset(
    {
        OrganisationKind.ETAT.value,
        OrganisationKind.REGION.value,
        OrganisationKind.DEPARTEMENT.value,
        OrganisationKind.EPCI.value,
        OrganisationKind.COMMUNE.value,
        OrganisationKind.ARS.value,
    }
)
# The legal form of a body that the configuration names, when nobody gave it; the State's and others' only tells public law.
FORMS = {
    **dict.fromkeys(PUBLIC_KINDS, "etablissement_public"),
    OrganisationKind.COMMUNE.value: "commune",
    OrganisationKind.EPCI.value: "epci",
    OrganisationKind.BAILLEUR.value: "bailleur",
}
# Communes; their CCAS and establishments: the SIREN tells it when nobody gave the form.
SIREN_FORMS = {"21": "commune", "26": "etablissement_public"}
PUBLIC_SIRENS = tuple(SIREN_FORMS)


def form_of(porteur: Organisation) -> str | None:
    """Its legal form as given, else as its place in the contract or its SIREN tells it; None when nothing does."""
    return porteur.legal_form or FORMS.get(porteur.kind) or SIREN_FORMS.get((porteur.siret or "")[:2])


def is_private(form: str | None, kind: str | None, siren: str | None) -> bool | None:
    """True or False when known; None when the legal form is not, which is neither."""
    if form in PRIVATE:
        return True
    if form in PUBLIC or kind in PUBLIC_KINDS or (siren or "").startswith(PUBLIC_SIRENS):
        return False
    return None


def private_by_siren(db: Session) -> dict[str, bool]:
    """What the known organisations tell of their SIREN. One query."""
    found: dict[str, bool] = {}
    rows = db.execute(
        select(Organisation.siret, Organisation.legal_form, Organisation.kind)
        .where(Organisation.siret.is_not(None))
        .order_by(Organisation.id)
    )
    for siret, form, kind in rows:
        siren = (siret or "")[:9]
        answer = is_private(form, kind, siren)
        if answer is not None:
            found[siren] = found.get(siren, False) or answer
    return found
