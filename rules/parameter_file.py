# SPDX-License-Identifier: EUPL-1.2
"""One parameter file as data that remembers its lines.

Numbers are exact (Decimal), a key given twice is refused.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from rules.errors import ParameterError


@dataclass(slots=True)
class ParameterNode:
    """The content of a file, and the line where each key path stands."""

    file: str
    data: dict[Any, Any] = field(default_factory=dict)
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)

    def line(self, path: Sequence[object]) -> int:
        """The line of a key path, or of its nearest parent when the key is absent."""
        parts = tuple(key_word(part) for part in path)
        while parts and parts not in self.lines:
            parts = parts[:-1]
        return self.lines.get(parts, 1)


def key_word(part: object) -> str:
    """A key as the file writes it; pydantic names a date key by its Python form."""
    text = str(part)
    if text.startswith("datetime.date("):
        year, month, day = text.removeprefix("datetime.date(").removesuffix(")").split(", ")
        return f"{year}-{int(month):02d}-{int(day):02d}"
    return text


class _Loader(yaml.SafeLoader):
    """The safe loader, with numbers read as Decimal."""


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    text = str(loader.construct_scalar(node)).replace("_", "")
    try:
        return Decimal(text)
    except ArithmeticError:
        raise yaml.constructor.ConstructorError(
            None, None, f"nombre illisible {text}", node.start_mark
        ) from None


_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:int", _number)


def read_yaml(file: str, text: str) -> ParameterNode:
    """The file's mapping with its lines; raises ParameterError when it cannot be read."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise ParameterError("une liste de clés est attendue", file=file, line=1)
        found = ParameterNode(file)
        found.data = _mapping(loader, root, found, ())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ParameterError(f"YAML illisible ({error.problem})", file=file, line=line) from None
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, ParameterError):
            raise
        raise ParameterError(f"YAML illisible ({error})", file=file, line=1) from None
    finally:
        loader.dispose()
    return found


def _mapping(
    loader: yaml.SafeLoader, node: yaml.MappingNode, found: ParameterNode, path: tuple[str, ...]
) -> dict[Hashable, Any]:
    content: dict[Hashable, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = _value(loader, key_node, found.file)
        if not isinstance(key, str | date):
            raise ParameterError(f"clé illisible : {key_node.value}", file=found.file, line=line)
        if key in content:
            raise ParameterError(f"clé donnée deux fois : {key}", file=found.file, line=line)
        here = (*path, str(key))
        found.lines[here] = line
        if isinstance(value_node, yaml.MappingNode):
            content[key] = _mapping(loader, value_node, found, here)
        else:
            content[key] = _value(loader, value_node, found.file)
    return content


def _value(loader: yaml.SafeLoader, node: yaml.Node, file: str) -> Any:
    try:
        return loader.construct_object(node, deep=True)
    except ValueError as error:
        line = node.start_mark.line + 1
        raise ParameterError(f"valeur illisible : {node.value} ({error})", file=file, line=line) from None
