# SPDX-License-Identifier: EUPL-1.2
"""Takes the README's picture from a running demonstration: `python -m tests.docs.picture [ADDRESS]`, then look at it."""

import sys

from playwright.sync_api import sync_playwright

from app.demo.people import PASSWORD
from tests.conftest import ROOT

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def take(address: str) -> None:
    """The board of dossiers, as an instructor sees it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="fr-FR", color_scheme="light")
        page.goto(address)
        page.get_by_label("Adresse électronique").fill("instruction@etat.demo")
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_load_state("networkidle")
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=ROOT / "docs" / "images" / "dossiers.png")
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
