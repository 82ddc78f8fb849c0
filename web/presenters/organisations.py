# SPDX-License-Identifier: EUPL-1.2
"""Organisations: the list, and one with its people and what it asked and received, by financer and by year."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from reports.summary.words import Words, words_of
from web.forms import Field, FormView
from web.paging import pages_of_list
from web.presenters.mandates import mandate_rows
from web.presenters.porteur import FORMS
from web.presenters.request_fields import HINTS as STEP_HINTS
from web.presenters.stages import tone_of
from workflow.contracts import territory_of
from workflow.models import Award, Contract, Organisation
from workflow.organisations import FIELDS, OF_CONFIGURATION, may_correct
from workflow.permissions import Actor
from workflow.queries_organisations import (
    FiledLine,
    OrganisationFilters,
    answered_by,
    awards_of,
    filed_by,
    list_organisations,
    people_of,
)
from workflow.stages import LINE_LABELS, STAGE_LABELS, LineState, Stage
from workflow.territory import Geography, OrganisationKind

PAGE = 100
HINTS = {
    "siret": STEP_HINTS["porteur_siret"],
    "rna": STEP_HINTS["porteur_rna"],
    "commune": "Son nom si elle est du contrat, sinon son code INSEE à cinq chiffres.",
}
AMOUNTS = ("requested", "retained", "granted")
KIND_LABELS = {
    OrganisationKind.ETAT: "État",
    OrganisationKind.REGION: "Région",
    OrganisationKind.DEPARTEMENT: "Département",
    OrganisationKind.EPCI: "intercommunalité",
    OrganisationKind.COMMUNE: "commune",
    OrganisationKind.CAF: "CAF",
    OrganisationKind.ARS: "ARS",
    OrganisationKind.OPERATEUR: "opérateur",
    OrganisationKind.BAILLEUR: "bailleur",
    OrganisationKind.CONSEIL_CITOYEN: "conseil citoyen",
    OrganisationKind.PORTEUR: "porteur",
}


@dataclass(slots=True)
class Sums:
    """What was asked, retained and granted; None when nobody stated any amount."""

    requested: Decimal | None = None
    retained: Decimal | None = None
    granted: Decimal | None = None

    def add(self, line: FiledLine) -> None:
        """Adds what this line states."""
        for name in AMOUNTS:
            amount = getattr(line, name)
            if amount is not None:
                setattr(self, name, (getattr(self, name) or Decimal(0)) + amount)


@dataclass(slots=True)
class FinancerYears:
    """One financer: its sums by year, and over all."""

    label: str
    years: dict[int, Sums] = field(default_factory=dict)
    total: Sums = field(default_factory=Sums)


def organisations_view(
    db: Session, contract: Contract, filters: OrganisationFilters, rank: int
) -> dict[str, Any]:
    """One page of the list."""
    asked = {"q": filters.search, "type": filters.kind}
    rows, total = list_organisations(db, contract, filters, offset=(rank - 1) * PAGE, limit=PAGE)
    shown = [
        {"row": row, "kind": kind_label(row.kind), "form": FORMS.get(row.legal_form or "", "")}
        for row in rows
    ]
    return {
        "rows": shown,
        "total": total,
        "filters": filters,
        "kinds": [(str(kind), label) for kind, label in KIND_LABELS.items()],
        "pages": pages_of_list(rank, total, PAGE, "/organisations", asked),
    }


def kind_label(kind: str) -> str:
    """« intercommunalité »."""
    return KIND_LABELS[OrganisationKind(kind)]


def organisation_view(
    db: Session, contract: Contract, found: Organisation, actor: Actor, on: date
) -> dict[str, Any]:
    """One organisation: identity, people, dossiers by year with amounts by financer, awards."""
    territory = territory_of(contract)
    words, geography = words_of(territory), territory.geography
    lines = filed_by(db, contract, found)
    years = sorted({line.year for line in lines}, reverse=True)
    return {
        "organisation": found,
        "kind": kind_label(found.kind),
        "legal_form": FORMS.get(found.legal_form or "", ""),
        "commune": geography.commune_name(found.commune or ""),
        "people": mandate_rows({contract.id: contract}, people_of(db, contract, found, on), on),
        "years": years,
        "financers": by_financer(lines, words),
        "dossiers": [_year(year, lines, words) for year in years],
        "credits": [{"label": words.line(row.key), "row": row} for row in answered_by(db, contract, found)],
        "awards": [_award(award, words) for award in awards_of(db, contract, found)],
        "correction": _correction(found, geography) if may_correct(actor, contract.id) else None,
    }


def by_financer(lines: Iterable[FiledLine], words: Words) -> list[FinancerYears]:
    """Which financers, which amounts, which years: most asked first, then the sums of all."""
    found: dict[str, FinancerYears] = {}
    everybody = FinancerYears("Tous financeurs")
    for line in lines:
        if line.key is None:
            continue
        code = line.key.partition(":")[0]
        own = found.setdefault(code, FinancerYears(words.financer(code)))
        for row in (own, everybody):
            row.total.add(line)
            row.years.setdefault(line.year, Sums()).add(line)
    rows = sorted(found.values(), key=lambda row: (-(row.total.requested or 0), row.label))
    return [*rows, everybody] if rows else []


def _year(year: int, lines: Sequence[FiledLine], words: Words) -> dict[str, Any]:
    own = [line for line in lines if line.year == year]
    grouped = [list(group) for _, group in groupby(own, key=lambda line: line.dossier_id)]
    return {"year": year, "rows": [_dossier(group, words) for group in grouped]}


def _dossier(lines: Sequence[FiledLine], words: Words) -> dict[str, Any]:
    first = lines[0]
    return {
        "first": first,
        "stage": STAGE_LABELS[Stage(first.stage)],
        "tone": tone_of(first.stage),
        "lines": [
            {"label": words.line(line.key), "state": LINE_LABELS[LineState(line.state)], "line": line}
            for line in lines
            if line.key and line.state
        ],
    }


def _award(award: Award, words: Words) -> dict[str, Any]:
    inside = {True: "du contrat", False: "hors contrat", None: "non classée"}[award.inside]
    return {"award": award, "financer": words.financer(award.financer), "inside": inside}


def _correction(found: Organisation, geography: Geography) -> FormView:
    """What identifies it; a field that the configuration holds is not offered."""
    offered = [
        _field(found, name, geography)
        for name in FIELDS
        if found.code is None or name not in OF_CONFIGURATION or getattr(found, name) is None
    ]
    return FormView(f"/organisations/{found.id}", "Enregistrer", tuple(offered), version=found.version)


def addition(geography: Geography) -> FormView:
    """Adds one: the same fields, empty."""
    empty = Organisation()
    return FormView(
        "/organisations", "Ajouter l’organisation", tuple(_field(empty, name, geography) for name in FIELDS)
    )


def _field(found: Organisation, name: str, geography: Geography) -> Field:
    known = (getattr(found, name) or "",)
    if name == "legal_form":
        forms = (("", "Inconnue"), *FORMS.items())
        return Field(name, FIELDS[name], "choice", known, choices=forms)
    if name == "commune":
        known = (geography.commune_name(*known),)
    return Field(name, FIELDS[name], values=known, required=name == "name", hint=HINTS.get(name, ""))
