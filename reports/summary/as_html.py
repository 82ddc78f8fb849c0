# SPDX-License-Identifier: EUPL-1.2
"""The summary as HTML: a fragment for the product's own pages, and a page that stands alone."""

from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.summary.rows_html import about_spans, item_rows, line_rows
from reports.summary.structure import Summary
from reports.summary.view import present


class ViewEnvironment(Environment):
    """Jinja reading the view's dicts by key first: its own order raises an exception for every value shown."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The value under this key of a view, else Jinja's own answer."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@cache
def environment() -> Environment:
    """The templates, compiled once in a process."""
    made = ViewEnvironment(
        loader=PackageLoader("reports.summary", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(line_rows=line_rows, item_rows=item_rows, about_spans=about_spans)
    return made


@cache
def stylesheet() -> str:
    """The summary's stylesheet, scoped to `.summary`."""
    return resources.files("reports.summary").joinpath("summary.css").read_text(encoding="utf-8")


def render_fragment(summary: Summary) -> str:
    """The summary as one `article`, to be put in a page that has its own head and stylesheet."""
    return environment().get_template("fragment.html.j2").render(present(summary, base=""))


def render_page(summary: Summary, base: str | None = None) -> str:
    """The summary as a whole HTML page, readable and printable by itself. `base`: the site's address, for links."""
    return (
        environment().get_template("page.html.j2").render(stylesheet=stylesheet(), **present(summary, base))
    )
