# SPDX-License-Identifier: EUPL-1.2
"""Counts who lives in which QPV, from a file of geocoded addresses read once, batch by batch, and forgotten."""

from workflow.imports.csv_file import Source, open_csv
from workflow.imports.source import UnreadableFileError
from workflow.located.addresses import AddressFile, Batch, Doubt, Geocoding
from workflow.located.counts import LocatedCounts, Sums
from workflow.located.perimeters import Perimeters


def count_residents(source: Source, perimeters: Perimeters, wanted: Geocoding) -> LocatedCounts:
    """The counts of one file. Raises UnreadableFileError: not the expected file, or nothing in it can be read."""
    file = AddressFile(open_csv(source), wanted)
    sums, orientation = Sums(), _Orientation()
    for batch in file.batches():
        sums.total += len(batch)
        sums.add(sums.to_check, {str(doubt): many for doubt, many in batch.doubts.items()})
        tally = perimeters.locate(batch.longitudes, batch.latitudes, batch.decimals)
        sums.outside += tally.outside
        sums.add(sums.by_qpv, tally.by_code)
        sums.add(sums.to_check, {str(Doubt.NEAR_EDGE): tally.near_edge})
        orientation.see(batch, tally.met, perimeters)
    orientation.check(sums)
    return LocatedCounts(
        total=sums.total,
        by_qpv=dict(sorted(sums.by_qpv.items())),
        outside=sums.outside,
        to_check=dict(sorted(sums.to_check.items())),
        perimeters=perimeters.name,
        sha256=perimeters.sha256,
        precision_metres=perimeters.precision_metres,
        min_score=wanted.min_score,
        precise_types=tuple(sorted(wanted.precise_types)),
        unchecked=file.unchecked,
    )


class _Orientation:
    """Sees columns that were exchanged, or that hold no degrees: such a file would put everybody outside."""

    def __init__(self) -> None:
        self.met, self.met_exchanged = 0, 0

    def see(self, batch: Batch, met: int, perimeters: Perimeters) -> None:
        """One more batch."""
        self.met += met
        if not self.met:
            self.met_exchanged += perimeters.count_met(batch.latitudes, batch.longitudes)

    def check(self, sums: Sums) -> None:
        """Raises UnreadableFileError."""
        unreadable = sums.to_check.get(Doubt.UNREADABLE, 0)
        if unreadable and unreadable + sums.to_check.get(Doubt.NOT_GEOCODED, 0) == sums.total:
            raise UnreadableFileError(
                "Aucune coordonnée lisible : latitude et longitude sont attendues en degrés (50.325711), pas en mètres "
                "(Lambert-93)."
            )
        if not self.met and self.met_exchanged:
            raise UnreadableFileError(
                "Aucune adresse n’est près d’un quartier, sauf à échanger latitude et longitude : les deux colonnes "
                "sont inversées, dans ce fichier ou dans celui des périmètres."
            )
