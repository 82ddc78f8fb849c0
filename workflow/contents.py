# SPDX-License-Identifier: EUPL-1.2
"""What a received file really is, by its content: the few kinds that are taken, and why the others are not.

Nothing is decompressed but two small parts of an office file, read up to a bound; everything else is judged by what the
archive declares.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from puremagic import PureError, magic_string

from workflow.errors import InvalidInputError, TooLargeError, UnsupportedContentError

LARGEST = 10_000_000
LONGEST_NAME = 150
MOST_PARTS, MOST_UNPACKED, MOST_RATIO = 5_000, 200_000_000, 200
FIELD = "file"
ACCEPTED = "PDF, PNG, JPEG, ODT, ODS, DOCX, XLSX, CSV ou TXT"
OPEN_XML, ODF = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
MACROS = ("vbaproject.bin", "vbadata.xml", "macrosheets/", "basic/", "scripts/")
DISGUISED = ((b"MZ", "d’un programme Windows"), (b"\x7fELF", "d’un programme"), (b"#!", "d’un script"))
FORBIDDEN_SIGNS = '/\\<>:"|?*'
TEXT_SIGNS = frozenset("\t\n\r\f")


@dataclass(frozen=True, slots=True)
class Received:
    """A file that may be kept: its name, its real media type, its bytes."""

    name: str
    media_type: str
    content: bytes


def check_content(name: str, content: bytes) -> Received:
    """The file, known for what it is. Raises InvalidInputError, UnsupportedContentError or TooLargeError, in French."""
    name = checked_name(name)
    if len(content) > LARGEST:
        raise TooLargeError(
            f"« {name} » dépasse {LARGEST // 1_000_000} Mo : allégez-le, ou envoyez-le en plusieurs parties.",
            FIELD,
        )
    if not content.strip(b"\x00 \t\r\n"):
        raise InvalidInputError(f"« {name} » est vide : vérifiez le fichier, puis renvoyez-le.", FIELD)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    check = CHECKS.get(extension)
    if check is None:
        said = f"Un fichier « .{extension} »" if extension else f"« {name} », sans extension,"
        raise UnsupportedContentError(f"{said} n’est pas accepté : envoyez un fichier {ACCEPTED}.", FIELD)
    return Received(name, check(name, extension, content), content)


def checked_name(name: str) -> str:
    """The name as it will be shown and sent back. Raises InvalidInputError when it hides something."""
    name = unicodedata.normalize("NFC", name).strip()
    if any(unicodedata.category(sign).startswith("C") for sign in name):
        raise InvalidInputError("Le nom du fichier contient des signes invisibles : renommez-le.", FIELD)
    if name.startswith(".") or any(sign in name for sign in FORBIDDEN_SIGNS):
        listed = " ".join(FORBIDDEN_SIGNS)
        raise InvalidInputError(
            f"Le nom « {name[:60]} » n’est pas un simple nom de fichier : renommez-le, sans {listed} ni point au début.",
            FIELD,
        )
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInputError(
            f"Le nom du fichier doit avoir de 1 à {LONGEST_NAME} signes : renommez-le.", FIELD
        )
    return name


def _by_first_bytes(media_type: str) -> Callable[[str, str, bytes], str]:
    """A kind that its first bytes tell entirely."""

    def check(name: str, extension: str, content: bytes) -> str:
        if media_type not in _kinds_of(content):
            raise _disguised(name, extension, content)
        return media_type

    return check


def _kinds_of(content: bytes) -> frozenset[str]:
    try:
        return frozenset(found.mime_type for found in magic_string(content[:4096]))
    except (PureError, ValueError):
        return frozenset()


def _disguised(name: str, extension: str, content: bytes) -> UnsupportedContentError:
    for start, words in DISGUISED:
        if content.startswith(start):
            return UnsupportedContentError(
                f"« {name} » n’est pas un fichier {extension.upper()} : son contenu est celui {words}. Il n’a pas été gardé.",
                FIELD,
            )
    return UnsupportedContentError(
        f"« {name} » n’est pas un fichier {extension.upper()}, malgré son nom : ouvrez-le, enregistrez-le dans ce format, "
        "puis renvoyez-le.",
        FIELD,
    )


def _office(media_type: str) -> Callable[[str, str, bytes], str]:
    """An office file: an archive that declares this kind, of a decent size once open, without macro nor password."""

    def check(name: str, extension: str, content: bytes) -> str:
        try:
            with ZipFile(BytesIO(content)) as archive:
                _check_size(name, archive, len(content))
                declared = _declared(archive, media_type)
                parts = [item.filename.lower() for item in archive.infolist()]
        except (BadZipFile, NotImplementedError, RuntimeError, ValueError, KeyError, OSError, EOFError):
            raise _disguised(name, extension, content) from None
        if "macroenabled" in declared.lower() or any(_is_macro(part) for part in parts):
            raise UnsupportedContentError(
                f"« {name} » contient des macros : enregistrez-le sans macros, ou en PDF, puis renvoyez-le.",
                FIELD,
            )
        if declared.strip() != media_type and f"{media_type}.main+xml" not in declared:
            raise _disguised(name, extension, content)
        return media_type

    return check


def _check_size(name: str, archive: ZipFile, size: int) -> None:
    items = archive.infolist()
    unpacked = sum(item.file_size for item in items)
    if (
        len(items) > MOST_PARTS
        or unpacked > MOST_UNPACKED
        or (unpacked > LARGEST and unpacked > size * MOST_RATIO)
    ):
        raise InvalidInputError(
            f"« {name} » deviendrait énorme une fois ouvert : il n’a pas été lu. Enregistrez-le en PDF, puis renvoyez-le.",
            FIELD,
        )


def _declared(archive: ZipFile, media_type: str) -> str:
    """What the archive says it is: its `mimetype` (ODF), or its content types (Open XML)."""
    part = "mimetype" if media_type.startswith(ODF) else "[Content_Types].xml"
    with archive.open(part) as opened:
        return opened.read(500_000).decode("utf-8", "replace")


def _is_macro(part: str) -> bool:
    return any(part.endswith(mark) or part.startswith(mark) or f"/{mark}" in part for mark in MACROS)


def _text(name: str, extension: str, content: bytes) -> str:
    """Plain text, whatever its first bytes look like: it is only ever sent back as text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if any(unicodedata.category(sign) == "Cc" and sign not in TEXT_SIGNS for sign in text):
        raise _disguised(name, extension, content)
    return "text/csv" if extension == "csv" else "text/plain"


CHECKS: dict[str, Callable[[str, str, bytes], str]] = {
    "pdf": _by_first_bytes("application/pdf"),
    "png": _by_first_bytes("image/png"),
    "jpg": _by_first_bytes("image/jpeg"),
    "jpeg": _by_first_bytes("image/jpeg"),
    "odt": _office(f"{ODF}text"),
    "ods": _office(f"{ODF}spreadsheet"),
    "docx": _office(f"{OPEN_XML}wordprocessingml.document"),
    "xlsx": _office(f"{OPEN_XML}spreadsheetml.sheet"),
    "csv": _text,
    "txt": _text,
}
