# SPDX-License-Identifier: EUPL-1.2
"""What no committed file may hold: a registry's host, a path of somebody's machine, a file without its licence line."""

import re

from tests.architecture.source import PACKAGES, name_of, project_files, python_files

# Written in pieces, so that this file does not hold what it looks for.
REGISTRY_HOSTS = [
    re.escape(".".join(parts))
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("anaconda", "org"),
    )
]
REGISTRY_WORDS = [
    "-".join(("-", *words)) for words in (("index", "url"), ("extra", "index", "url"), ("find", "links"))
]
MACHINE_PATHS = [
    "/" + "work/(main|shared)",
    "/" + r"root/\w",
    "/" + r"home/\w+/",
    "/" + r"Users/\w+/",
    "/" + "opt/pypi",
]
FORBIDDEN = re.compile("|".join(REGISTRY_HOSTS + REGISTRY_WORDS + MACHINE_PATHS))
BINARY = {".png", ".jpg", ".ttf", ".woff2", ".xlsx", ".ods", ".pdf", ".zip", ".gz", ".ico", ".parquet"}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "managers", "service", "services", "misc"}
SPDX = "# SPDX-License-Identifier: EUPL-1.2"


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = {}
    for path in project_files():
        if path.suffix in BINARY:
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        hits = [number for number, line in enumerate(lines, 1) if FORBIDDEN.search(line)]
        if hits:
            found[name_of(path)] = hits

    assert found == {}


def test_every_python_file_starts_with_its_licence_and_its_purpose() -> None:
    faulty = []
    for path in python_files():
        lines = path.read_text(encoding="utf-8").splitlines()
        if lines and (lines[0] != SPDX or not "".join(lines[1:2]).startswith('"""')):
            faulty.append(name_of(path))

    assert faulty == []


def test_no_module_is_a_drawer_for_leftovers() -> None:
    shipped = [path for path in project_files() if name_of(path).split("/")[0] in (*PACKAGES, "tests")]

    assert [name_of(p) for p in shipped if FORBIDDEN_NAMES & {p.stem, *p.parent.parts[-2:]}] == []


def test_public_data_is_not_committed() -> None:
    names = {path.name for path in project_files()}

    assert not [name for name in names if name.startswith(("p147_", "qpv2024"))]
