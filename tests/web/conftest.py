# SPDX-License-Identifier: EUPL-1.2
"""The toy world behind its pages: a client per person, signed in, and forms that carry their token."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.bootstrap import Application
from app.config import Config
from app.deployment import Deployment
from tests.factories import NOW
from tests.factories.world import World
from web.main import create_app
from web.sessions import form_token, open_session
from workflow.models import Dossier, FundingLine, Person


class FixedApplication(Application):
    """The application, at the tests' clock."""

    moment = NOW

    def now(self) -> datetime:
        return self.moment


class Site:
    """The pages on the toy world."""

    def __init__(self, world: World, engine: Engine, folder: Path, **deployment: object) -> None:
        settings = {"environment": "demo", **deployment}
        config = Config(deployment=Deployment.model_validate(settings), contracts=(world.territory,))
        self.world = world
        self.application = FixedApplication(config, engine)
        self.web = create_app(self.application, mail_folder=folder)

    def anonymous(self, *, follow: bool = True) -> TestClient:
        return TestClient(self.web, follow_redirects=follow, raise_server_exceptions=False)

    def client(self, person: Person, *, follow: bool = True) -> TestClient:
        """A browser where this person is signed in."""
        self.world.db.commit()
        with self.application.write() as db:
            token = open_session(db, person, self.application.now())
        client = self.anonymous(follow=follow)
        client.cookies.set("session", token)
        return client

    def post(self, client: TestClient, path: str, **form: object) -> Response:
        """A form sent from its page."""
        token = form_token(client.cookies["session"])
        return client.post(path, data={"jeton": token, **form})

    def dossier(self, dossier: Dossier) -> Dossier:
        """The dossier as the database has it now, with its lines and opinions."""
        with self.application.read() as db:
            found = db.get_one(Dossier, dossier.id)
            _ = [line.credit for line in found.lines], found.opinions, found.waivers
            return found

    def dossier_of(self, id_: int) -> Dossier:
        """The same by its number, with its budget."""
        with self.application.read() as db:
            found = db.get_one(Dossier, id_)
            _ = [line.credit for line in found.lines], found.budget
            return found

    def line(self, dossier: Dossier, key: str) -> FundingLine:
        found = self.dossier(dossier).line(key)
        assert found is not None
        return found


@pytest.fixture
def site(world: World, engine: Engine, tmp_path: Path) -> Iterator[Site]:
    site = Site(world, engine, tmp_path / "mails")
    yield site
    world.db.rollback()
