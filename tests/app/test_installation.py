# SPDX-License-Identifier: EUPL-1.2
"""`init` creates, follows the configuration, closes what disappeared, and refuses to close what is used."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bootstrap import Application
from app.installation import Change, Installation, install, load_contracts
from tests.factories import NOW
from tests.factories.contract import toy_settings
from tests.factories.world import World
from workflow.models import Contract, Credit, Envelope, Organisation
from workflow.territory import Territory


def load(db: Session, settings: dict[str, Any] | None = None, *more: Territory) -> Installation:
    done = Installation()
    territories = (Territory.model_validate(settings or toy_settings()), *more)
    load_contracts(db, territories, done, NOW)
    db.flush()
    return done


def without(settings: dict[str, Any], organisation: str) -> dict[str, Any]:
    """The settings without an organisation, wherever it is named."""
    changed = dict(settings)
    changed["organisations"] = [o for o in settings["organisations"] if o["code"] != organisation]
    changed["bodies"] = [
        body | {"members": [m for m in body["members"] if m != organisation]} for body in settings["bodies"]
    ]
    changed["themes"] = [
        theme | {"partners": [p for p in theme["partners"] if p != organisation]}
        for theme in settings["themes"]
    ]
    changed["envelopes"] = [
        e for e in settings["envelopes"] if not e["credit"].startswith(f"{organisation}:")
    ]
    return changed


def test_first_load_creates_everything(db: Session) -> None:
    done = load(db)

    assert {change.action for change in done.changes} == {"created"}
    assert db.scalar(select(func.count(Organisation.id))) == 7
    assert db.scalar(select(func.count(Credit.id))) == 8
    amounts = db.scalars(select(Envelope.amount).order_by(Envelope.id)).all()
    assert amounts == [Decimal("100000.00"), Decimal("50000.00")]


def test_second_load_changes_nothing(db: Session) -> None:
    load(db)

    assert load(db).changes == []


def test_changed_name_and_envelope_are_updated(db: Session) -> None:
    load(db)
    settings = toy_settings()
    settings["envelopes"][1] |= {"status": "notified", "amount": "60000"}
    settings["organisations"] = [
        o | {"name": "Préfecture"} if o["code"] == "etat" else o for o in settings["organisations"]
    ]

    done = load(db, settings)

    assert done.changes == [
        Change("updated", "organisation", "etat", ("name", "name_key")),
        Change("updated", "contract", "valmont", ("settings",)),
        Change("updated", "envelope", "region:specifique 2026", ("status", "amount")),
    ]


def test_edited_envelope_keeps_its_figures(db: Session) -> None:
    load(db)
    envelope = db.scalars(select(Envelope).order_by(Envelope.id)).first()
    assert envelope is not None
    envelope.edited, envelope.amount = True, Decimal("123.45")
    settings = toy_settings()
    settings["envelopes"] = [settings["envelopes"][0] | {"amount": "999"}]

    load(db, settings)

    assert (envelope.amount, envelope.closed_on) == (Decimal("123.45"), None)


def test_disappeared_credit_is_closed_then_reopened(db: Session) -> None:
    load(db)

    closed = load(db, without(toy_settings(), "caf"))
    caf = db.scalars(select(Credit).where(Credit.code == "caf:droit_commun")).one()
    assert [(c.action, c.kind, c.code) for c in closed.changes] == [
        ("updated", "contract", "valmont"),
        ("closed", "credit", "caf:droit_commun"),
        ("closed", "organisation", "caf"),
    ]
    assert caf.closed_on == NOW.date()

    reopened = load(db)
    assert ("reopened", "credit", "caf:droit_commun") in [
        (c.action, c.kind, c.code) for c in reopened.changes
    ]
    assert caf.closed_on is None


def test_used_things_are_not_closed(world: World) -> None:
    world.dossier(reference="D-1", stage="submitted", theme="education")
    world.dossier(reference="D-2", stage="withdrawn")
    elsewhere = Territory.model_validate(toy_settings() | {"code": "ailleurs"})
    settings = without(toy_settings(), "caf")
    settings["calls"] = []

    done = load(world.db, settings, elsewhere)

    assert done.refusals == [
        "l’appel « aap-2026 » sert à 1 dossier(s) ouvert(s) : D-1",
        "le crédit « caf:droit_commun » sert à 1 dossier(s) ouvert(s) : D-1",
    ]


def test_disappeared_contract_with_open_dossiers_is_refused(world: World) -> None:
    world.dossier(reference="D-1", stage="submitted")

    done = load(world.db, toy_settings() | {"code": "ailleurs"})

    assert done.refusals == ["le contrat « valmont » sert à 1 dossier(s) ouvert(s) : D-1"]


def test_refused_installation_writes_nothing(application: Application) -> None:
    from app.errors import RefusedChangeError
    from tests.factories.dossier import make_dossier
    from tests.factories.people import make_porteur

    with application.write() as db:
        contract = db.scalars(select(Contract)).one()
        make_dossier(db, contract, make_porteur(db), stage="submitted")
    poorer = Territory.model_validate(without(toy_settings(), "caf") | {"label": "Autre nom"})
    application.config = application.config.model_copy(update={"contracts": (poorer,)})

    with pytest.raises(RefusedChangeError, match="rien n’a été modifié"):
        install(application)

    with application.read() as db:
        assert db.scalars(select(Contract.label)).one() == "Contrat de ville de Valmont 2024-2030"
        assert db.scalars(select(Credit.closed_on).distinct()).all() == [None]


def test_application_clock_is_aware_and_close_to_the_machine(application: Application) -> None:
    assert application.now().utcoffset() == timedelta(0)
