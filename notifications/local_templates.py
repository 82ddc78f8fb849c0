# SPDX-License-Identifier: EUPL-1.2
"""Words changed locally: a folder whose templates replace ours, file by file; read before anything leaves with them."""

from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateSyntaxError, meta

from notifications.catalogue import KINDS
from notifications.context import Context
from notifications.render import LAYOUTS, PARTS, TEMPLATES, templates

MACROS = frozenset({"m", "s"})  # how templates name the macros they import
TEXTS = frozenset({".txt", ".html"})


def template_faults(folder: Path) -> list[str]:
    """Everything that would stop a message from being written with these templates, in French; empty when all is well."""
    if not folder.is_dir():
        return [f"{folder.name} : dossier introuvable"]
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in TEXTS)
    return [fault for path in files for fault in _faults(folder, path)]


def _faults(folder: Path, path: Path) -> Iterator[str]:
    name = path.relative_to(folder).as_posix()
    kind, _, part = name.partition("/")
    if name not in LAYOUTS and not (kind in KINDS and part in PARTS):
        yield f"{name} : aucun modèle ne porte ce nom"
        return
    try:
        source = path.read_text(encoding="utf-8")
        environment = templates(folder)
        environment.compile(source, name)
        used = meta.find_undeclared_variables(environment.parse(source))
    except UnicodeDecodeError:
        yield f"{name} : ce fichier n’est pas en UTF-8"
    except TemplateSyntaxError as error:
        yield f"{name}, ligne {error.lineno} : modèle illisible ({error.message})"
    else:
        known = _known(name, kind)
        for variable in sorted(used - known - MACROS):
            given = ", ".join(sorted(known))
            line = _line_of(source, variable)
            yield f"{name}, ligne {line} : variable inconnue « {variable} » ; variables de ce modèle : {given}"


def _known(name: str, kind: str) -> frozenset[str]:
    """What a template may use: the fields of its context; for a layout, those of every message and what ours uses."""
    if kind in KINDS:
        return frozenset(KINDS[kind].context.model_fields)
    ours = templates().parse((TEMPLATES / name).read_text(encoding="utf-8"))
    return frozenset(Context.model_fields) | meta.find_undeclared_variables(ours)


def _line_of(source: str, variable: str) -> int:
    lines = source.splitlines()
    return next((rank for rank, line in enumerate(lines, 1) if variable in line), 1)
