# SPDX-License-Identifier: EUPL-1.2
"""The PDF: typed text is never markup, an empty séance compiles, and compiling happens in its own process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typst

from reports.pdf_pool import PdfPool
from reports.summary.as_pdf import pdf_payload, render_pdf
from reports.summary.compiled import TEMPLATE, compile_pdf
from tests.reports.example_summary import LONG_NAME, example_summary
from tests.reports.pdf_text import text_of


def _flat(text: str) -> str:
    return "".join(text.split())


def test_typed_texts_are_values_never_markup() -> None:
    shown = _flat(text_of(render_pdf(example_summary(2))))
    assert _flat("<b>Ateliers</b> & #strong[danse] $x$") in shown
    assert _flat('=HYPERLINK("http://exemple.test")') in shown


def test_long_names_are_whole() -> None:
    assert _flat(LONG_NAME) in _flat(text_of(render_pdf(example_summary(2))))


def test_empty_seance_compiles() -> None:
    assert "Aucundossier" in _flat(text_of(render_pdf(example_summary(0))))


def test_an_image_without_alternative_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "image.typ"
    source.write_text(
        '#set document(title: "x")\n#image(bytes("<svg xmlns=\\"http://www.w3.org/2000/svg\\"/>"))'
    )
    with pytest.raises(typst.TypstError):
        typst.compile(str(source), format="pdf", pdf_standards=["ua-1"])


def test_pool_compiles_in_another_process() -> None:
    payload = pdf_payload(example_summary(1))
    with PdfPool() as pool:
        assert pool.compile(compile_pdf, payload) == compile_pdf(payload)
        assert int(pool.compile(process_number, "")) != os.getpid()


def test_the_process_that_compiles_loads_the_compiler_alone() -> None:
    """Each PDF has a process: what it imports is paid each time."""
    code = (
        "import sys, reports.papers.compiled, reports.summary.compiled\n"
        "print({name.partition('.')[0] for name in sys.modules} & {'typst', 'pydantic', 'jinja2', 'sqlalchemy', 'rules'})"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "{'typst'}"


def process_number(_payload: str) -> bytes:
    """The number of the process that runs this."""
    return str(os.getpid()).encode()


def test_template_is_accessible_source() -> None:
    assert 'lang: "fr"' in TEMPLATE.read_text(encoding="utf-8")
