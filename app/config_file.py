# SPDX-License-Identifier: EUPL-1.2
"""Reads a YAML file into plain values, with the line of every key; each fault is one French sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.errors import ConfigurationError, ConfigurationFault
from workflow.territory_checks import dotted

Location = tuple[str | int, ...]
MAX_BYTES = 5_000_000
_NOT_OURS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:float")


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """A file read: its values, and the line of each key by location."""

    path: Path
    values: Any
    lines: dict[Location, int]


class _Loader(yaml.SafeLoader):
    """Safe YAML without the surprises of its version 1.1: `59008` and `14:00` are what they look like."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _NOT_OURS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _add_scalar(name: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(pattern), list(first))


_add_scalar("bool", r"^(?:true|True|false|False)$", "tTfF")
_add_scalar("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789")
_add_scalar("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789")


def _date_or_text(loader: _Loader, node: yaml.ScalarNode) -> Any:
    """A date that does not exist stays a text, so that its own key reports it."""
    try:
        return yaml.SafeLoader.construct_yaml_timestamp(loader, node)
    except ValueError:
        return str(node.value)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _date_or_text)


def read_file(path: Path, *, asked_by: str = "") -> ConfigurationFile:
    """The values of one YAML file. Raises ConfigurationError when it cannot be read."""
    text = _text_of(path, asked_by)
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        lines, repeated = _walk(root)
        if repeated:
            raise ConfigurationError(str(path), repeated)
        values = None if root is None else loader.construct_document(root)
    except yaml.YAMLError as error:
        raise _refused(path, *_syntax_fault(error)) from None
    except RecursionError:
        raise _refused(path, "imbrication trop profonde") from None
    except (ValueError, TypeError) as error:
        raise _refused(path, f"valeur illisible ({error})") from None
    return ConfigurationFile(path, values, lines)


def _refused(path: Path, message: str, line: int | None = None) -> ConfigurationError:
    return ConfigurationError(str(path), [ConfigurationFault("", message, line)])


def _text_of(path: Path, asked_by: str) -> str:
    reason = f" (demandé par {asked_by})" if asked_by else ""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        hint = reason or " ; donner --config FICHIER ou la variable COINSTRUCTION_CONFIG"
        raise _refused(path, f"fichier introuvable{hint}") from None
    except IsADirectoryError:
        raise _refused(path, f"est un dossier, pas un fichier{reason}") from None
    except OSError as error:
        raise _refused(path, f"lecture impossible{reason} ({_os_reason(error)})") from None
    if len(content) > MAX_BYTES:
        raise _refused(path, f"fichier trop gros : {len(content)} octets, {MAX_BYTES} au plus")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(
            path, "le fichier n’est pas encodé en UTF-8 : le réenregistrer en UTF-8", line
        ) from None


def _os_reason(error: OSError) -> str:
    return (
        "droit de lecture absent" if isinstance(error, PermissionError) else f"erreur système {error.errno}"
    )


_KNOWN_SYNTAX = (
    ("found character '\\t'", "une tabulation sert de retrait : n’employer que des espaces"),
    (
        "mapping values are not allowed",
        "un « : » inattendu : mettre le texte entre guillemets, ou revoir le retrait",
    ),
    ("could not find expected ':'", "il manque « : » après une clé"),
    ("expected <block end>", "retrait incohérent avec les lignes au-dessus"),
    ("found undefined alias", "renvoi (*) à un nom qui n’est pas défini"),
    ("found unexpected end of stream", "guillemet ou crochet ouvert et jamais fermé"),
    ("expected ',' or ']'", "crochet ouvert et jamais fermé, ou virgule absente"),
    ("expected ',' or '}'", "accolade ouverte et jamais fermée, ou virgule absente"),
    ("could not determine a constructor", "étiquette YAML (!…) refusée"),
    ("expected a single document", "le fichier contient plusieurs documents (---) : n’en garder qu’un"),
    ("special characters are not allowed", "caractère de commande interdit dans le fichier"),
    ("unacceptable character", "caractère de commande interdit dans le fichier"),
)


def _syntax_fault(error: yaml.YAMLError) -> tuple[str, int | None]:
    english = str(error)
    message = next(
        (french for start, french in _KNOWN_SYNTAX if start in english), "écriture YAML incorrecte"
    )
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return message, mark.line + 1 if mark else None


def _walk(root: yaml.Node | None) -> tuple[dict[Location, int], list[ConfigurationFault]]:
    """The line of every key, and the keys given twice. Each node is visited once: an alias costs nothing."""
    lines: dict[Location, int] = {}
    repeated: list[ConfigurationFault] = []
    waiting: list[tuple[Location, yaml.Node]] = [] if root is None else [((), root)]
    seen: set[int] = set()
    while waiting:
        where, node = waiting.pop()
        lines.setdefault(where, node.start_mark.line + 1)
        if id(node) in seen:
            continue
        seen.add(id(node))
        children = list(_children(where, node))
        for place, key, _ in children:
            lines[place] = key.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            repeated += _twice(children)
        waiting += [(place, value) for place, _, value in children]
    return lines, sorted(repeated, key=lambda fault: fault.line or 0)


def _children(where: Location, node: yaml.Node) -> Iterator[tuple[Location, yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*where, str(key.value)), key, value
    elif isinstance(node, yaml.SequenceNode):
        for rank, item in enumerate(node.value):
            yield (*where, rank), item, item


def _twice(children: list[tuple[Location, yaml.Node, yaml.Node]]) -> Iterator[ConfigurationFault]:
    first: dict[Location, int] = {}
    for place, key, _ in children:
        line = key.start_mark.line + 1
        if place in first:
            text = f"clé « {place[-1]} » écrite deux fois (déjà ligne {first[place]})"
            yield ConfigurationFault(dotted(place), text, line)
        first.setdefault(place, line)
