# SPDX-License-Identifier: EUPL-1.2
"""200,000 addresses in and around the 1,584 official perimeters: read and located as the product does, then each alone."""

import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import perf_counter

from app.config import load_config
from app.perimeters import geocoding_on
from bench.clock import seconds_of, status_mib
from bench.databases import ROOT, SHARED_DATA, folder
from bench.programme import NOW
from bench.table import Row, memory, plain, timed
from workflow.imports.csv_file import open_csv
from workflow.located.addresses import AddressFile, Batch
from workflow.located.counting import count_residents
from workflow.located.perimeter_file import PerimeterFile, read_perimeter_file
from workflow.located.perimeters import Perimeters

PERIMETERS = Path("qpv-2024") / "qpv2024_contours_arrondis_4dec.json.gz"
MANY, TARGET = 200_000, 10.0
AROUND = 0.002  # degrees: every address is in the box of a neighbourhood, widened by as much
WANTED = geocoding_on(load_config(ROOT / "config.yaml", {}).contracts[0], NOW.date())
HEADER = ("adresse", "code_postal", "commune", "latitude", "longitude", "result_score", "result_type")


def measure(loop: float) -> Iterator[Row]:
    """The perimeters once, then the file. Without the public data, says so."""
    source = SHARED_DATA / PERIMETERS
    if not source.is_file():
        yield plain("PUBLIC DATA ABSENT: ../shared/data is not beside the project, nothing measured", "")
        return
    start = perf_counter()
    file = read_perimeter_file(source)
    perimeters = Perimeters(file)
    what = f"{len(perimeters.codes):,} perimeters read and indexed (once per process)"
    yield timed(what, perf_counter() - start, loop=loop)
    with folder() as place:
        path = _addresses(place / "addresses.csv", file)
        yield from _located(path, perimeters, loop)


def _located(path: Path, perimeters: Perimeters, loop: float) -> Iterator[Row]:
    before, start = status_mib("VmRSS"), perf_counter()
    counts = count_residents(path, perimeters, WANTED)
    yield timed("read and located, as the product does", perf_counter() - start, TARGET, loop=loop)
    yield memory("  memory added", status_mib("VmRSS") - before)
    inside = sum(counts.by_qpv.values())
    figures = f"{inside:,} in, {counts.outside:,} out, {counts.doubtful:,} to check"
    yield plain("  every address counted once", figures, is_met=counts.total == MANY)
    reading = seconds_of(lambda: [len(batch) for batch in _file(path).batches()])
    yield timed(f"{MANY:,} addresses: the CSV read and judged alone", reading, loop=loop)
    batches = list(_file(path).batches())
    points = sum(len(batch.longitudes) for batch in batches)
    locating = seconds_of(lambda: _locate(perimeters, batches))
    yield timed(f"{points:,} points located alone", locating, loop=loop)


def _locate(perimeters: Perimeters, batches: list[Batch]) -> None:
    for batch in batches:
        perimeters.locate(batch.longitudes, batch.latitudes, batch.decimals)


def _file(path: Path) -> AddressFile:
    return AddressFile(open_csv(path), WANTED)


def _addresses(path: Path, file: PerimeterFile) -> Path:
    """In and around neighbourhoods taken at random; a tenth poorly geocoded."""
    random = Random(2026)
    boxes = [_box(outline.polygons[0][0]) for outline in file.outlines]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADER)
        for number in range(MANY):
            west, south, east, north = random.choice(boxes)
            latitude, longitude = random.uniform(south, north), random.uniform(west, east)
            score = random.uniform(0.4, 0.7) if number % 10 == 0 else random.uniform(0.7, 1)
            street = f"{number % 99} rue des Lilas"
            writer.writerow(
                (
                    street,
                    "59580",
                    "Aniche",
                    f"{latitude:.6f}",
                    f"{longitude:.6f}",
                    f"{score:.4f}",
                    "housenumber",
                )
            )
    return path


def _box(ring: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = zip(*ring, strict=True)
    return min(xs) - AROUND, min(ys) - AROUND, max(xs) + AROUND, max(ys) + AROUND
