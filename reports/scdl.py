# SPDX-License-Identifier: EUPL-1.2
"""Granted lines in the public data schema « subventions » of SCDL, version 2.1.1: sixteen columns, comma, UTF-8.

Source: décret 2017-779 du 5 mai 2017 ; arrêté du 17 novembre 2017 ; SCDL schema 2.1.1 of 28 September 2023.
A line that cannot be published as the schema asks is left out, and said.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from stdnum.fr import siret as siret_number

from reports.csv_text import inert, write_csv
from workflow.models import FundingLine

COLUMNS = (
    "nomAttribuant",
    "idAttribuant",
    "dateConvention",
    "referenceDecision",
    "nomBeneficiaire",
    "idBeneficiaire",
    "rnaBeneficiaire",
    "objet",
    "montant",
    "nature",
    "conditionsVersement",
    "datesPeriodeVersement",
    "idRAE",
    "notificationUE",
    "pourcentageSubvention",
    "dispositifAide",
)
RNA = re.compile(r"W\d{9}")
MAX_TEXT = 256


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A granted line that the schema cannot take, and why."""

    reference: str
    line: str
    reason: str


def export_scdl(lines: Iterable[FundingLine]) -> tuple[bytes, list[LeftOut]]:
    """The CSV file, and the lines left out."""
    rows: list[list[str]] = []
    left_out: list[LeftOut] = []
    for line in lines:
        reason = _obstacle(line)
        if reason:
            left_out.append(LeftOut(line.dossier.reference, line.key, reason))
        else:
            rows.append(_row(line))
    return write_csv(COLUMNS, rows, delimiter=",", mark=False), left_out


def _obstacle(line: FundingLine) -> str:
    """Why the line cannot be published, or nothing."""
    if not _siret(line.credit.organisation.siret):
        return "le SIRET du financeur manque ou est faux"
    if _act_date(line) is None:
        return "la date de l’acte du financeur manque"
    porteur = line.dossier.porteur
    if not _siret(porteur.siret) and not _rna(porteur.rna):
        return "ni SIRET valable ni numéro RNA du bénéficiaire"
    return ""


def _row(line: FundingLine) -> list[str]:
    dossier, act = line.dossier, line.act or {}
    return [
        inert(line.credit.organisation.name),
        _siret(line.credit.organisation.siret),
        str(_act_date(line)),
        inert(str(act.get("number") or "")),
        inert(dossier.porteur.name),
        _siret(dossier.porteur.siret),
        _rna(dossier.porteur.rna),
        inert(" ".join(dossier.title.split()))[:MAX_TEXT],
        f"{line.granted:.2f}",
        "aide en numéraire",
        "unique",
        _period(line),
        "",
        "non",
        "1.00",
        "",
    ]


def _siret(value: str | None) -> str:
    compact = re.sub(r"\s", "", value or "")
    return compact if siret_number.is_valid(compact) else ""


def _rna(value: str | None) -> str:
    compact = re.sub(r"\s", "", value or "").upper()
    return compact if RNA.fullmatch(compact) else ""


def _act_date(line: FundingLine) -> date | None:
    try:
        return date.fromisoformat(str((line.act or {}).get("date")))
    except ValueError:
        return None


def _period(line: FundingLine) -> str:
    """From the act to the end of the action: the schema's form when the exact date of payment is not known."""
    begins, ends = _act_date(line), line.dossier.ends_on
    return f"{begins}/{ends}" if begins and ends and ends > begins else str(begins)
