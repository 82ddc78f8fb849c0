# SPDX-License-Identifier: EUPL-1.2
"""The request workbook: each row into RequestValues, or into every reason why it cannot be read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from workflow.imports.cells import read_amount, read_text
from workflow.imports.columns import BY_HEADER, CHARGE, COLUMNS, PRODUIT, REFERENCE, REQUEST, Column
from workflow.imports.filing import Read
from workflow.imports.report import Fault, RowFaults
from workflow.imports.source import (
    Cell,
    Row,
    Table,
    UnreadableFileError,
    column_letters,
    header_key,
    is_blank,
)
from workflow.names import key
from workflow.request_values import RequestValues
from workflow.territory import OrganisationKind, Territory

_ACCOUNT = re.compile(r"[0-9]{2,8}(?:\.[0-9]{1,4})?")
_RESOURCE = re.compile(rf"{_ACCOUNT.pattern}(?::[a-z0-9_-]+)?")  # `74` or `74:caf`, the part of one financer
_QPV = re.compile(r"Q[A-Z][0-9][0-9AB][0-9]{3}[A-Z]", re.IGNORECASE)
COMMUNE = "commune"


@dataclass(slots=True)
class Layout:
    """What each column of the file is. `keyed`: index → (kind, what follows the colon, header)."""

    plain: dict[int, Column] = field(default_factory=dict)
    keyed: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    width: int = 0
    places: dict[str, int] = field(default_factory=dict)  # name of a column in faults → its index
    warnings: list[str] = field(default_factory=list)


def layout_of(headers: Sequence[str]) -> Layout:
    """Recognises the headers. Raises UnreadableFileError when a required column is absent."""
    layout, unknown = Layout(width=len(headers)), []
    for index, header in enumerate(headers):
        name = header_key(header)
        kind, colon, rest = name.partition(":")
        layout.places[name if name in BY_HEADER else header] = index
        if name in BY_HEADER:
            layout.plain[index] = BY_HEADER[name]
        elif colon and _is_keyed(kind, rest):
            layout.keyed[index] = (kind, rest, header)
        elif header:
            unknown.append(header)
    if unknown:
        layout.warnings.append(f"Colonnes inconnues, non lues : {', '.join(unknown)}.")
    _check_required({column.header for column in layout.plain.values()})
    return layout


def _is_keyed(kind: str, rest: str) -> bool:
    if kind in (CHARGE, PRODUIT):
        return (_ACCOUNT if kind == CHARGE else _RESOURCE).fullmatch(rest) is not None
    return kind in (REQUEST, REFERENCE) and bool(rest)


def _check_required(present: set[str]) -> None:
    missing = [column.header for column in COLUMNS if column.required and column.header not in present]
    if present.isdisjoint({"reference", "numero_dauphin"}):
        missing.insert(0, "reference (ou numero_dauphin)")
    if missing:
        raise UnreadableFileError(
            f"Colonnes obligatoires absentes de la première ligne : {', '.join(missing)}. "
            "Ce n’est pas le classeur des demandes, ou ses en-têtes ont été changés."
        )


def read_requests(table: Table, territory: Territory) -> Iterator[Read]:
    """Every row of the file in turn. Raises UnreadableFileError when the headers are not the workbook’s."""
    layout = layout_of(table.headers)
    table.warnings.extend(layout.warnings)
    table.warnings.extend(_unknown_credits(layout, territory))
    reader = RequestReader(layout, territory)
    return (reader.read(row) for row in table.rows)


def _unknown_credits(layout: Layout, territory: Territory) -> Iterator[str]:
    """Columns that name no financer of the contract, told even when no row fills them."""
    holders = {code for code, organisation in territory.organisation_by_code.items() if organisation.credits}
    for kind, rest, header in layout.keyed.values():
        financer = rest.partition(":")[0]
        known = financer == COMMUNE or not holders.isdisjoint({financer, financer.replace("_", "-")})
        if kind in (REQUEST, REFERENCE) and not known:
            yield f"Colonne « {header} » : financeur inconnu dans ce contrat, les lignes qui la remplissent sont rejetées."


class RequestReader:
    """Reads rows of one layout for one territory."""

    def __init__(self, layout: Layout, territory: Territory) -> None:
        self._layout, self._territory = layout, territory
        self._first_rows: dict[tuple[int, str], int] = {}
        self._places = {key(poche.label): poche.code for poche in territory.geography.poches}
        self._places |= {key(poche.code): poche.code for poche in territory.geography.poches}
        self._poches = frozenset(poche.code for poche in territory.geography.poches)
        self._qpv = {key(qpv.label): qpv.code for qpv in territory.geography.qpv}
        self._themes = {
            key(word): theme.code for theme in territory.themes for word in (theme.label, theme.code)
        }
        self._communes = _communes_of_qpv(territory)
        self._holders = {org.commune: org.code for org in territory.organisations if _is_commune(org)}

    def read(self, row: Row) -> Read:
        """The values of one row, or all its faults."""
        faults = RowFaults(row.number)
        values = self._plain(row, faults)
        self._require(row, values, faults)
        self._refuse_twice(row, values, faults)
        self._places_of(values)
        values |= self._keyed(row, values, faults)
        for index in range(self._layout.width, len(row.cells)):
            if not is_blank(row.cells[index]):
                reason = "cellule remplie au-delà de la dernière colonne nommée : la ligne semble décalée"
                faults.add(f"colonne {column_letters(index)}", row.cells[index], reason)
        if faults.found:
            return Read(row.number, None, sorted(faults.found, key=self._place_in_row))
        return Read(row.number, RequestValues(**values), [])

    def _place_in_row(self, fault: Fault) -> int:
        return self._layout.places.get(fault.column, self._layout.width)

    def _plain(self, row: Row, faults: RowFaults) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for index, column in self._layout.plain.items():
            value = faults.read(column.header, _cell(row, index), column.reader)
            values[column.field] = tuple(value) if isinstance(value, list) else value
        return values

    def _require(self, row: Row, values: dict[str, Any], faults: RowFaults) -> None:
        """Empty required cells, unless they already have a fault of their own."""
        faulty = {fault.column for fault in faults.found}
        for column in COLUMNS:
            if column.required and values.get(column.field) is None and column.header not in faulty:
                faults.add(column.header, None, "cellule obligatoire vide")
        values["reference"] = values.get("reference") or values.get("dauphin_number")
        if values["reference"] is None and faulty.isdisjoint({"reference", "numero_dauphin"}):
            faults.add(
                "reference", None, "cellule obligatoire vide : donnez une reference ou un numero_dauphin"
            )

    def _refuse_twice(self, row: Row, values: dict[str, Any], faults: RowFaults) -> None:
        """The second and later rows of one reference and year, whatever became of the first."""
        year, reference = values["year"], values["reference"]
        if year is None or reference is None:
            return
        first = self._first_rows.setdefault((year, reference), row.number)
        if first != row.number:
            reason = f"référence déjà lue à la ligne {first} pour l’exercice {year} : une ligne par action"
            faults.add("reference", reference, reason)

    def _places_of(self, values: dict[str, Any]) -> None:
        """Neighbourhoods and themes by code, whether the cell gives codes or labels; unknown ones stay as typed."""
        places = values.get("qpv")
        if places is not None:
            codes = tuple(dict.fromkeys(self._place(place) for place in places))
            values["qpv"] = tuple(code for code in codes if code not in self._poches)
            values["poches"] = tuple(code for code in codes if code in self._poches)
        if values.get("themes") is not None:
            values["themes"] = tuple(dict.fromkeys(self._themes.get(key(t), t) for t in values["themes"]))

    def _place(self, place: str) -> str:
        word = key(place)
        if _QPV.fullmatch(place):
            return place.upper()
        return self._places.get(word) or self._qpv.get(word) or place

    def _keyed(self, row: Row, values: dict[str, Any], faults: RowFaults) -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {"requests": {}, "references": {}, "charges": {}, "produits": {}}
        for index, (kind, rest, header) in self._layout.keyed.items():
            cell = _cell(row, index)
            if is_blank(cell):
                continue
            if kind == REQUEST:
                self._ask(found["requests"], rest, header, cell, values.get("qpv"), faults)
            elif kind == REFERENCE:
                self._refer(found["references"], rest, header, cell, values.get("qpv"), faults)
            else:
                self._account(found[f"{kind}s"], rest, header, cell, values.get("qpv"), faults)
        return found

    def _account(
        self,
        accounts: dict[str, Decimal],
        rest: str,
        header: str,
        cell: Cell,
        qpv: tuple[str, ...] | None,
        faults: RowFaults,
    ) -> None:
        """One account of the plan; `74:caf` is what one financer brings to it."""
        amount = faults.read(header, cell, read_amount)
        account, _, payer = rest.partition(":")
        code = self._financer(payer, header, cell, qpv, faults) if payer else ""
        if amount is not None and code is not None:
            accounts[f"{account}:{code}" if code else account] = amount

    def _ask(
        self,
        requests: dict[str, Decimal],
        rest: str,
        header: str,
        cell: Cell,
        qpv: tuple[str, ...] | None,
        faults: RowFaults,
    ) -> None:
        amount = faults.read(header, cell, read_amount)
        financer, _, nature = rest.partition(":")
        code = self._financer(financer, header, cell, qpv, faults)
        if code is None:
            return
        line = f"{code}:{nature.replace('-', '_')}"
        if line not in self._territory.credits:
            faults.add(header, cell, self._not_held(code))
        elif line in requests:
            faults.add(header, cell, f"deux montants demandés pour la même ligne « {line} »")
        elif amount is not None:
            requests[line] = amount

    def _refer(
        self,
        references: dict[str, str],
        rest: str,
        header: str,
        cell: Cell,
        qpv: tuple[str, ...] | None,
        faults: RowFaults,
    ) -> None:
        code = self._financer(rest, header, cell, qpv, faults)
        text = faults.read(header, cell, lambda given: read_text(given, 120))
        if code is not None and text is not None:
            references[code] = text

    def _financer(
        self, name: str, header: str, cell: Cell, qpv: tuple[str, ...] | None, faults: RowFaults
    ) -> str | None:
        """The financer's code, `commune` resolved by the row's neighbourhoods; None with a fault when unknown."""
        known = self._territory.organisation_by_code
        for code in (name, name.replace("_", "-")):
            if code in known and known[code].credits:
                return code
        if name == COMMUNE:
            return self._commune(header, cell, qpv, faults)
        listed = ", ".join(code for code, org in known.items() if org.credits)
        faults.add(header, cell, f"financeur inconnu « {name} », attendu l’un de : {listed}")
        return None

    def _commune(self, header: str, cell: Cell, qpv: tuple[str, ...] | None, faults: RowFaults) -> str | None:
        communes = [self._communes.get(code) for code in qpv or ()]
        known = set[str]().union(*filter(None, communes))
        if None not in communes and len(known) == 1 and (holder := self._holders.get(*known)):
            return holder
        names = {commune.insee: commune.name for commune in self._territory.geography.communes}
        touched = ", ".join(sorted(names[insee] for insee in known))
        where = f"ses quartiers touchent {touched}" if touched else "la ligne n’a pas de quartier connu"
        faults.add(
            header, cell, f"« commune » ne suffit pas, {where} : utilisez « demande:commune-<nom>:<nature> »"
        )
        return None

    def _not_held(self, code: str) -> str:
        held = ", ".join(credit.nature.value for credit in self._territory.organisation_by_code[code].credits)
        return f"le financeur « {code} » n’a pas ce crédit, attendu l’un de : {held}"


def _cell(row: Row, index: int) -> Cell:
    return row.cells[index] if index < len(row.cells) else None


def _communes_of_qpv(territory: Territory) -> dict[str, set[str]]:
    """The contract's communes of each QPV, by official and by misprinted code."""
    ours = {commune.insee for commune in territory.geography.communes}
    communes: dict[str, set[str]] = {}
    for qpv in territory.geography.qpv:
        for code in (qpv.code, *qpv.printed_as):
            communes[code] = ours.intersection(qpv.communes)
    return communes


def _is_commune(organisation: Any) -> bool:
    return organisation.kind is OrganisationKind.COMMUNE and organisation.commune and organisation.credits
