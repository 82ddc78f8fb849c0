# SPDX-License-Identifier: EUPL-1.2
"""A real Chromium on a real server of the toy world. Absent, these tests say so loudly; COINSTRUCTION_BROWSER=required
makes them fail."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import Engine

from app.passwords import hash_password
from tests.browser.showcase import Showcase
from tests.conftest import NO_BROWSER
from tests.factories.world import World, make_world
from tests.web.conftest import Site
from web.server import listen, server_of
from web.sessions import open_session
from workflow.db import make_engine, session_factory
from workflow.models import Person

PASSWORD = "correct-horse-battery"
PASSWORD_HASH = hash_password(PASSWORD)
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


def chromium_path() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        return found
    message = f"{NO_BROWSER}: the browser tests did not run (Debian package: chromium)"
    if os.environ.get("COINSTRUCTION_BROWSER") == "required":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Served:
    """The toy world served on a free port. `foreign`: what any of its pages asked from another host."""

    def __init__(self, site: Site, address: str, browser: Browser) -> None:
        self.site, self.address, self.browser = site, address, browser
        self.foreign: list[str] = []
        self.contexts: list[BrowserContext] = []

    def window(
        self, person: Person | None = None, *, javascript: bool = True, width: int = 1280, **options: Any
    ) -> Page:
        """A new browser window, where this person is already signed in."""
        context = self.browser.new_context(
            base_url=self.address,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            locale="fr-FR",
            **options,
        )
        self.contexts.append(context)
        context.set_default_timeout(20_000)
        context.on("request", lambda request: self._note(request.url))
        if person is not None:
            self.site.world.db.commit()
            with self.site.application.write() as db:
                token = open_session(db, person, self.site.application.now())
            context.add_cookies([{"name": "session", "value": token, "url": self.address}])
        return context.new_page()

    def sign_in(self, person: Person, *, javascript: bool = True, width: int = 1280) -> Page:
        """A new browser window where this person has typed the password."""
        person.password_hash = PASSWORD_HASH
        self.site.world.db.commit()
        page = self.window(javascript=javascript, width=width)
        page.goto("/")
        page.get_by_label("Adresse électronique").fill(person.email)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter", exact=True).click()
        page.wait_for_url(lambda url: "/connexion" not in url)
        return page

    def _note(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "about:", "blob:")):
            self.foreign.append(url)


@contextmanager
def serving(site: Site, browser: Browser) -> Iterator[Served]:
    """The pages on a free port, until the end of the test; no page may have called another host."""
    listening = listen("127.0.0.1", 0)
    server = server_of(site.web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    served = Served(site, f"http://127.0.0.1:{listening.getsockname()[1]}", browser)
    try:
        yield served
    finally:
        for context in served.contexts:
            context.close()
        server.should_exit = True
        thread.join()
        listening.close()
    assert served.foreign == []


@pytest.fixture
def served(world: World, engine: Engine, tmp_path: Path, browser: Browser) -> Iterator[Served]:
    with serving(Site(world, engine, tmp_path / "mails"), browser) as served:
        yield served


@pytest.fixture(scope="session")
def showcase(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[Showcase]:
    """One world for all who read pages, with something on each: they change nothing that others read."""
    folder = tmp_path_factory.mktemp("showcase")
    shutil.copy(sqlite_template, folder / "showcase.db")
    engine = make_engine(f"sqlite:///{folder}/showcase.db", synchronous="OFF")
    with session_factory(engine)() as db:
        site = Site(make_world(db), engine, folder / "mails")
        with serving(site, browser) as served:
            yield Showcase(served, folder)
        db.rollback()
    engine.dispose()
