# SPDX-License-Identifier: EUPL-1.2
"""Which organisation a request speaks of: the one of its SIRET, else the one of its name; a new one otherwise."""

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow.models import Organisation
from workflow.names import organisation_key
from workflow.request_values import RequestValues
from workflow.territory import OrganisationKind

_CHUNK = 500


class PorteurBook:
    """The organisations a batch of requests may speak of, read in few queries; those it creates join it."""

    def __init__(self, db: Session, requests: Iterable[RequestValues]) -> None:
        self._db = db
        self._by_siret: dict[str, Organisation] = {}
        self._by_name: dict[str, list[Organisation]] = {}
        pairs = {(values.porteur_siret, organisation_key(values.porteur_name)) for values in requests}
        for chunk in _chunks(sorted(pairs, key=str)):
            sirets = [siret for siret, _ in chunk if siret]
            names = [name for _, name in chunk]
            wanted = or_(Organisation.siret.in_(sirets), Organisation.name_key.in_(names))
            for row in db.scalars(select(Organisation).where(wanted, Organisation.closed_on.is_(None))):
                self._keep(row)

    def _keep(self, row: Organisation) -> None:
        if row.siret:
            self._by_siret.setdefault(row.siret, row)
        namesakes = self._by_name.setdefault(row.name_key, [])
        if row not in namesakes:
            namesakes.append(row)

    def find_or_add(self, values: RequestValues) -> Organisation:
        """The porteur of this request, completed with what the request states of it."""
        found = self._find(values) or self._add(values)
        _complete(found, values)
        self._keep(found)
        return found

    def _find(self, values: RequestValues) -> Organisation | None:
        """By SIRET; else by name, unless both state different SIRET: two establishments are two porteurs."""
        siret = values.porteur_siret
        if siret and siret in self._by_siret:
            return self._by_siret[siret]
        namesakes = self._by_name.get(organisation_key(values.porteur_name), [])
        compatible = [row for row in namesakes if not siret or not row.siret or _same_body(row.siret, siret)]
        return min(compatible, key=lambda row: (row.siret is None, row.id or 0)) if compatible else None

    def _add(self, values: RequestValues) -> Organisation:
        row = Organisation(
            name=values.porteur_name,
            name_key=organisation_key(values.porteur_name),
            kind=OrganisationKind.PORTEUR.value,
            siret=values.porteur_siret,
        )
        self._db.add(row)
        return row


def _same_body(known: str, stated: str) -> bool:
    """True when one of the two is only the SIREN of the other."""
    return known == stated or (9 in (len(known), len(stated)) and known[:9] == stated[:9])


def _complete(row: Organisation, values: RequestValues) -> None:
    """What a request states of its porteur wins, except over an organisation named in the configuration."""
    stated = {
        "siret": values.porteur_siret,
        "rna": values.porteur_rna,
        "legal_form": values.porteur_form,
        "email": values.porteur_email,
        "commune": values.porteur_commune,
        "recognition": values.porteur_recognition,
        "economic_activity": values.economic_activity,
        "de_minimis": None if values.de_minimis is None else list(values.de_minimis),
        "is_small_association": values.is_small_association,
    }
    for column, value in stated.items():
        known = getattr(row, column)
        if value is None or known == value or (known is not None and row.code is not None):
            continue
        if column == "siret" and known and len(str(value)) < len(known):
            continue  # a SIREN says less than the SIRET already known
        setattr(row, column, value)


def _chunks(items: list[tuple[str | None, str]]) -> Iterator[list[tuple[str | None, str]]]:
    source = iter(items)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk
