# SPDX-License-Identifier: EUPL-1.2
"""What a received file really is: the kinds taken, and each disguise refused in French."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.factories.files import DOCX, ODS, PDF, PNG, office, open_xml
from workflow.contents import LARGEST, check_content
from workflow.errors import InvalidInputError, TooLargeError, UnsupportedContentError

EXE = b"MZ\x90\x00" + b"\x00" * 60 + b"PE\x00\x00" + b"\x01" * 400


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("Budget signé.PDF", PDF, "application/pdf"),
        ("plan.png", PNG, "image/png"),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40, "image/jpeg"),
        ("comptes.ods", ODS, "application/vnd.oasis.opendocument.spreadsheet"),
        ("note.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("dirigeants.csv", "nom;fonction\nDupré;présidente\n".encode("cp1252"), "text/csv"),
        ("lettre.txt", "Voilà.\r\n".encode(), "text/plain"),
    ],
)
def test_what_is_taken_is_known_for_what_it_is(name: str, content: bytes, media_type: str) -> None:
    assert check_content(name, content).media_type == media_type


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("statuts.pdf", EXE, "son contenu est celui d’un programme Windows"),
        ("statuts.pdf", b"<html><script>alert(1)</script>", "n’est pas un fichier PDF, malgré son nom"),
        ("photo.png", PDF, "n’est pas un fichier PNG"),
        ("setup.exe", EXE, "« .exe » n’est pas accepté : envoyez un fichier PDF"),
        ("page.html", b"<html></html>", "« .html » n’est pas accepté"),
        ("image.svg", b"<svg onload='x()'/>", "« .svg » n’est pas accepté"),
        ("statuts", PDF, "sans extension"),
        ("liste.csv", EXE, "n’est pas un fichier CSV"),
        ("note.docx", PDF, "n’est pas un fichier DOCX"),
        ("note.docx", ODS, "n’est pas un fichier DOCX"),
        ("note.docx", DOCX[:200], "n’est pas un fichier DOCX"),
        ("comptes.ods", office({"mimetype": b"application/vnd.oasis.opendocument.text"}), "fichier ODS"),
        ("note.docx", open_xml("word", {"word/vbaProject.bin": b"x"}), "contient des macros"),
        ("note.docx", open_xml("word", kind="macroEnabled"), "contient des macros"),
        ("comptes.ods", office({"Basic/Standard/Module1.xml": b"x"}, "spreadsheet"), "contient des macros"),
    ],
)
def test_a_disguised_file_is_unsupported(name: str, content: bytes, said: str) -> None:
    with pytest.raises(UnsupportedContentError, match=said):
        check_content(name, content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("statuts.pdf", b"", "est vide"),
        ("statuts.pdf", b"\x00\x00\n", "est vide"),
        ("../statuts.pdf", PDF, "simple nom de fichier"),
        ("C:\\statuts.pdf", PDF, "simple nom de fichier"),
        (".statuts.pdf", PDF, "simple nom de fichier"),
        ("statuts\r\nX: y.pdf", PDF, "signes invisibles"),
        ("exe\u202efdp.pdf", PDF, "signes invisibles"),
        ("", PDF, "de 1 à 150 signes"),
        ("a" * 160 + ".pdf", PDF, "de 1 à 150 signes"),
        ("note.docx", open_xml("word", {"word/media/bombe.bin": b"\x00" * 12_000_000}), "énorme une fois ouvert"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_told(name: str, content: bytes, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as refused:
        check_content(name, content)
    assert refused.value.field == "file"


def test_an_office_file_of_thousands_of_parts_is_not_read() -> None:
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as written:
        for number in range(5_001):
            written.writestr(f"word/{number}.xml", b"")
    with pytest.raises(InvalidInputError, match="énorme une fois ouvert"):
        check_content("note.docx", archive.getvalue())


def test_a_file_beyond_the_limit_is_refused_and_one_at_the_limit_is_taken() -> None:
    assert check_content("a.pdf", PDF.ljust(LARGEST, b" ")).name == "a.pdf"
    with pytest.raises(TooLargeError, match="dépasse 10 Mo"):
        check_content("a.pdf", PDF.ljust(LARGEST + 1, b" "))
