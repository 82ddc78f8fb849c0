# SPDX-License-Identifier: EUPL-1.2
"""Every page of the table of access, in a real browser: WCAG 2.2 AA by axe-core in light, dark and print, edges of
fields, reflow at 320 pixels, spaced text. A route without a sample address fails here."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.checks import holds
from tests.browser.showcase import NOT_PAGES, Showcase, pages
from web.access import ACCESS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def windows(showcase: Showcase) -> Callable[[str | None], Page]:
    """One window per person, kept from page to page."""
    opened: dict[str | None, Page] = {}

    def window(who: str | None) -> Page:
        if who not in opened:
            person = showcase.person(who) if who else None
            opened[who] = showcase.served.window(person, reduced_motion="reduce")
        return opened[who]

    return window


def test_every_route_is_a_page_or_says_why_it_is_not() -> None:
    known = {route for method, route in ACCESS if method == "GET"}
    assert set(NOT_PAGES) <= known


@pytest.fixture(scope="module")
def titles() -> dict[str, str]:
    """The title of each page met, and the address where it was met."""
    return {}


@pytest.mark.parametrize(("who", "route"), pages())
def test_page(
    showcase: Showcase,
    windows: Callable[[str | None], Page],
    titles: dict[str, str],
    who: str | None,
    route: str,
) -> None:
    address = showcase.address(route)
    assert "NO-SAMPLE" not in address, "give this parameter a value in tests/browser/showcase.py"
    page = windows(who)
    answer = page.goto(address)
    assert answer is not None
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8"), address
    assert page.url.endswith(address)
    assert page.evaluate("document.documentElement.lang") == "fr"
    tells_itself_apart(page, address.partition("?")[0], titles)
    holds(page)


def tells_itself_apart(page: Page, path: str, titles: dict[str, str]) -> None:
    """Nobody reads one title at two addresses."""
    title = page.title()
    assert title.endswith(" – Co-instruction"), path
    known = titles.setdefault(title, path)
    assert known == path, f"{path} and {known} have the same title: {title}"


@pytest.mark.parametrize(
    "stage", ["submitted", "financers_conference", "commitment", "committed", "rejected"]
)
def test_dossier_at_each_stage(showcase: Showcase, windows: Callable[[str | None], Page], stage: str) -> None:
    page = windows("pilot")
    page.goto(f"/dossiers/{showcase.dossiers[stage].id}")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    holds(page)


@pytest.mark.parametrize("state", ["planned", "convoked", "open", "closed"])
def test_seance_in_each_state(showcase: Showcase, windows: Callable[[str | None], Page], state: str) -> None:
    page = windows("secretary")
    page.goto(f"/seances/{showcase.seances[state].id}")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    holds(page)
