# SPDX-License-Identifier: EUPL-1.2
"""Anything typed in any form, asked at any address: a French page and a right status, never a fault, never a lost text."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape

import pytest
import schemathesis
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis import Case
from starlette.testclient import TestClient

from app.bootstrap import Application
from app.config import load_config
from app.demo.build import build_demo
from app.installation import install
from tests import postgresql
from tests.conftest import ROOT
from tests.factories import NOW
from tests.web.crawling import ROUTES, Form, pattern_of, schema_of, walk
from web.main import create_app
from web.sessions import form_token, open_session
from workflow.db import make_engine
from workflow.permissions import person_by_email

FUZZ = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
PEOPLE = (
    "pilote@epci.demo",
    "secretariat@epci.demo",
    "instruction@etat.demo",
    "instruction@caf.demo",
    "presidence@epci.demo",
    "porteur@jardins.demo",
)
# Each engine and who walks there: what PostgreSQL alone refuses shows in the forms of these two.
WALKS = (
    *(("sqlite", email) for email in PEOPLE),
    ("postgresql", "secretariat@epci.demo"),
    ("postgresql", "porteur@jardins.demo"),
)
# Who is asked odd addresses: whoever has most pages, and whoever has fewest.
ASKED = (WALKS[1], WALKS[5], WALKS[6])
LEAVING = ("/deconnexion", "/contrat")  # these change the walker's session
ODD = ("0", "-1", "9" * 25, "é", "%00", "..%2f..%2fetc", "1;drop", "nul", "x" * 300)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


class Demonstration(Application):
    """The demonstration's application, at the tests' clock."""

    def now(self) -> datetime:
        return NOW


@dataclass
class Walker:
    """Somebody signed in on the demonstration, and the forms that this person meets."""

    client: TestClient
    forms: list[Form] = field(default_factory=list)

    def send(self, form: Form, values: dict[str, str]) -> Response:
        """The form, filled with these values."""
        if form.method == "GET":
            return self.client.get(form.action, params=values)
        jeton = form_token(self.client.cookies["session"])
        return self.client.post(form.action, data={"jeton": jeton, **values}, follow_redirects=False)


@pytest.fixture(scope="module", params=WALKS, ids="-".join)
def walk_of(request: pytest.FixtureRequest) -> tuple[str, str]:
    """One engine and one person after the other."""
    engine, email = request.param
    return engine, email


@pytest.fixture(scope="module")
def databases(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Application]]:
    """The demonstration on an engine, built once each."""
    made: dict[str, Application] = {}

    def demonstration(engine: str) -> Application:
        if engine not in made:
            made[engine] = build(request, engine)
        return made[engine]

    yield demonstration
    for application in made.values():
        application.close()


def build(request: pytest.FixtureRequest, engine: str) -> Application:
    """The demonstration in a database of its own."""
    if engine == "sqlite":
        folder = request.getfixturevalue("tmp_path_factory").mktemp("fuzz")
        url = f"sqlite:///{folder / 'demo.db'}"
    else:
        server = request.getfixturevalue("postgresql_server")
        url = postgresql.sibling(server, f"coinstruction_fuzz_{os.getpid()}")
        postgresql.execute(server, f'CREATE DATABASE "coinstruction_fuzz_{os.getpid()}"')
    config = load_config(ROOT / "config.yaml", {"COINSTRUCTION_DATABASE_URL": url})
    deployment = config.deployment.model_copy(update={"environment": "demo"})
    made = Demonstration(
        config.model_copy(update={"deployment": deployment}), make_engine(url, synchronous="OFF")
    )
    install(made)
    with made.write() as db:
        build_demo(db, NOW)
    return made


@pytest.fixture(scope="module")
def thrown() -> set[object]:
    """The shapes of forms already fuzzed, by engine: what two people both meet is one form."""
    return set()


@pytest.fixture(scope="module")
def walker(
    walk_of: tuple[str, str],
    databases: Callable[[str], Application],
    tmp_path_factory: pytest.TempPathFactory,
) -> Walker:
    """Each person walks the pages, and keeps one form of each shape."""
    engine, email = walk_of
    application = databases(engine)
    web = create_app(application, mail_folder=tmp_path_factory.mktemp("mails"))
    client = TestClient(web, raise_server_exceptions=False)
    with application.write() as db:
        client.cookies.set("session", open_session(db, person_by_email(db, email), NOW))
    shapes: dict[object, Form] = {}
    for _address, _html, forms in walk(client, "/dossiers"):
        for form in forms:
            if pattern_of(form.action, form.method) not in ("", *LEAVING):
                shapes.setdefault(form.shape, form)
    return Walker(client, list(shapes.values()))


def operations(forms: list[Form]) -> Iterator[tuple[Form, SearchStrategy[Case]]]:
    schema = schemathesis.openapi.from_dict(schema_of(forms))
    for rank, form in enumerate(forms):
        yield form, schema[f"/forms/{rank}"]["POST"].as_strategy()


def test_anything_typed_in_any_form_is_answered_and_never_lost(
    walker: Walker, walk_of: tuple[str, str], thrown: set[object]
) -> None:
    assert walker.forms
    mine = [form for form in walker.forms if (walk_of[0], form.shape) not in thrown]
    thrown |= {(walk_of[0], form.shape) for form in mine}
    for form, cases in operations(mine):
        throw(walker, form, cases)


def throw(walker: Walker, form: Form, cases: SearchStrategy[Case]) -> None:
    """A few random fillings of one form."""

    @FUZZ
    @given(cases)
    def send(case: Case) -> None:
        values = {name: str(value) for name, value in (case.body or {}).items()}
        answer = walker.send(form, values)
        assert answer.status_code < 500, (form.action, values)
        if answer.status_code in (409, 422):
            check_kept(answer.text, form, values)

    send()


def check_kept(html: str, form: Form, values: dict[str, str]) -> None:
    """A form refused comes back with every text typed, in its fields or beside them."""
    shown = " ".join(unescape(html).split())
    texts = {each.name for each in form.fields if each.kind in ("text", "textarea", "search")}
    for name in texts & values.keys():
        typed = " ".join(values[name].split())
        assert typed in shown, (form.action, name, typed)


GUARDED = [r for r in ROUTES if "{" in r.path]


@pytest.mark.parametrize("walk_of", ASKED, indirect=True, scope="module", ids="-".join)
def test_odd_addresses_are_unknown_and_never_a_fault(walker: Walker) -> None:
    for route in GUARDED:
        for odd in ODD:
            path = re.sub(r"\{\w+\}", odd, route.path)
            for method in sorted(route.methods & {"GET", "POST"}):
                answer = walker.client.request(method, path, follow_redirects=False)
                assert answer.status_code < 500, (method, path)


@pytest.mark.parametrize("walk_of", ASKED, indirect=True, scope="module", ids="-".join)
def test_odd_questions_are_answered(walker: Walker) -> None:
    asked = [form for form in walker.forms if form.method == "GET"]
    names = sorted({each.name for form in asked for each in form.fields} | {"page", "tri", "vue", "suite"})
    pages = sorted({pattern_of(form.action) for form in asked} | {"/messages", "/seances", "/programme"})
    pages = [page for page in pages if "{" not in page]

    @settings(FUZZ, max_examples=60)
    @given(st.sampled_from(pages), st.dictionaries(st.sampled_from(names), TEXTS, max_size=3))
    def ask(page: str, question: dict[str, str]) -> None:
        answer = walker.client.get(page, params=question, follow_redirects=False)
        assert answer.status_code < 500, (page, question)

    ask()
