# SPDX-License-Identifier: EUPL-1.2
"""The perimeters' file as plain outlines: GeoJSON, or the national list (`qpvs`), gzipped or not. Each fault is a sentence."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from workflow.errors import InvalidInputError
from workflow.imports.source import header_key
from workflow.names import typeset
from workflow.territory import QPV_PATTERN

MAX_BYTES = 300_000_000  # of the file, and of what it holds once uncompressed
CODE = "code_qp"
GZIP = b"\x1f\x8b"
METRES_FROM = 1_000  # a coordinate beyond is no degree: metres of a projection
Ring = list[tuple[float, float]]


class PerimetersError(InvalidInputError):
    """The perimeters cannot be used: `message` names the file and, when possible, the neighbourhood."""

    def __init__(self, file: str, message: str) -> None:
        super().__init__(typeset(f"Périmètres des QPV, {file} : {message}"), "perimeters")


@dataclass(frozen=True, slots=True)
class Outline:
    """One neighbourhood as the file draws it: polygons, each a list of rings of (longitude, latitude), shell first."""

    code: str
    polygons: list[list[Ring]]


@dataclass(frozen=True, slots=True)
class PerimeterFile:
    """What was read: the file's name, the sha256 of its bytes as downloaded, its outlines."""

    name: str
    sha256: str
    outlines: list[Outline]


def read_perimeter_file(path: Path) -> PerimeterFile:
    """The outlines of the file, each code once, in degrees. Raises PerimetersError."""
    content = _bytes_of(path)
    try:
        outlines = _outlines(_json_of(path.name, content))
    except _Fault as fault:
        raise PerimetersError(path.name, str(fault)) from None
    return PerimeterFile(path.name, sha256(content).hexdigest(), outlines)


def _outlines(data: Any) -> list[Outline]:
    found: dict[str, Outline] = {}
    for place, code, geometry in _items(data):
        if code in found:
            raise _Fault(f"{place} : le code {code} est donné deux fois.")
        found[code] = Outline(code, list(_polygons(f"{place} ({code})", geometry)))
    if not found:
        raise _Fault("aucun quartier.")
    return list(found.values())


class _Fault(Exception):  # noqa: N818 - a fault of the file, told by PerimetersError
    """One French sentence, without the file's name."""


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PerimetersError(path.name, f"fichier trop gros (au plus {MAX_BYTES} octets).")
        return path.read_bytes()
    except FileNotFoundError:
        raise PerimetersError(path.name, "fichier introuvable.") from None
    except OSError as error:
        raise PerimetersError(path.name, f"lecture impossible ({error.strerror}).") from None


def _json_of(name: str, content: bytes) -> Any:
    try:
        text = _uncompressed(name, content).decode("utf-8-sig")
        return json.loads(text, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise PerimetersError(name, "le fichier n’est pas encodé en UTF-8.") from None
    except json.JSONDecodeError as error:
        raise PerimetersError(name, f"ce n’est pas du JSON (ligne {error.lineno}).") from None
    except (RecursionError, ValueError):
        raise PerimetersError(
            name, "JSON inutilisable (imbrication trop profonde ou nombre impossible)."
        ) from None


def _refuse_constant(text: str) -> None:
    raise ValueError(text)


def _uncompressed(name: str, content: bytes) -> bytes:
    if not content.startswith(GZIP):
        return content
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = decompressor.decompress(content, MAX_BYTES)
    except zlib.error:
        raise PerimetersError(name, "archive gzip endommagée.") from None
    if decompressor.unconsumed_tail:
        raise PerimetersError(name, f"le fichier dépasse {MAX_BYTES} octets une fois décompressé.")
    if not decompressor.eof:
        raise PerimetersError(name, "archive gzip incomplète.")
    return gzip.decompress(content) if decompressor.unused_data else plain


def _items(data: Any) -> Iterator[tuple[str, str, Any]]:
    """Of each neighbourhood: where it stands in the file, its code, its geometry in the GeoJSON form."""
    if isinstance(data, dict) and isinstance(data.get("qpvs"), list):
        for rank, item in enumerate(data["qpvs"], 1):
            content = item if isinstance(item, dict) else {}
            code = _code(f"quartier n° {rank}", content.get("code"))
            yield f"quartier n° {rank}", code, {"type": "MultiPolygon", "coordinates": content.get("g")}
    elif isinstance(data, dict) and isinstance(data.get("features"), list):
        _check_reference_system(data)
        yield from _features(data["features"])
    else:
        raise _Fault(
            "ni un GeoJSON (« FeatureCollection »), ni la forme nationale (« qpvs » : code, label, insee, g)."
        )


def _check_reference_system(data: Mapping[str, Any]) -> None:
    """An old GeoJSON may name its reference system: only longitude and latitude in degrees are read."""
    system = data.get("crs")
    name = str((system.get("properties") or {}).get("name", "")) if isinstance(system, dict) else ""
    if name and not re.search(r"CRS84|4326|4171|RGF93G|WGS ?84$", name):
        raise _Fault(f"système de coordonnées {name} : convertir le fichier en WGS 84 (EPSG 4326).")


def _features(features: list[Any]) -> Iterator[tuple[str, str, Any]]:
    known = [_properties(feature) for feature in features]
    name = _code_property(known)
    for rank, (feature, properties) in enumerate(zip(features, known, strict=True), 1):
        place = f"élément n° {rank}"
        yield place, _code(place, properties.get(name)), feature.get("geometry")


def _properties(feature: Any) -> dict[str, Any]:
    found = feature.get("properties") if isinstance(feature, dict) else None
    return {header_key(str(name)): value for name, value in found.items()} if isinstance(found, dict) else {}


def _code_property(known: list[dict[str, Any]]) -> str:
    """`code_qp`, else the one property that holds the code of a QPV in every feature."""
    if any(CODE in properties for properties in known) or not known:
        return CODE
    names = [name for name in known[0] if all(_is_code(properties.get(name)) for properties in known)]
    if len(names) > 1:
        raise _Fault(
            f"le code du quartier est-il {' ou '.join(names)} ? Nommer « {CODE} » celle qui fait foi."
        )
    if not names:
        raise _Fault(f"aucune propriété « {CODE} », ni aucune autre qui porte le code de chaque quartier.")
    return names[0]


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(QPV_PATTERN, value.strip().upper()) is not None


def _code(place: str, value: Any) -> str:
    if not _is_code(value):
        shown = "absent" if value in (None, "") else f"« {str(value)[:40]} »"
        raise _Fault(f"{place} : code {shown}, attendu un code de QPV de 2024 comme QN05934M.")
    return str(value).strip().upper()


def _polygons(place: str, geometry: Any) -> Iterator[list[Ring]]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        coordinates = [coordinates]
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list) or not coordinates:
        raise _Fault(f"{place} : aucun polygone.")
    for polygon in coordinates:
        if not isinstance(polygon, list) or not polygon:
            raise _Fault(f"{place} : polygone vide.")
        yield [_ring(place, ring) for ring in polygon]


def _ring(place: str, ring: Any) -> Ring:
    if not isinstance(ring, list) or len(ring) < 4:
        raise _Fault(f"{place} : contour de moins de quatre points.")
    try:
        points = [(float(point[0]), float(point[1])) for point in ring]
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise _Fault(f"{place} : coordonnée illisible, attendu [longitude, latitude].") from None
    for longitude, latitude in points:
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise _Fault(f"{place} : {_out_of_range(longitude, latitude)}")
    return points


def _out_of_range(longitude: float, latitude: float) -> str:
    if max(abs(longitude), abs(latitude)) > METRES_FROM:
        return (
            "coordonnées en mètres (Lambert-93 ou autre projection) : convertir le fichier en longitude et "
            "latitude (WGS 84)."
        )
    return f"coordonnées hors des degrés possibles (longitude {longitude:g}, latitude {latitude:g})."
