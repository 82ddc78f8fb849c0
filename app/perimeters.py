# SPDX-License-Identifier: EUPL-1.2
"""The perimeters named in the configuration, read once as long as their file stays the same, and files located in them."""

import logging
from datetime import date
from pathlib import Path
from threading import Lock

from app.config import Config
from workflow.errors import InvalidInputError
from workflow.examination import parameters_on
from workflow.imports.csv_file import Source
from workflow.located.addresses import Geocoding
from workflow.located.counting import count_residents
from workflow.located.counts import LocatedCounts
from workflow.located.perimeter_file import PerimetersError
from workflow.located.perimeters import Perimeters
from workflow.located.sketch import WIDTH, Sketch, draw
from workflow.territory import Territory

_KNOWN: dict[Path, tuple[tuple[int, int], Perimeters]] = {}
_ONE_READS = Lock()
_DRAWN: dict[Path, tuple[Perimeters, frozenset[str], Sketch | None]] = {}
log = logging.getLogger(__name__)


def perimeters_path(config: Config, contract: str) -> Path | None:
    """The file that the configuration names for this contract, if any."""
    found = next((item for item in config.contracts if item.code == contract), None)
    name = found.geography.perimeters if found is not None else None
    return None if name is None else config.beside(name)


def load_perimeters(path: Path) -> Perimeters:
    """The perimeters of this file; read again when its date or its size changed. Raises PerimetersError."""
    try:
        state = path.stat()
    except OSError:
        raise PerimetersError(path.name, "fichier introuvable.") from None
    seen = (state.st_mtime_ns, state.st_size)
    with _ONE_READS:
        known = _KNOWN.get(path)
        if known is None or known[0] != seen:
            known = _KNOWN[path] = (seen, Perimeters.read(path))
    return known[1]


def sketch_of(config: Config, contract: str) -> Sketch | None:
    """The neighbourhoods of the contract, drawn; None without perimeters, or when their file cannot be used."""
    path = perimeters_path(config, contract)
    if path is None:
        return None
    try:
        perimeters = load_perimeters(path)
    except PerimetersError:
        log.warning("perimeters unusable: the map is not shown", exc_info=True)
        return None
    codes = frozenset(config.contract(contract).qpv_by_code)
    known = _DRAWN.get(path)
    if known is None or known[0] is not perimeters or known[1] != codes:
        outlines = perimeters.outlines(codes, WIDTH)
        known = _DRAWN[path] = (perimeters, codes, draw(outlines) if outlines else None)
    return known[2]


def locate_residents(config: Config, contract: str, source: Source, on: date) -> LocatedCounts:
    """The counts of this file in the contract's perimeters, by the geocoding that is good enough that day.

    Raises InvalidInputError: nothing configured, or unreadable.
    """
    path = perimeters_path(config, contract)
    if path is None:
        raise InvalidInputError(
            "Les périmètres des QPV ne sont pas configurés\u00a0: l’administrateur les télécharge et les nomme dans "
            "geography.perimeters.",
            "perimeters",
        )
    return count_residents(source, load_perimeters(path), geocoding_on(config.contract(contract), on))


def geocoding_on(territory: Territory, on: date) -> Geocoding:
    """What makes an address sure that day, for this contract; nothing does where no parameter is in force."""
    day = parameters_on(territory, on)
    least, types = day.values["geocoding.min_score"], day.lists["geocoding.precise_types"]
    return Geocoding(1.0 if least is None else float(least), frozenset(types or ()))
