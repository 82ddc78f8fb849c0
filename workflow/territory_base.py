# SPDX-License-Identifier: EUPL-1.2
"""What every settings model of a contract starts from: the strict base, codes, texts, amounts, and the kinds of organisations."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

CODE_PATTERN = r"^[a-z0-9][a-z0-9_-]*$"
Code = Annotated[str, Field(pattern=CODE_PATTERN, max_length=60)]
Text = Annotated[str, Field(min_length=1, max_length=500)]


def _exact(value: object) -> object:
    """Refuse floats: an amount is written as a whole number or as text, so that no cent is lost."""
    if isinstance(value, float) and value != round(value, 2):
        raise ValueError("montant avec plus de deux décimales")
    return Decimal(str(value)) if isinstance(value, float) else value


Amount = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, decimal_places=2)]


class Strict(BaseModel):
    """Base of every settings model: unknown keys refused, values frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class OrganisationKind(StrEnum):
    """What an organisation of the contract is."""

    ETAT = "etat"
    REGION = "region"
    DEPARTEMENT = "departement"
    EPCI = "epci"
    COMMUNE = "commune"
    CAF = "caf"
    ARS = "ars"
    OPERATEUR = "operateur"
    BAILLEUR = "bailleur"
    CONSEIL_CITOYEN = "conseil_citoyen"
    PORTEUR = "porteur"
