# SPDX-License-Identifier: EUPL-1.2
"""XLSX and ODS archives made safe: sizes measured while uncompressing, before any library opens them."""

import io
import zipfile
import zlib
from pathlib import Path

from workflow.imports.limits import (
    MAX_ARCHIVE_BYTES,
    MAX_PART_BYTES,
    MAX_PARTS,
    MAX_RATIO,
    RATIO_FROM,
)
from workflow.imports.source import UnreadableFileError

_KEPT = (".xml", ".rels")
_BLOCK = 1 << 16


def read_archive(path: Path) -> dict[str, bytes]:
    """The XML parts by name. Raises UnreadableFileError: damaged, protected, too big once uncompressed (zip bomb)."""
    if path.stat().st_size > MAX_ARCHIVE_BYTES:
        raise UnreadableFileError(f"Classeur trop gros (au plus {MAX_ARCHIVE_BYTES} octets).")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_sizes(entries)
            return _read_parts(archive, [entry for entry in entries if _is_kept(entry.filename)])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise UnreadableFileError("Classeur endommagé : l’archive ne se décompresse pas.") from error


def _is_kept(name: str) -> bool:
    return name.lower().endswith(_KEPT) or name == "mimetype"


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    """What the archive says of itself; what it really holds is measured by `_read_parts`."""
    if len(entries) > MAX_PARTS or len({entry.filename for entry in entries}) != len(entries):
        raise UnreadableFileError("Classeur refusé : trop de parties, ou deux parties du même nom.")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise UnreadableFileError("Classeur protégé par un mot de passe : enregistrez-le sans protection.")
    total = sum(entry.file_size for entry in entries if _is_kept(entry.filename))
    if total > MAX_PART_BYTES or any(_is_bomb(entry) for entry in entries):
        raise UnreadableFileError(_bomb(total))


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)


def _bomb(total: int) -> str:
    return (
        f"Classeur refusé : il se décompresse en {total} octets ou plus (au plus {MAX_PART_BYTES}, "
        f"et {MAX_RATIO} fois sa taille). C’est peut-être une archive piégée."
    )


def _read_parts(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    parts, total = {}, 0
    for entry in entries:
        blocks = []
        with archive.open(entry) as part:
            while block := part.read(_BLOCK):
                total += len(block)
                if total > MAX_PART_BYTES:
                    raise UnreadableFileError(_bomb(total))
                blocks.append(block)
        parts[entry.filename] = b"".join(blocks)
    return parts


def repacked(parts: dict[str, bytes]) -> io.BytesIO:
    """The same parts in a plain archive: what a library reads is exactly what was measured and scanned."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    target.seek(0)
    return target
