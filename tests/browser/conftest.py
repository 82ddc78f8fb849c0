# SPDX-License-Identifier: EUPL-1.2
"""A real Chromium on a real server of the toy world. Absent, these tests say so loudly; CI_BROWSER=required makes them fail."""

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine

from app.passwords import hash_password
from tests.factories.world import World
from tests.web.conftest import Site
from web.server import listen, server_of
from workflow.models import Person

PASSWORD = "correct-horse-battery"
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


def chromium_path() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        return found
    message = "CHROMIUM ABSENT: the browser tests did not run (Debian package: chromium)"
    if os.environ.get("CI_BROWSER") == "required":
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
    """The toy world served on a free port."""

    def __init__(self, site: Site, address: str, browser: Browser) -> None:
        self.site, self.address, self.browser = site, address, browser

    def sign_in(self, person: Person, *, javascript: bool = True, width: int = 1280) -> Page:
        """A new browser window where this person has typed the password."""
        person.password_hash = hash_password(PASSWORD)
        self.site.world.db.commit()
        context = self.browser.new_context(
            base_url=self.address,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            locale="fr-FR",
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto("/")
        page.get_by_label("Adresse électronique").fill(person.email)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url(re.compile(r"/(journee|dossiers)$"))
        return page


@pytest.fixture
def served(world: World, engine: Engine, tmp_path: Path, browser: Browser) -> Iterator[Served]:
    site = Site(world, engine, tmp_path / "mails")
    listening = listen("127.0.0.1", 0)
    server = server_of(site.web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Served(site, f"http://127.0.0.1:{listening.getsockname()[1]}", browser)
    for context in browser.contexts:
        context.close()
    server.should_exit = True
    thread.join()
    listening.close()
