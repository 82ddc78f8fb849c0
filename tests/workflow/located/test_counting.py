# SPDX-License-Identifier: EUPL-1.2
"""The beneficiaries' file: how it is read, what puts a row aside, and what no order and no batch can change."""

import io
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.contract import QPV_BAS, QPV_HAUT
from tests.factories.perimeters import (
    ELSEWHERE,
    INSIDE,
    INSIDE_BAS,
    NOT_FOUND,
    ON_EDGE,
    OUTSIDE,
    POOR_SCORE,
    QPV_ELSEWHERE,
    STREET_ONLY,
    UNREADABLE,
    beneficiaries,
    toy_rings,
    write_beneficiaries,
)
from workflow.imports.source import UnreadableFileError
from workflow.located import addresses
from workflow.located.addresses import Geocoding
from workflow.located.counting import count_residents
from workflow.located.counts import LocatedCounts
from workflow.located.perimeter_file import Outline, PerimeterFile
from workflow.located.perimeters import Perimeters

WANTED = Geocoding(0.7, frozenset({"housenumber"}))
ROWS = (INSIDE, INSIDE_BAS, ELSEWHERE, OUTSIDE, ON_EDGE, POOR_SCORE, STREET_ONLY, NOT_FOUND, UNREADABLE)
TOY = Perimeters(
    PerimeterFile(
        "essai.json",
        "0" * 64,
        [
            Outline(code, [[[(x, y) for x, y in ring] for ring in polygon] for polygon in area])
            for code, area in toy_rings().items()
        ],
    )
)


def counted(text: str | bytes) -> LocatedCounts:
    content = text.encode() if isinstance(text, str) else text
    return count_residents(io.BytesIO(content), TOY, WANTED)


def test_each_row_is_counted_once_where_it_is_sure_or_apart(tmp_path: Path) -> None:
    counts = count_residents(write_beneficiaries(tmp_path, [*ROWS, INSIDE]), TOY, WANTED)

    assert (counts.total, counts.outside) == (10, 1)
    assert counts.by_qpv == {QPV_HAUT: 2, QPV_BAS: 1, QPV_ELSEWHERE: 1}
    assert counts.to_check == dict.fromkeys(
        ("near_edge", "poor_score", "poor_type", "not_geocoded", "unreadable"), 1
    )
    assert (counts.inside([QPV_HAUT, QPV_BAS]), counts.elsewhere([QPV_HAUT, QPV_BAS])) == (3, 1)
    assert (counts.perimeters, counts.precision_metres, counts.unchecked) == ("essai.json", 8, ())


def test_counts_are_the_same_once_written_and_read() -> None:
    counts = counted(beneficiaries(ROWS))

    assert LocatedCounts.from_json(counts.to_json()) == counts


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(ROWS), min_size=1, max_size=30), st.randoms())
def test_figures_add_up_and_order_does_not_matter(
    rows: list[tuple[str, str, str, str]], random: object
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    if all(row in (UNREADABLE, NOT_FOUND) for row in rows) and UNREADABLE in rows:
        with pytest.raises(UnreadableFileError):
            counted(beneficiaries(rows))
        return

    counts = counted(beneficiaries(rows))

    assert sum(counts.by_qpv.values()) + counts.outside + counts.doubtful == counts.total == len(rows)
    assert counted(beneficiaries(shuffled)) == counts


def test_batches_change_nothing() -> None:
    many = addresses.BATCH + 7

    counts = counted(beneficiaries([INSIDE, NOT_FOUND] * (many // 2) + [OUTSIDE]))

    assert (counts.total, counts.by_qpv[QPV_HAUT], counts.to_check["not_geocoded"], counts.outside) == (
        many // 2 * 2 + 1,
        many // 2,
        many // 2,
        1,
    )


def test_cp1252_semicolons_decimal_commas_and_other_headers() -> None:
    text = (
        "Prénom;Latitude;LONGITUDE;Result score;Résult_Type\r\n"
        "Zoé;50,302613;3,205117;0,97;housenumber\r\nNoël;50,290003;3,190001;0,2;housenumber\r\n"
    )

    counts = counted(text.encode("cp1252"))

    assert (counts.total, counts.by_qpv, counts.to_check) == (2, {QPV_HAUT: 1}, {"poor_score": 1})


def test_without_its_columns_of_quality_the_file_says_so() -> None:
    counts = counted("latitude,longitude\n50.302613,3.205117\n")

    assert (counts.by_qpv, counts.unchecked) == ({QPV_HAUT: 1}, ("result_score", "result_type"))


@pytest.mark.parametrize(
    ("score", "kind", "doubt"),
    [
        ("0.7", "housenumber", None),
        ("1", "HouseNumber", None),
        ("0.6999", "housenumber", "poor_score"),
        ("", "housenumber", "poor_score"),
        ("bon", "housenumber", "poor_score"),
        ("0.97", "street", "poor_type"),
        ("0.97", "municipality", "poor_type"),
        ("0.97", "", "poor_type"),
        ("0.2", "street", "poor_score"),
    ],
)
def test_a_poor_geocoding_is_counted_apart(score: str, kind: str, doubt: str | None) -> None:
    counts = counted(beneficiaries([(INSIDE[0], INSIDE[1], score, kind)]))

    assert counts.to_check == ({doubt: 1} if doubt else {})
    assert counts.by_qpv == ({} if doubt else {QPV_HAUT: 1})


@pytest.mark.parametrize(
    ("latitude", "longitude", "doubt"),
    [
        ("", "3.205117", "not_geocoded"),
        (" ", "", "not_geocoded"),
        ("nan", "3.205117", "unreadable"),
        ("50.3026N", "3.205117", "unreadable"),
        ("5e1", "3.205117", "unreadable"),
        ("95.302613", "3.205117", "unreadable"),
        ("50.302613", "181.205117", "unreadable"),
        ("7030000.5", "705000.5", "unreadable"),
        ("50.30", "3.20", "near_edge"),
    ],
)
def test_coordinates_that_say_nothing_are_counted_apart(latitude: str, longitude: str, doubt: str) -> None:
    counts = counted(beneficiaries([INSIDE, (latitude, longitude, "0.97", "housenumber")]))

    assert (counts.total, counts.to_check, counts.outside) == (2, {doubt: 1}, 0)


def test_a_row_cut_short_is_counted_apart_and_a_blank_one_is_no_row() -> None:
    counts = counted("prenom,latitude,longitude\nAnne\n,,\n\nZoé,50.302613,3.205117\n")

    assert (counts.total, counts.to_check) == (2, {"not_geocoded": 1})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "vide"),
        ("nom,adresse\nAnne,14 rue des Lilas\n", "« latitude » ni « longitude »"),
        ("nom,latitude\nAnne,50.3\n", "colonne « longitude »"),
        ("latitude,longitude,latitude\n1,2,3\n", "même en-tête"),
        ("latitude,longitude\n7030000.5,705000.5\n,\n", "Lambert-93"),
        ("latitude,longitude\n3.205117,50.302613\n", "inversées"),
        ("PK\0\3", "nul"),
    ],
)
def test_another_file_is_refused_in_french(content: str, words: str) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        counted(content)

    assert words in refused.value.message.replace("\u00a0", " ")
    assert "Anne" not in refused.value.message and "705000" not in refused.value.message


def test_headers_alone_are_a_file_of_nobody() -> None:
    counts = counted("latitude,longitude,result_score,result_type\n")

    assert (counts.total, counts.by_qpv, counts.to_check, counts.outside) == (0, {}, {}, 0)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "MAX_ROWS", 3)

    assert counted(beneficiaries([INSIDE] * 3)).total == 3
    with pytest.raises(UnreadableFileError, match="plus de 3 lignes"):
        counted(beneficiaries([INSIDE] * 4))


def test_a_file_without_a_name_is_read_from_its_start_and_left_open() -> None:
    stream = io.BytesIO(beneficiaries([INSIDE]).encode("utf-8-sig"))
    stream.seek(5)

    assert count_residents(cast("BinaryIO", stream), TOY, WANTED).by_qpv == {QPV_HAUT: 1}
    assert not stream.closed
