# SPDX-License-Identifier: EUPL-1.2
"""CSV files, streamed: UTF-8 (with or without signature) or cp1252, cells separated by `;` or `,`."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from io import SEEK_END, TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from workflow.imports.limits import MAX_CELL, MAX_COLUMNS, MAX_CSV_BYTES, MAX_LINE
from workflow.imports.source import Row, Table, UnreadableFileError, checked_headers, is_blank

_BLOCK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# A file by its path, or one without a name (an upload): that one stays open, and is read from its start each time.
Source = Path | BinaryIO


def open_csv(source: Source) -> Table:
    """The file as a table, read once to settle its encoding, then row by row. Raises UnreadableFileError."""
    encoding, lines = _survey(source)
    delimiter = _delimiter(source, encoding)
    rows = _records(source, encoding, delimiter)
    first = next(rows, None)
    if first is None:
        raise UnreadableFileError("Le fichier est vide.")
    return Table(checked_headers(first.cells), rows, max(lines - 1, 0))


@contextmanager
def _bytes_of(source: Source) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as handle:
            yield handle
    else:
        source.seek(0)
        yield source


@contextmanager
def _text_of(source: Source, encoding: str) -> Iterator[TextIO]:
    with _bytes_of(source) as handle:
        text = TextIOWrapper(handle, encoding=encoding, newline="")
        try:
            yield text
        finally:
            if not handle.closed:  # a reading left half-way may outlive its file
                text.detach()  # else closing the text closes the bytes, which are not ours


def _survey(source: Source) -> tuple[str, int]:
    """The encoding and the number of lines, from one pass over the bytes in constant memory."""
    with _bytes_of(source) as handle:
        size = handle.seek(0, SEEK_END)
    if size == 0:
        raise UnreadableFileError("Le fichier est vide.")
    if size > MAX_CSV_BYTES:
        raise UnreadableFileError(f"Fichier trop gros : {size} octets (au plus {MAX_CSV_BYTES}).")
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    cp1252, is_cp1252, lines, offset = codecs.getdecoder("cp1252"), True, 0, 0
    with _bytes_of(source) as handle:
        while block := handle.read(_BLOCK):
            _refuse_binary(block, offset)
            utf8 = _still_decodes(utf8, block)
            is_cp1252 = is_cp1252 and _decodes(cp1252, block)
            lines, offset = lines + block.count(b"\n"), offset + len(block)
    if utf8 is not None and _still_decodes(utf8, b"", final=True):
        return "utf-8-sig", lines
    if is_cp1252:
        return "cp1252", lines
    raise UnreadableFileError(
        "Encodage illisible : ni UTF-8 ni Windows-1252. Enregistrez le fichier au format « CSV UTF-8 »."
    )


def _refuse_binary(block: bytes, offset: int) -> None:
    if offset == 0 and block.startswith(_UTF16):
        raise UnreadableFileError("Fichier en UTF-16 : enregistrez-le au format « CSV UTF-8 ».")
    found = block.find(b"\0")
    if found >= 0:
        raise UnreadableFileError(
            f"Octet nul à la position {offset + found} : ce n’est pas un fichier texte."
        )


def _still_decodes(
    decoder: codecs.IncrementalDecoder | None, block: bytes, final: bool = False
) -> codecs.IncrementalDecoder | None:
    if decoder is None:
        return None
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return None
    return decoder


def _decodes(decode: "codecs._Decoder", block: bytes) -> bool:
    try:
        decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(source: Source, encoding: str) -> str:
    """`;` or `,`: the one the header line has more of, outside quotes."""
    with _text_of(source, encoding) as handle:
        header = handle.readline(MAX_LINE)
    bare = "".join(header.split('"')[::2])
    return "," if bare.count(",") > bare.count(";") else ";"


def _records(source: Source, encoding: str, delimiter: str) -> Iterator[Row]:
    """Every record but the blank ones; a record with line breaks inside its cells counts as one row."""
    csv.field_size_limit(MAX_CELL)
    with _text_of(source, encoding) as handle:
        reader = csv.reader(_lines(handle), delimiter=delimiter, strict=True)
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise UnreadableFileError(_told(error, number)) from error
            if len(cells) > MAX_COLUMNS:
                raise UnreadableFileError(f"Ligne {number} : {len(cells)} colonnes (au plus {MAX_COLUMNS}).")
            if number == 1 or not all(map(is_blank, cells)):
                yield Row(number, cells)


def _lines(handle: TextIO) -> Iterator[str]:
    number = 0
    while line := handle.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise UnreadableFileError(
                f"Ligne {number} du fichier : plus de {MAX_LINE} caractères (trop de colonnes ou cellule démesurée)."
            )
        yield line


def _told(error: csv.Error, number: int) -> str:
    text = str(error)
    if "field larger" in text:
        return (
            f"Ligne {number} : une cellule dépasse {MAX_CELL} caractères, ou un guillemet n’est pas refermé."
        )
    if "unexpected end" in text:
        return f"Ligne {number} : un guillemet ouvert n’est pas refermé avant la fin du fichier."
    if "expected after" in text:
        return f"Ligne {number} : un guillemet refermé est suivi d’un autre caractère que le séparateur."
    return f"Ligne {number} : ligne illisible comme CSV."
