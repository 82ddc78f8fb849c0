# SPDX-License-Identifier: EUPL-1.2
"""Walks the pages as a person would, by their links, and reads the forms found there."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from web.routes import ROUTERS

ROUTES = tuple(route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute))
VOID_OF_TEXT = frozenset({"submit", "button", "file", "image", "reset"})


@dataclass(frozen=True)
class Field:
    """One control of a form: its name, what kind it is, the values that it proposes."""

    name: str
    kind: str
    values: tuple[str, ...] = ()


@dataclass
class Form:
    """One form of a page: where it goes, and its controls."""

    method: str
    action: str
    fields: list[Field] = field(default_factory=list)

    @property
    def shape(self) -> tuple[str, str, tuple[str, ...]]:
        """Forms of one shape are one form, on several dossiers."""
        return self.method, pattern_of(self.action, self.method), tuple(sorted({f.name for f in self.fields}))


def pattern_of(address: str, method: str = "GET") -> str:
    """The route of an address, or nothing when no route answers it."""
    path = urlsplit(address).path
    found = (r for r in ROUTES if method.upper() in r.methods and r.path_regex.match(path))
    return next((route.path for route in found), "")


class _Reader(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.loose: list[tuple[str, Field]] = []  # controls that name their form
        self.ids: dict[str, Form] = {}
        self.elsewhere: list[
            tuple[Form | str, str]
        ] = []  # a form, or its id, and another place where it is sent
        self._form: Form | None = None
        self._select: tuple[str, str | None] | None = None
        self._options: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in found:
            self.links.append(urljoin(self.base, found["href"]))
        elif tag == "form":
            action = urljoin(self.base, found.get("action") or self.base)
            self._form = Form(found.get("method", "get").upper(), action)
            self.forms.append(self._form)
            self.ids[found.get("id", "")] = self._form
            if found.get("hx-post"):
                self.elsewhere.append((self._form, urljoin(self.base, found["hx-post"])))
        elif tag == "select":
            self._select, self._options = (found.get("name", ""), found.get("form")), []
        elif tag == "option":
            self._options.append(found.get("value", ""))
        if tag == "button" and found.get("formaction") and (found.get("form") or self._form):
            form = found.get("form") or self._form
            assert form
            self.elsewhere.append((form, urljoin(self.base, found["formaction"])))
        if tag in ("input", "textarea", "button") and found.get("name"):
            kind = found.get("type", "text") if tag == "input" else tag
            values = (found["value"],) if found.get("value") else ()
            self._add(Field(found["name"], kind, values), found.get("form"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select is not None:
            name, form = self._select
            self._add(Field(name, "select", tuple(self._options)), form)
            self._select = None

    def _add(self, control: Field, form: str | None) -> None:
        if form:
            self.loose.append((form, control))
        elif self._form is not None:
            self._form.fields.append(control)

    def done(self) -> list[Form]:
        for name, control in self.loose:
            if name in self.ids:
                self.ids[name].fields.append(control)
        sent = ((self.ids.get(form) if isinstance(form, str) else form, to) for form, to in self.elsewhere)
        return [*self.forms, *(Form("POST", to, form.fields) for form, to in sent if form is not None)]


def read_forms(address: str, html: str) -> tuple[list[str], list[Form]]:
    """The links and the forms of one page; a form that buttons or scripts send elsewhere too, once for each place."""
    reader = _Reader(address)
    reader.feed(html)
    return reader.links, reader.done()


def walk(client: TestClient, start: str, each_route: int = 3) -> Iterator[tuple[str, str, list[Form]]]:
    """Every page reached from `start`, at most `each_route` addresses of a route: its address, its HTML, its forms."""
    waiting, known, visits = deque([start]), {start}, Counter[str]()
    while waiting:
        address = waiting.popleft()
        route = pattern_of(address)
        if not route or visits[route] >= each_route:
            continue
        visits[route] += 1
        answer = client.get(address)
        assert answer.status_code < 500, f"{address}: {answer.status_code}"
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        links, forms = read_forms(str(answer.url), answer.text)
        yield address, answer.text, forms
        for link in links:
            parts = urlsplit(link)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if parts.netloc in ("", "testserver") and target not in known:
                known.add(target)
                waiting.append(target)


def schema_of(forms: Sequence[Form]) -> dict[str, Any]:
    """These forms as an OpenAPI document: one operation each, so that schemathesis throws values at them."""
    paths = {
        f"/forms/{rank}": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/x-www-form-urlencoded": {"schema": _object(form)}},
                },
                "responses": {"200": {"description": "a page"}},
            }
        }
        for rank, form in enumerate(forms)
    }
    return {"openapi": "3.1.0", "info": {"title": "forms", "version": "1"}, "paths": paths}


def _object(form: Form) -> dict[str, Any]:
    offered: dict[str, list[str]] = {}
    for control in form.fields:
        if control.kind not in VOID_OF_TEXT or control.kind == "button":
            offered.setdefault(control.name, []).extend(control.values)
    offered.pop("jeton", None)
    properties = {name: _value(values) for name, values in offered.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _value(values: Sequence[str]) -> Mapping[str, Any]:
    typed = {"type": "string", "maxLength": 200}
    return {"anyOf": [{"enum": sorted(set(values))}, typed]} if values else typed
