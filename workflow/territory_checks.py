# SPDX-License-Identifier: EUPL-1.2
"""What no single key can tell: the faults between the parts of a territory, read on its raw values.

Raw values, so that a misspelt key elsewhere never hides these faults. Anything of the wrong form is skipped
here: the models report it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel

from rules.parameters import local_fault

Path = tuple[str | int, ...]
Fault = tuple[Path, str]


def territory_faults(data: object) -> list[Fault]:
    """Every fault between the parts of a territory, with the path of its key and a French sentence."""
    raw = _plain(data)
    if not isinstance(raw, Mapping):
        return []
    checks: tuple[Callable[[Mapping[str, object]], Iterator[Fault]], ...] = (
        _dates,
        _geography,
        _framework,
        _themes,
        _criteria,
        _calls,
        _organisations,
        _envelopes,
        _bodies,
        _calendar,
        _arbitration,
        _local_parameters,
    )
    return [fault for check in checks for fault in check(raw)]


def _plain(data: object) -> object:
    """Models as plain mappings, so that one way of reading serves files, rows and tests."""
    if isinstance(data, BaseModel):
        return data.model_dump()
    if isinstance(data, Mapping):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(item) for item in data]
    return data


def _items(parent: object, key: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    """The mappings of a list, with their rank."""
    for rank, value in enumerate(_values(parent, key)):
        if isinstance(value, Mapping):
            yield rank, value


def _values(parent: object, key: str) -> Sequence[object]:
    value = parent.get(key) if isinstance(parent, Mapping) else None
    return value if isinstance(value, list) else ()


def _text(parent: object, key: str) -> str | None:
    value = parent.get(key) if isinstance(parent, Mapping) else None
    return str(value).strip() if isinstance(value, str) else None


def _day(parent: Mapping[str, object], key: str) -> date | None:
    value = parent.get(key)
    if isinstance(value, date):
        return None if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _codes(parent: object, key: str, field: str = "code") -> set[str]:
    return {code for _, item in _items(parent, key) if (code := _text(item, field)) is not None}


def _repeated(pairs: Iterable[tuple[Path, str | None]], what: str) -> Iterator[Fault]:
    """A code given twice: the fault is on the second, and names the first."""
    first: dict[str, Path] = {}
    for path, code in pairs:
        if code is None:
            continue
        if code in first:
            yield path, f"{what} « {code} » est déjà donné par {dotted(first[code])}"
        first.setdefault(code, path)


def dotted(path: Path) -> str:
    """A path as people read it: `geography.qpv[3].code`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _dates(raw: Mapping[str, object]) -> Iterator[Fault]:
    start, end = _day(raw, "starts_on"), _day(raw, "ends_on")
    if start and end and end < start:
        yield ("ends_on",), f"le contrat se termine le {end:%d/%m/%Y}, avant de commencer le {start:%d/%m/%Y}"


def _geography(raw: Mapping[str, object]) -> Iterator[Fault]:
    geography = raw.get("geography")
    communes, qpv = list(_items(geography, "communes")), list(_items(geography, "qpv"))
    root: Path = ("geography",)
    yield from _repeated(
        (((*root, "communes", i, "insee"), _text(c, "insee")) for i, c in communes), "le code INSEE"
    )
    yield from _repeated((((*root, "qpv", i, "code"), _text(q, "code")) for i, q in qpv), "le QPV")
    poches = _items(geography, "poches")
    yield from _repeated((((*root, "poches", i, "code"), _text(p, "code")) for i, p in poches), "la poche")
    yield from _qpv_communes(geography)
    yield from _printed_codes(geography)


def _qpv_communes(geography: object) -> Iterator[Fault]:
    known = _codes(geography, "communes", "insee")
    for rank, qpv in _items(geography, "qpv"):
        for place, insee in enumerate(_values(qpv, "communes")):
            if isinstance(insee, str) and re.fullmatch(r"\d[\dAB]\d{3}", insee) and insee not in known:
                path = ("geography", "qpv", rank, "communes", place)
                yield path, f"la commune {insee} n’est pas dans geography.communes"


def _printed_codes(geography: object) -> Iterator[Fault]:
    official = _codes(geography, "qpv")
    for rank, qpv in _items(geography, "qpv"):
        for place, printed in enumerate(_values(qpv, "printed_as")):
            if isinstance(printed, str) and printed in official:
                path = ("geography", "qpv", rank, "printed_as", place)
                yield path, f"{printed} est le code officiel d’un QPV du contrat : ce n’est pas une coquille"


def _objectives(raw: Mapping[str, object]) -> Iterator[tuple[Path, str, str | None]]:
    """Every axis and objective: its path, its code, the code above it."""
    for a, axis in _items(raw, "framework"):
        above = _text(axis, "code")
        if above is not None:
            yield ("framework", a), above, None
        for g, general in _items(axis, "objectives"):
            code = _text(general, "code")
            if code is not None:
                yield ("framework", a, "objectives", g), code, above
            for o, item in _items(general, "operational"):
                below = _text(item, "code")
                if below is not None:
                    yield ("framework", a, "objectives", g, "operational", o), below, code


def _framework(raw: Mapping[str, object]) -> Iterator[Fault]:
    entries = list(_objectives(raw))
    axes = {code for _, code, _ in entries if "." not in code}
    yield from _repeated((((*path, "code"), code) for path, code, _ in entries), "le code")
    for path, code, above in entries:
        if len(path) == 2 and "." in code:
            yield (*path, "code"), f"l’axe « {code} » doit avoir un code d’un seul nombre"
        elif above is not None and (code.rpartition(".")[0] != above):
            yield (*path, "code"), _misplaced(code, above, axes)


def _misplaced(code: str, above: str, axes: set[str]) -> str:
    axis = code.partition(".")[0]
    if axis not in axes:
        return f"l’objectif « {code} » relève de l’axe {axis}, qui n’existe pas (axes : {', '.join(sorted(axes))})"
    return f"l’objectif « {code} » est rangé sous « {above} » : son code doit être de la forme {above}.N"


def _objective_codes(raw: Mapping[str, object]) -> set[str]:
    return {code for _, code, _ in _objectives(raw)}


def _unknown(path: Path, parent: object, key: str, known: set[str], what: str) -> Iterator[Fault]:
    """The members of a list of codes that name nothing, and those named twice."""
    seen: set[str] = set()
    for rank, code in enumerate(_values(parent, key)):
        if not isinstance(code, str):
            continue
        if code not in known:
            yield (*path, key, rank), f"{what} : « {code} »"
        if code in seen:
            yield (*path, key, rank), f"« {code} » est cité deux fois"
        seen.add(code)


def _one(path: Path, parent: object, key: str, known: set[str], what: str) -> Iterator[Fault]:
    code = _text(parent, key)
    if code is not None and code not in known:
        yield (*path, key), f"{what} : « {code} »"


def _themes(raw: Mapping[str, object]) -> Iterator[Fault]:
    themes = list(_items(raw, "themes"))
    objectives, organisations = _objective_codes(raw), _codes(raw, "organisations")
    yield from _repeated(((("themes", i, "code"), _text(t, "code")) for i, t in themes), "le thème")
    for rank, theme in themes:
        yield from _unknown(("themes", rank), theme, "objectives", objectives, "objectif inconnu")
        yield from _unknown(("themes", rank), theme, "partners", organisations, "organisation inconnue")


def _criteria(raw: Mapping[str, object]) -> Iterator[Fault]:
    criteria, themes = list(_items(raw, "criteria")), _codes(raw, "themes")
    yield from _repeated(((("criteria", i, "code"), _text(c, "code")) for i, c in criteria), "le critère")
    for rank, criterion in criteria:
        yield from _unknown(("criteria", rank), criterion, "themes", themes, "thème inconnu")
        words = [str(word).strip() for word in _values(criterion, "scale")]
        for place, word in enumerate(words):
            if word in words[:place]:
                yield ("criteria", rank, "scale", place), f"« {word} » est deux fois sur l’échelle"


def _calls(raw: Mapping[str, object]) -> Iterator[Fault]:
    calls = list(_items(raw, "calls"))
    yield from _repeated(((("calls", i, "code"), _text(c, "code")) for i, c in calls), "l’appel")
    for rank, call in calls:
        opens, closes = _day(call, "opens_on"), _day(call, "closes_on")
        if opens and closes and closes < opens:
            text = f"l’appel ferme le {closes:%d/%m/%Y}, avant d’ouvrir le {opens:%d/%m/%Y}"
            yield ("calls", rank, "closes_on"), text


def _organisations(raw: Mapping[str, object]) -> Iterator[Fault]:
    entries = list(_items(raw, "organisations"))
    codes = _codes(raw, "organisations")
    yield from _repeated(
        ((("organisations", i, "code"), _text(o, "code")) for i, o in entries), "l’organisation"
    )
    yield from _one((), raw, "pilot", codes, "le pilote n’est pas parmi les organisations")
    communes = _codes(raw.get("geography"), "communes", "insee")
    for rank, organisation in entries:
        path: Path = ("organisations", rank)
        yield from _one(path, organisation, "commune", communes, "commune absente de geography.communes")
        if _text(organisation, "kind") == "commune" and organisation.get("commune") is None:
            yield (*path, "commune"), "clé obligatoire pour une organisation de type « commune » (code INSEE)"
        yield from _credits(raw, path, organisation)


def _credits(raw: Mapping[str, object], path: Path, organisation: Mapping[str, object]) -> Iterator[Fault]:
    entries = list(_items(organisation, "credits"))
    objectives = _objective_codes(raw)
    named = objectives | _codes(raw, "themes")
    yield from _repeated(
        (((*path, "credits", i, "nature"), _text(c, "nature")) for i, c in entries), "le crédit"
    )
    for rank, credit in entries:
        here = (*path, "credits", rank)
        yield from _unknown(here, credit, "concerns", named, "objectif ou thème inconnu")
        yield from _unknown(here, credit, "supports", objectives, "objectif inconnu")


def _envelopes(raw: Mapping[str, object]) -> Iterator[Fault]:
    known = {
        f"{_text(organisation, 'code')}:{_text(credit, 'nature')}"
        for _, organisation in _items(raw, "organisations")
        for _, credit in _items(organisation, "credits")
    }
    first: dict[tuple[str | None, str, str], int] = {}
    for rank, envelope in _items(raw, "envelopes"):
        path: Path = ("envelopes", rank)
        yield from _one(path, envelope, "credit", known, "crédit inconnu")
        key = (_text(envelope, "credit"), str(envelope.get("year")), str(envelope.get("held_by", "contract")))
        if key in first:
            yield path, f"enveloppe déjà donnée par envelopes[{first[key]}] ({key[0]}, {key[1]})"
        first.setdefault(key, rank)
        yield from _envelope_amount(path, envelope)


def _envelope_amount(path: Path, envelope: Mapping[str, object]) -> Iterator[Fault]:
    status, amount = envelope.get("status", "none"), envelope.get("amount")
    if status == "none" and amount is not None:
        yield (
            (*path, "amount"),
            "montant donné alors que status vaut « none » (écrire provisional ou notified)",
        )
    if status in ("provisional", "notified") and amount is None:
        yield (*path, "amount"), f"montant absent alors que status vaut « {status} »"


def _bodies(raw: Mapping[str, object]) -> Iterator[Fault]:
    bodies = list(_items(raw, "bodies"))
    organisations, themes = _codes(raw, "organisations"), _codes(raw, "themes")
    yield from _repeated(((("bodies", i, "code"), _text(b, "code")) for i, b in bodies), "l’instance")
    for rank, body in bodies:
        path: Path = ("bodies", rank)
        yield from _unknown(path, body, "members", organisations, "organisation inconnue")
        yield from _unknown(path, body, "guests", organisations, "organisation inconnue")
        for number, college in _items(body, "colleges"):
            seats = {seat for seat in _values(body, "members") if isinstance(seat, str)}
            where: Path = (*path, "colleges", number)
            yield from _unknown(where, college, "members", seats, "ne siège pas dans cette instance")
        yield from _one(path, body, "chair", organisations, "organisation inconnue")
        yield from _one(path, body, "theme", themes, "thème inconnu")
        quorum, members = body.get("quorum"), len(_values(body, "members"))
        if isinstance(quorum, int) and quorum > members:
            yield (*path, "quorum"), f"quorum de {quorum} pour {members} membre(s)"
        yield from _cadence((*path, "cadence"), body.get("cadence"))


def _cadence(path: Path, cadence: object) -> Iterator[Fault]:
    if not isinstance(cadence, Mapping):
        return
    low, high = cadence.get("per_year_min", 0), cadence.get("per_year_max")
    if isinstance(low, int) and isinstance(high, int) and high < low:
        yield (*path, "per_year_max"), f"maximum de {high} réunion(s) par an, sous le minimum de {low}"
    if (cadence.get("week") is None) != (cadence.get("weekday") is None):
        missing = "week" if cadence.get("week") is None else "weekday"
        yield (*path, missing), "week et weekday vont ensemble (par exemple week: 2, weekday: tuesday)"
    months = _values(cadence, "months")
    if len({str(month) for month in months}) < len(months):
        yield (*path, "months"), "un mois est cité deux fois"


def _calendar(raw: Mapping[str, object]) -> Iterator[Fault]:
    calendar = raw.get("calendar")
    for rank, period in _items(calendar, "school_holidays"):
        starts, ends = _day(period, "starts_on"), _day(period, "ends_on")
        if starts and ends and ends < starts:
            text = f"les vacances finissent le {ends:%d/%m/%Y}, avant de commencer le {starts:%d/%m/%Y}"
            yield ("calendar", "school_holidays", rank, "ends_on"), text
    dates = [str(day) for day in _values(calendar, "council_dates")]
    for rank, day in enumerate(dates):
        if day in dates[:rank]:
            yield ("calendar", "council_dates", rank), f"la date {day} est citée deux fois"


def _arbitration(raw: Mapping[str, object]) -> Iterator[Fault]:
    settings = raw.get("arbitration")
    objectives, quarters = _objective_codes(raw), _codes(raw.get("geography"), "qpv")
    priorities = list(_items(settings, "priorities"))
    named = (
        (("arbitration", "priorities", i, "objective"), _text(one, "objective")) for i, one in priorities
    )
    yield from _repeated(named, "l’objectif")
    for rank, one in priorities:
        path: Path = ("arbitration", "priorities", rank)
        yield from _one(path, one, "objective", objectives, "objectif inconnu")
    for rank, one in _items(settings, "qpv_minimums"):
        path = ("arbitration", "qpv_minimums", rank)
        yield from _one(path, one, "qpv", quarters, "quartier inconnu du contrat")


def _local_parameters(raw: Mapping[str, object]) -> Iterator[Fault]:
    entries = list(_items(raw, "local_parameters"))
    named = ((("local_parameters", i, "name"), _text(entry, "name")) for i, entry in entries)
    yield from _repeated(named, "le paramètre")
    for rank, entry in entries:
        name, value = _text(entry, "name"), entry.get("value")
        if name is None or value is None:
            continue
        chosen = tuple(str(word) for word in value) if isinstance(value, list) else _number(value)
        fault = "nombre ou liste de mots attendus" if chosen is None else local_fault(name, chosen)
        if fault:
            yield ("local_parameters", rank, "value"), fault


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return None
