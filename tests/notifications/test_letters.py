# SPDX-License-Identifier: EUPL-1.2
"""Letters to porteurs: what the law wants in the acknowledgement, admissibility, and each financer's own act, held."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from notifications.planner import plan
from tests.factories.dossier import add_line
from tests.factories.world import World
from tests.notifications.scenes import MAIL
from workflow.acts import Act, record_act
from workflow.events import emit
from workflow.models import Dossier, Message
from workflow.permissions import actor_for


def told(world: World, dossier: Dossier, kind: str, now: datetime, **payload: object) -> list[Message]:
    """The messages that this event starts."""
    emit(world.db, world.contract.id, kind, f"dossier:{dossier.id}", dict(payload), now)
    world.db.flush()
    plan(world.db, now, MAIL)
    return list(world.db.scalars(select(Message).order_by(Message.id)))


def text_of(message: Message) -> str:
    mail = message_from_bytes(message.body, policy=policy.default)
    text: str = mail.get_body(("plain",)).get_content()
    return " ".join(text.split())


def test_acknowledgement_says_what_the_law_wants(world: World, now: datetime) -> None:
    dossier = world.dossier(stage="submitted", pieces=["cerfa"])
    (row,) = told(world, dossier, "dossier.submit", now)

    text = text_of(row)
    assert "enregistrée à la date du jeudi 15 janvier 2026" in text
    assert "Service chargé de votre demande : Communauté de communes" in text
    assert "- statuts" in text
    assert "- formulaire de demande signé" not in text
    assert "vaut décision de rejet" in text
    assert "à la fin du dimanche 15 mars 2026" in text
    assert "tribunal administratif" in text


def test_acknowledgement_of_a_public_porteur_claims_neither_silence_nor_remedy(
    world: World, now: datetime
) -> None:
    world.porteur.legal_form = "commune"
    (row,) = told(world, world.dossier(stage="submitted", pieces=None), "dossier.submit", now)

    assert "vaut décision de rejet" not in text_of(row)
    assert "Voies et délais" not in text_of(row)
    assert "manquent à votre demande" not in text_of(row)  # unknown pieces are not claimed


def test_request_for_pieces_suspends_the_silence_in_the_letter(world: World, now: datetime) -> None:
    asked = {"pieces": ["statuts"], "due": "2026-03-30", "requested_on": "2026-03-10"}
    (row,) = told(
        world, world.dossier(stage="incomplete", completion=asked), "dossier.request_completion", now
    )

    assert "est suspendu jusqu’à leur réception" in text_of(row)
    assert "samedi 4 avril 2026" in text_of(row)  # 15 March and twenty days


def test_admissible_request_names_the_credits_that_fell(world: World, now: datetime) -> None:
    dossier = world.dossier(stage="admissible")
    add_line(world.db, dossier, "region:specifique", state="ineligible", requested=Decimal(900))
    (row,) = told(world, dossier, "dossier.declare_admissible", now)

    assert (row.kind, row.state) == ("dossier_admissible", "pending")
    assert "- Région – Politique régionale de la ville" in text_of(row)
    assert "Région – Politique régionale de la ville : 900" not in text_of(row)


@pytest.mark.parametrize(
    ("amount", "kind", "words"),
    [
        (Decimal(4500), "line_granted", "accorde à votre action une subvention de 4 500 €"),
        (Decimal(0), "line_refused", "n’accorde pas de subvention"),
    ],
)
def test_act_of_a_financer_is_a_held_letter(
    world: World, now: datetime, amount: Decimal, kind: str, words: str
) -> None:
    dossier = world.dossier(stage="committed", requests={})
    line = add_line(world.db, dossier, "etat:specifique", state="retained", retained=Decimal(5000))
    pilot = actor_for(world.db, world.pilot, now.date())
    act = Act("Préfet du Nord", date(2026, 3, 9), "2026-118")
    record_act(world.db, line, act, amount, pilot, now, reason="crédits épuisés")
    world.db.flush()

    plan(world.db, now + timedelta(days=90), MAIL)

    (row,) = world.db.scalars(select(Message)).all()
    assert (row.kind, row.state) == (kind, "draft")
    assert words in text_of(row)
    assert "Préfet du Nord, n° 2026-118 du lundi 9 mars 2026" in text_of(row)
