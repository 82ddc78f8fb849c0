# SPDX-License-Identifier: EUPL-1.2
"""A key taken meanwhile: what was refused is logged by its name, without the values, and people are told what to do."""

import pytest
from sqlalchemy.exc import IntegrityError

from tests.factories.people import make_person
from tests.factories.world import World
from workflow.errors import ConflictError, conflicts_told


def test_a_lost_race_names_its_constraint_and_says_what_to_do(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    is_postgresql = world.db.get_bind().dialect.name == "postgresql"
    email = world.pilot.email
    with pytest.raises(ConflictError if is_postgresql else IntegrityError) as refused, conflicts_told():
        make_person(world.db, email)
    if isinstance(refused.value, ConflictError):
        assert "il n’y a rien à refaire" in refused.value.message
        assert "person_email" in caplog.text and email not in caplog.text
