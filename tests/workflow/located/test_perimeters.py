# SPDX-License-Identifier: EUPL-1.2
"""Inside, outside, or too near an edge to tell: the margin in metres, holes, rings that cross themselves, the real file."""

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from tests.factories.contract import QPV_BAS, QPV_HAUT
from tests.factories.perimeters import (
    EAST,
    METRES,
    MIDDLE,
    NORTH,
    QPV_ELSEWHERE,
    SOUTH,
    WEST,
    moved,
    square,
    toy_rings,
)
from workflow.located.perimeter_file import Outline, PerimeterFile, PerimetersError, Ring, read_perimeter_file
from workflow.located.perimeters import Perimeters, Tally, decimals_of

DOUBT = "à vérifier"
NATIONAL = "qpv2024_contours_arrondis_4dec.json.gz"
LOCAL = {f"QN0593{n}M" for n in (4, 5, 6, 7, 8, 9)} | {"QN05940M", "QN05994I"}


def points(ring: list[list[float]]) -> Ring:
    return [(x, y) for x, y in ring]


def perimeters_of(**areas: list[list[Ring]]) -> Perimeters:
    outlines = [Outline(code, area) for code, area in areas.items()]
    return Perimeters(PerimeterFile("essai.json", "0" * 64, outlines))


TOY = perimeters_of(
    **{code: [[points(ring) for ring in p] for p in area] for code, area in toy_rings().items()}
)


def where(perimeters: Perimeters, longitude: float, latitude: float, decimals: int = 7) -> str | None:
    """The code, None outside, DOUBT near an edge."""
    return told(perimeters.locate([longitude], [latitude], [decimals]))


def told(tally: Tally) -> str | None:
    assert tally.by_code.total() + tally.outside + tally.near_edge == 1
    return DOUBT if tally.near_edge else next(iter(tally.by_code), None)


def test_each_point_is_in_its_own_neighbourhood() -> None:
    x, y = MIDDLE
    assert TOY.codes == {QPV_HAUT, QPV_BAS, QPV_ELSEWHERE}
    assert [where(TOY, x + by, y) for by in (0, 0.05, 0.1, 0.15, -90)] == [
        QPV_HAUT,
        QPV_BAS,
        QPV_ELSEWHERE,
        None,
        None,
    ]


def test_four_decimals_are_good_to_eight_metres() -> None:
    assert TOY.precision_metres == 8


@pytest.mark.parametrize(
    ("metres", "inside", "outside"), [(0.0, DOUBT, DOUBT), (7.5, DOUBT, DOUBT), (8.5, QPV_HAUT, None)]
)
@pytest.mark.parametrize("side", ["south", "west", "east", "north"])
def test_near_an_edge_is_neither_in_nor_out(
    side: str, metres: float, inside: str, outside: str | None
) -> None:
    x, y = MIDDLE
    edge, east, north = {
        "south": ((x, SOUTH), 0, 1),
        "north": ((x, NORTH), 0, -1),
        "west": ((WEST, y), 1, 0),
        "east": ((EAST, y), -1, 0),
    }[side]

    assert where(TOY, *moved(*edge, east=east * metres, north=north * metres)) == inside
    assert where(TOY, *moved(*edge, east=-east * metres, north=-north * metres)) == outside


def test_a_corner_is_measured_as_the_crow_flies() -> None:
    assert where(TOY, *moved(WEST, SOUTH, east=-5, north=-5)) == DOUBT
    assert where(TOY, *moved(WEST, SOUTH, east=-6, north=-6)) is None


@pytest.mark.parametrize(("decimals", "metres"), [(2, 788), (3, 79), (4, 8), (5, 1), (6, 1)])
def test_precision_follows_the_decimals_with_a_floor(decimals: int, metres: int) -> None:
    corner = 3 + 10.0**-decimals
    ring = points(square(corner, 50 + 10.0**-decimals, corner + 0.25, 50.5))

    assert perimeters_of(**{QPV_HAUT: [[ring]]}).precision_metres == metres


def test_a_few_longer_coordinates_do_not_make_a_file_precise() -> None:
    rounded = [[round(0.0001 * n, 4), 50.1234] for n in range(1000)]

    assert decimals_of(rounded) == 4
    assert decimals_of([*rounded, [3.123456789, 50.987654321]]) == 4
    assert decimals_of([[3.123456, 50.9876541]] * 3) == 7


def test_a_point_written_with_few_decimals_is_trusted_less() -> None:
    place = moved(*MIDDLE, east=200)  # 155 m from the nearest edge
    assert where(TOY, *place, decimals=4) == QPV_HAUT
    assert where(TOY, *place, decimals=3) == QPV_HAUT
    assert where(TOY, *place, decimals=2) == DOUBT


def test_a_hole_is_outside() -> None:
    x, y = MIDDLE
    hole = points(square(x - 0.001, y - 0.001, x + 0.001, y + 0.001))
    shell = points(square(WEST, SOUTH, EAST, NORTH))
    ringed = perimeters_of(**{QPV_HAUT: [[shell, hole]]})

    assert where(ringed, x, y) is None
    assert where(ringed, x - 0.003, y) == QPV_HAUT
    assert where(ringed, *moved(x, y - 0.001, north=0.5)) == DOUBT
    island = perimeters_of(**{QPV_HAUT: [[shell, hole]], QPV_BAS: [[hole]]})
    assert where(island, x, y) == QPV_BAS


def test_where_two_perimeters_overlap_nobody_is_sure() -> None:
    shell = points(square(WEST, SOUTH, EAST, NORTH))

    assert where(perimeters_of(**{QPV_HAUT: [[shell]], QPV_BAS: [[shell]]}), *MIDDLE) == DOUBT


def test_a_ring_that_crosses_itself_keeps_both_its_lobes() -> None:
    x, y = MIDDLE
    eight = [(WEST, SOUTH), (EAST, NORTH), (EAST, SOUTH), (WEST, NORTH), (WEST, SOUTH)]
    crossed = perimeters_of(**{QPV_HAUT: [[eight]]})

    assert [where(crossed, x + by, y) for by in (-0.003, 0.003)] == [QPV_HAUT, QPV_HAUT]
    assert [where(crossed, x, y + by) for by in (-0.0015, 0.0015)] == [None, None]


def test_a_ring_that_touches_itself_and_parts_that_overlap_keep_their_area() -> None:
    x, y = MIDDLE
    bitten = [(WEST, SOUTH), (EAST, SOUTH), (EAST, NORTH), (x, SOUTH), (WEST, NORTH), (WEST, SOUTH)]
    touching = perimeters_of(**{QPV_HAUT: [[bitten]]})
    assert [where(touching, x + by, SOUTH + 0.0008) for by in (-0.003, 0, 0.003)] == [
        QPV_HAUT,
        None,
        QPV_HAUT,
    ]
    whole, half = points(square(WEST, SOUTH, EAST, NORTH)), points(square(WEST, SOUTH, x + 0.001, NORTH))
    assert where(perimeters_of(**{QPV_HAUT: [[whole], [half]]}), x - 0.002, y) == QPV_HAUT


def test_a_part_that_rounding_flattened_is_still_an_edge() -> None:
    flat = [(3.2201, 50.3001), (3.2202, 50.3001), (3.2203, 50.3001), (3.2201, 50.3001)]
    flattened = perimeters_of(**{QPV_HAUT: [[points(square(WEST, SOUTH, EAST, NORTH))], [flat]]})

    assert where(flattened, *moved(3.2202, 50.3001, north=4)) == DOUBT
    assert where(flattened, *moved(3.2202, 50.3001, north=20)) is None


def test_an_outline_without_area_or_that_goes_round_many_times_is_refused() -> None:
    flat = [(3.2201, 50.3001), (3.2202, 50.3001), (3.2203, 50.3001), (3.2201, 50.3001)]
    with pytest.raises(PerimetersError, match=f"{QPV_HAUT}.* sans surface"):
        perimeters_of(**{QPV_HAUT: [[flat]]})
    twice = points(square(WEST, SOUTH, EAST, NORTH))
    with pytest.raises(PerimetersError, match=f"{QPV_HAUT}.* contour inutilisable"):
        perimeters_of(**{QPV_HAUT: [[[*twice, *twice[1:]]]]})


def test_no_point_at_all_is_a_count_of_nothing() -> None:
    assert TOY.locate([], [], []) == Tally(TOY.locate([], [], []).by_code, 0, 0, 0)


def even_odd(outline: Outline, longitude: float, latitude: float) -> bool:
    """Ray casting on the rings as they are drawn, without shapely."""
    inside = False
    for polygon in outline.polygons:
        for ring in polygon:
            for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]):
                if (y1 > latitude) != (y2 > latitude):
                    inside ^= longitude < x1 + (latitude - y1) * (x2 - x1) / (y2 - y1)
    return inside


@pytest.fixture(scope="module")
def national(shared_data: Path) -> tuple[PerimeterFile, Perimeters]:
    file = read_perimeter_file(shared_data / "qpv-2024" / NATIONAL)
    return file, Perimeters(file)


@pytest.mark.shared_data
def test_the_national_file_holds_its_1584_neighbourhoods(national: tuple[PerimeterFile, Perimeters]) -> None:
    _, perimeters = national

    assert len(perimeters.codes) == 1584
    assert perimeters.codes >= LOCAL
    assert perimeters.precision_metres == 8


@pytest.mark.shared_data
def test_the_local_extract_says_as_the_national_file(
    shared_data: Path, national: tuple[PerimeterFile, Perimeters]
) -> None:
    extract = Perimeters.read(shared_data / "qpv-2024" / "qpv2024_coeur_ostrevent.geojson")
    file, whole = national
    assert extract.codes == LOCAL
    random = Random(2026)
    for outline in file.outlines:
        if outline.code in LOCAL:
            for x, y in around(outline, random, 60):
                assert where(extract, x, y) == where(whole, x, y)


@pytest.mark.shared_data
def test_points_of_every_neighbourhood_agree_with_another_way_of_counting(
    national: tuple[PerimeterFile, Perimeters],
) -> None:
    """Sure answers are those of ray casting on the file's own rings; each neighbourhood is found."""
    file, perimeters = national
    random, found = Random(5), set()
    for outline in file.outlines:
        for tried, (x, y) in enumerate(around(outline, random, 300)):
            if tried >= 12 and outline.code in found:
                break
            answer = where(perimeters, x, y)
            if answer == outline.code:
                assert even_odd(outline, x, y)
                found.add(outline.code)
            elif answer != DOUBT:
                assert not even_odd(outline, x, y)
    assert perimeters.codes - found == set()


def around(outline: Outline, random: Random, many: int) -> list[tuple[float, float]]:
    """Points of the neighbourhood's box and a little beyond."""
    xs, ys = zip(*(point for polygon in outline.polygons for ring in polygon for point in ring), strict=True)
    extra = 200 / METRES
    return [
        (random.uniform(min(xs) - extra, max(xs) + extra), random.uniform(min(ys) - extra, max(ys) + extra))
        for _ in range(many)
    ]
