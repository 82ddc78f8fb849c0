# SPDX-License-Identifier: EUPL-1.2
"""A toy contract: two communes, two QPV, seven financers, five bodies, a grid; and its rows in the database."""

import hashlib
import json
from copy import deepcopy
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import YEAR
from workflow.models import Contract, Credit, Envelope, Organisation
from workflow.territory import CreditSettings, EnvelopeSettings, OrganisationSettings, Territory

VALMONT, RIEUX = "59901", "59902"
QPV_HAUT, QPV_BAS = "QN05901M", "QN05902M"
FINANCERS = ("etat", "region", "departement", "epci", "commune-valmont", "caf")


def _framework() -> list[dict[str, Any]]:
    return [
        {
            "code": "1",
            "label": "Grandir et apprendre",
            "objectives": [
                {
                    "code": "1.1",
                    "label": "Accompagner la scolarité",
                    "operational": [
                        {"code": "1.1.1", "label": "Soutenir les familles"},
                        {"code": "1.1.2", "label": "Prévenir le décrochage"},
                    ],
                }
            ],
        },
        {
            "code": "2",
            "label": "Travailler",
            "objectives": [
                {
                    "code": "2.1",
                    "label": "Lever les freins à l’emploi",
                    "operational": [{"code": "2.1.1", "label": "Faciliter la mobilité"}],
                }
            ],
        },
    ]


MAJORITY = {"nature": "specifique", "condition": "qpv_majority"}
COMMON = {"nature": "droit_commun"}
ORGANISATIONS: list[dict[str, Any]] = [
    {
        "code": "etat",
        "name": "État",
        "kind": "etat",
        "credits": [
            MAJORITY | {"label": "Programme 147"},
            COMMON | {"label": "Emploi et formation", "concerns": ["2.1"]},
        ],
    },
    {
        "code": "region",
        "name": "Région",
        "kind": "region",
        "credits": [
            MAJORITY | {"label": "Politique régionale de la ville"},
            COMMON | {"label": "Formation", "concerns": ["emploi"]},
        ],
    },
    {
        "code": "departement",
        "name": "Département",
        "kind": "departement",
        "credits": [
            COMMON
            | {
                "label": "Enfance et famille",
                "concerns": ["1.1"],
                "condition": "departement_policies",
                "supports": ["1.1"],
            }
        ],
    },
    {
        "code": "epci",
        "name": "Communauté de communes",
        "kind": "epci",
        "credits": [
            {
                "nature": "specifique",
                "label": "Fonds de cohésion",
                "condition": "epci_priorities",
                "supports": ["1.1", "2.1"],
            }
        ],
    },
    {
        "code": "commune-valmont",
        "name": "Ville de Valmont",
        "kind": "commune",
        "commune": VALMONT,
        "credits": [COMMON | {"label": "Budget général", "concerns": ["1.1", "2.1"]}],
    },
    {
        "code": "caf",
        "name": "Caisse d’allocations familiales",
        "kind": "caf",
        "credits": [COMMON | {"label": "Fonds publics et territoires", "concerns": ["education"]}],
    },
    {"code": "conseil-citoyen", "name": "Conseil citoyen", "kind": "conseil_citoyen"},
]


def _bodies() -> list[dict[str, Any]]:
    everyone = list(FINANCERS)
    return [
        {"code": "repartition", "label": "Réunion de répartition", "kind": "dispatch", "members": everyone},
        {
            "code": "groupe-education",
            "label": "Groupe éducation",
            "kind": "thematic",
            "theme": "education",
            "members": ["etat", "departement", "caf"],
        },
        {
            "code": "conference",
            "label": "Conférence des financeurs",
            "kind": "conference",
            "members": everyone,
        },
        {
            "code": "comite",
            "label": "Comité d’engagement",
            "kind": "committee",
            "members": everyone,
            "place": "Salle des fêtes de Valmont",
            "cadence": {"promised_per_year": 12, "per_year_min": 10, "week": 2, "weekday": "tuesday"},
        },
        {"code": "pilotage", "label": "Comité de pilotage", "kind": "steering", "members": everyone},
    ]


def toy_settings() -> dict[str, Any]:
    """The toy contract as `config.yaml` would give it; change a key, then `Territory.model_validate(...)`."""
    return {
        "code": "valmont",
        "label": "Contrat de ville de Valmont 2024-2030",
        "departement": "59",
        "starts_on": "2024-01-01",
        "ends_on": "2030-12-31",
        "pilot": "epci",
        "geography": {
            "communes": [{"insee": VALMONT, "name": "Valmont"}, {"insee": RIEUX, "name": "Rieux"}],
            "qpv": [
                {"code": QPV_HAUT, "label": "Le Haut", "communes": [VALMONT], "population": 3000},
                {"code": QPV_BAS, "label": "Le Bas", "communes": [RIEUX], "population": 1000},
            ],
        },
        "framework": _framework(),
        "themes": [
            {
                "code": "education",
                "label": "Éducation",
                "objectives": ["1.1"],
                "partners": ["departement", "caf"],
            },
            {"code": "emploi", "label": "Emploi", "objectives": ["2.1"], "partners": ["region"]},
        ],
        "criteria": [
            {"code": "besoin", "label": "Réponse à un besoin", "help": "Constaté ?", "scale": list("0123")},
            {
                "code": "familles",
                "label": "Place des familles",
                "scale": ["faible", "forte"],
                "kinds": ["caf"],
            },
            {"code": "sortie", "label": "Sorties", "scale": ["non", "oui"], "themes": ["emploi"]},
        ],
        "calls": [
            {
                "code": "aap-2026",
                "label": "Appel à projets 2026",
                "kind": "annual",
                "year": YEAR,
                "opens_on": "2025-10-01",
                "closes_on": "2026-01-31",
            }
        ],
        "organisations": deepcopy(ORGANISATIONS),
        "envelopes": [
            {"credit": "etat:specifique", "year": YEAR, "status": "notified", "amount": "100000"},
            {"credit": "region:specifique", "year": YEAR, "status": "provisional", "amount": "50000"},
        ],
        "bodies": _bodies(),
    }


def toy_territory(**changes: Any) -> Territory:
    """The toy contract as a value, with top-level keys changed."""
    return Territory.model_validate(toy_settings() | changes)


def make_contract(db: Session, territory: Territory | None = None) -> Contract:
    """The rows of a contract: itself, its organisations (shared, by code), credits and envelopes."""
    territory = territory or toy_territory()
    settings = territory.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    contract = Contract(code=territory.code, label=territory.label, settings=settings, settings_digest=digest)
    known = {row.code: row for row in db.scalars(select(Organisation))}
    rows = {org.code: known.get(org.code) or _organisation(org) for org in territory.organisations}
    db.add_all([contract, *rows.values()])
    db.flush()
    credits = {
        f"{org.code}:{credit.nature}": _credit(contract, rows[org.code], credit, rank)
        for org in territory.organisations
        for rank, credit in enumerate(org.credits)
    }
    db.add_all(credits.values())
    db.add_all(_envelope(credits[envelope.credit], envelope) for envelope in territory.envelopes)
    db.flush()
    return contract


def _organisation(settings: OrganisationSettings) -> Organisation:
    return Organisation(
        code=settings.code,
        name=settings.name,
        name_key=settings.name.lower(),
        kind=settings.kind,
        siret=settings.siret,
        email=settings.email,
        commune=settings.commune,
    )


def _credit(contract: Contract, organisation: Organisation, settings: CreditSettings, rank: int) -> Credit:
    return Credit(
        contract_id=contract.id,
        organisation=organisation,
        code=f"{organisation.code}:{settings.nature}",
        financer=organisation.code,
        nature=settings.nature,
        label=settings.label,
        rank=rank,
    )


def _envelope(credit: Credit, settings: EnvelopeSettings) -> Envelope:
    return Envelope(
        credit=credit,
        year=settings.year,
        held_by=settings.held_by,
        status=settings.status,
        amount=settings.amount,
    )
