# SPDX-License-Identifier: EUPL-1.2
"""A funding request as a porteur states it, column by column of the request workbook. None: unknown."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

# Columns of RequestValues that are columns of the dossier, under the same name.
DOSSIER_COLUMNS = (
    "title",
    "summary",
    "call",
    "scheme",
    "filed_on",
    "themes",
    "objectives",
    "publics",
    "qpv",
    "poches",
    "beneficiaries_total",
    "beneficiaries_qpv",
    "beneficiaries_poches",
    "starts_on",
    "ends_on",
    "total_cost",
    "own_resources",
    "other_resources",
    "volunteering",
    "cpo",
    "cpo_years",
    "cpo_reason",
    "cpo_indicators",
    "cpo_trajectory",
    "renewal",
    "previous_report",
    "republican_commitment",
    "pieces",
    "dauphin_number",
)
PORTEUR_COLUMNS = (
    "porteur_name",
    "porteur_siret",
    "porteur_rna",
    "porteur_form",
    "porteur_email",
    "porteur_commune",
    "porteur_recognition",
    "economic_activity",
    "de_minimis",
    "is_small_association",
)
KEYED_COLUMNS = ("requests", "references", "charges", "produits")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestValues:
    """One row of the workbook, or one form.

    `requests`: euros by line key; `references`: by financer code; `charges` and `produits`: planned euros by account (`74:caf`
    where one financer's part of an account is detailed).
    """

    reference: str
    year: int
    title: str
    porteur_name: str
    porteur_siret: str | None = None
    porteur_rna: str | None = None
    porteur_form: str | None = None
    porteur_email: str | None = None
    porteur_commune: str | None = None
    porteur_recognition: str | None = None
    economic_activity: bool | None = None
    de_minimis: tuple[Mapping[str, Any], ...] | None = None
    is_small_association: bool | None = None
    dauphin_number: str | None = None
    summary: str | None = None
    call: str | None = None
    scheme: str | None = None
    filed_on: date | None = None
    themes: tuple[str, ...] | None = None
    objectives: tuple[str, ...] | None = None
    publics: tuple[str, ...] | None = None
    qpv: tuple[str, ...] | None = None
    poches: tuple[str, ...] | None = None
    beneficiaries_total: int | None = None
    beneficiaries_qpv: int | None = None
    beneficiaries_poches: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    total_cost: Decimal | None = None
    own_resources: Decimal | None = None
    other_resources: Decimal | None = None
    volunteering: Decimal | None = None
    cpo: bool | None = None
    cpo_years: int | None = None
    cpo_reason: str | None = None
    cpo_indicators: tuple[str, ...] | None = None
    cpo_trajectory: Mapping[str, str] | None = None
    renewal: bool | None = None
    previous_report: str | None = None
    republican_commitment: bool | None = None
    pieces: tuple[str, ...] | None = None
    requests: Mapping[str, Decimal] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    charges: Mapping[str, Decimal] = field(default_factory=dict)
    produits: Mapping[str, Decimal] = field(default_factory=dict)

    def stated(self) -> dict[str, Any]:
        """What is stated, flat, as JSON values: `requests` becomes `request:etat:specifique`…; unknown is absent."""
        flat: dict[str, Any] = {}
        for column in fields(self):
            value = getattr(self, column.name)
            if column.name in KEYED_COLUMNS:
                prefix = column.name.removesuffix("s")
                flat.update((f"{prefix}:{key}", _json(item)) for key, item in sorted(value.items()))
            elif value is not None:
                flat[column.name] = _json(value)
        return flat

    def digest(self) -> str:
        """sha256 of what is stated: the same row read twice has the same digest."""
        return sha256(json.dumps(self.stated(), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
