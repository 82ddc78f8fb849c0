# SPDX-License-Identifier: EUPL-1.2
"""Writes the sample programme as CSV, XLSX and ODS, and the faulty file: `python -m examples.make_examples`.

The same sources give the same bytes; a test holds the committed files to them.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter

from examples.actions import AMI, MONTIGNY, PORTEURS, Action, Porteur
from examples.details import details_of
from examples.faults import FAULTY_ROWS
from examples.programme import FAULTY, SOUND
from workflow.imports.columns import COLUMNS

HERE = Path(__file__).parent
COMMUNES = {MONTIGNY: "montigny-en-ostrevent"}
YEAR = 2026
REQUESTS = (
    "etat:specifique", "etat:droit_commun", "region:specifique", "departement:droit_commun", "epci:specifique",
    "epci:droit_commun", "commune:droit_commun", "commune-aniche:droit_commun", "commune-ecaillon:droit_commun",
    "commune-pecquencourt:droit_commun", "caf:droit_commun", "ars:droit_commun", "cpam:droit_commun",
    "france-travail:droit_commun", "mission-locale:droit_commun", "education-nationale:droit_commun",
    "bailleur-maisons-et-cites:droit_commun", "bailleur-sia:droit_commun",
)  # fmt: skip
EXTRA = (
    "reference:etat", "reference:region", "charge:60", "charge:62", "charge:64", "charge:86", "produit:70",
    "produit:70:caf", "produit:70:departement", "produit:74", "produit:74:etat", "produit:74:region",
    "produit:74:departement", "produit:74:epci", "produit:74:commune-montigny-en-ostrevent", "produit:74:caf",
    "produit:74:ars", "produit:74:cpam", "produit:74:france-travail", "produit:75", "produit:75:departement", "produit:87",
)  # fmt: skip
HEADERS = (*(c.header for c in COLUMNS), *(f"demande:{key}" for key in REQUESTS), *EXTRA)
AMOUNTS = ("cout_total", "ressources_propres", "autres_ressources", "contributions_volontaires")
COUNTS = ("exercice", "beneficiaires_total", "beneficiaires_qpv", "beneficiaires_poches", "cpo_annees")
SUBVENTIONS = (
    "exercice",
    "nom_beneficiaire",
    "siren_beneficiaire",
    "montant",
    "objet",
    "marqueur_contrat",
    "marqueur_cpo",
)


def luhn(digits: str) -> str:
    """These digits with their check digit."""
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if rank % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def siren(number: int) -> str:
    """A SIREN with a right key, in a range never allotted."""
    return luhn(f"999{number:05d}")


def siret(porteur: Porteur) -> str:
    """The SIRET stated, wrong ones included; empty when none is."""
    if porteur.siret == "SIREN" and porteur.number is not None:
        return siren(porteur.number)
    if porteur.siret is not None or porteur.number is None:
        return porteur.siret or ""
    return luhn(f"{siren(porteur.number)}0001")


def row_of(action: Action) -> dict[str, str]:
    """The row of one action; unknown cells empty."""
    porteur = PORTEURS[action.porteur]
    row = dict.fromkeys(HEADERS, "")
    row |= {
        "reference": f"CO-{YEAR}-{action.number:03d}",
        "exercice": str(YEAR),
        "appel": action.call or "",
        "date_depot": _filed(action).isoformat(),
        "porteur_nom": porteur.name,
        "porteur_siret": siret(porteur),
        "porteur_rna": f"W599{porteur.rna:06d}" if isinstance(porteur.rna, int) else porteur.rna or "",
        "porteur_forme": porteur.form,
        "porteur_email": porteur.email or "",
        "petite_association": _yes(porteur.small),
        "intitule": action.title,
        "resume": action.summary,
        "thematiques": action.themes,
        "objectifs": action.objectives,
        "quartiers": action.qpv,
        "beneficiaires_total": _plain(action.people[0]),
        "beneficiaires_qpv": _plain(action.people[1]),
        "cout_total": _plain(action.cost),
        "ressources_propres": _plain(action.own_resources),
        "autres_ressources": _plain(action.other),
        "contributions_volontaires": _plain(action.volunteering),
        "renouvellement": _yes(action.renewal),
        "bilan_precedent": action.report or "",
        "contrat_engagement_republicain": _yes(action.commitment)
        if porteur.form in ("association", "fondation")
        else "",
        "dispositif": action.scheme,
        "numero_dauphin": f"{297000 + action.number}" if action.call == AMI else "",
    }
    row |= (
        _cpo(action)
        | {f"demande:{key}": str(amount) for key, amount in action.requests.items()}
        | details_of(action, _by_financer(action))
        | action.extra
    )
    assert len(row) == len(HEADERS), set(row) - set(HEADERS)
    return row


def _by_financer(action: Action) -> dict[str, int]:
    """What is asked, each commune by its own code."""
    commune = f"commune-{COMMUNES[action.qpv]}" if action.qpv in COMMUNES else "commune"
    return {key.replace("commune:", f"{commune}:"): amount for key, amount in action.requests.items()}


def _filed(action: Action) -> date:
    first = date(YEAR - 1, 10, 6) if action.call == AMI else date(YEAR, 2, 2)
    return first + timedelta(days=action.number * 7 % 60)


def _cpo(action: Action) -> dict[str, str]:
    if action.cpo in ("", "non"):
        return {"cpo": action.cpo}
    years, _, reason = action.cpo.partition(" ")
    return {"cpo": "oui", "cpo_annees": years, "cpo_motif": reason}


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _yes(value: bool | None) -> str:
    return "" if value is None else "oui" if value else "non"


def programme() -> list[dict[str, str]]:
    """Every row of the sample programme."""
    return [row_of(action) for action in (*SOUND, *FAULTY)]


def subventions() -> list[dict[str, str]]:
    """Invented published awards (profile p147): in the contract, outside it, unclassified."""
    rows = []
    for rank, action in enumerate(SOUND[:14]):
        porteur = PORTEURS[action.porteur]
        rows.append(
            {
                "exercice": str(YEAR - 1),
                "nom_beneficiaire": porteur.name,
                "siren_beneficiaire": siren(porteur.number or 0),
                "montant": str(1500 + 350 * rank),
                "objet": f"{('CV CCCO ', 'HCV ', '')[_kind(rank)]}{action.title} (ligne publiée)",
                "marqueur_contrat": ("CV", "HCV", "")[_kind(rank)],
                "marqueur_cpo": "CPO" if rank % 5 == 0 else "",
            }
        )
    return [*rows, *(_elsewhere(*award) for award in ELSEWHERE)]


# Large awards in other contracts: with them, what two associations receive in a year passes the audit's threshold.
ELSEWHERE = (
    ("ressort", "133000", "HCV Chantiers d’insertion de l’agglomération"),
    ("mediation", "88500", "HCV Médiation sociale, agglomération voisine"),
    ("mediation", "71500", "HCV Médiation dans les transports"),
)


def _elsewhere(porteur: str, amount: str, purpose: str) -> dict[str, str]:
    body = PORTEURS[porteur]
    return {
        "exercice": str(YEAR - 1),
        "nom_beneficiaire": body.name,
        "siren_beneficiaire": siren(body.number or 0),
        "montant": amount,
        "objet": purpose,
        "marqueur_contrat": "HCV",
        "marqueur_cpo": "",
    }


def _kind(rank: int) -> int:
    return 1 if rank % 4 == 3 else 2 if rank == 6 else 0


def csv_text(headers: Sequence[str], rows: Sequence[dict[str, str]]) -> str:
    """UTF-8 with a byte order mark and semicolons: what a French spreadsheet opens without asking."""
    out = io.StringIO()
    writer = csv.DictWriter(out, headers, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return f"\ufeff{out.getvalue()}"


def typed(header: str, text: str) -> str | float | date:
    """The cell as a spreadsheet holds it: figures and dates are figures and dates."""
    if header in AMOUNTS or header.partition(":")[0] in ("demande", "charge", "produit") or header in COUNTS:
        return float(text)
    return date.fromisoformat(text) if header.startswith("date_") else text


def write_xlsx(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """The same rows as an XLSX workbook, dated so that the bytes never change."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": datetime(YEAR, 1, 1), "title": "Programme d’exemple (fictif)"})  # noqa: DTZ001
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("Demandes")
        sheet.write_row(0, 0, HEADERS, bold)
        sheet.freeze_panes(1, 1)
        for rank, row in enumerate(rows, start=1):
            for column, header in enumerate(HEADERS):
                value = typed(header, row[header]) if row[header] else None
                if isinstance(value, date):
                    sheet.write_datetime(rank, column, value, day)
                elif isinstance(value, float):
                    sheet.write_number(rank, column, value)
                elif value is not None:
                    sheet.write_string(rank, column, value)


ODS = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)


def write_ods(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """The same rows as an ODS workbook."""
    lines = [
        _ods_row(HEADERS, HEADERS),
        *(_ods_row(HEADERS, [row[header] for header in HEADERS]) for row in rows),
    ]
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{SPACES} office:version="1.3"><office:body>'
        f'<office:spreadsheet><table:table table:name="Demandes">{"".join(lines)}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (("mimetype", ODS), ("META-INF/manifest.xml", manifest), ("content.xml", content)):
            entry = zipfile.ZipInfo(name, (YEAR, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode())


def _ods_row(headers: Sequence[str], cells: Sequence[str]) -> str:
    return f"<table:table-row>{''.join(_ods_cells(headers, cells))}</table:table-row>"


def _ods_cells(headers: Sequence[str], cells: Sequence[str]) -> Iterator[str]:
    for header, text in zip(headers, cells, strict=True):
        value = typed(header, text) if text and text != header else text
        if value == "":
            yield "<table:table-cell/>"
        elif isinstance(value, date):
            yield f'<table:table-cell office:value-type="date" office:date-value="{value}"><text:p>{value}</text:p></table:table-cell>'
        elif isinstance(value, float):
            yield f'<table:table-cell office:value-type="float" office:value="{Decimal(text)}"><text:p>{text}</text:p></table:table-cell>'
        else:
            yield f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def faulty() -> list[dict[str, str]]:
    """Rows rejected one after the other, each for one kind of unreadable cell, between two that are kept."""
    base = row_of(SOUND[0])
    rows = []
    for number, changes in enumerate(FAULTY_ROWS, start=1):
        rows.append(base | {"reference": f"CF-{YEAR}-{number:03d}", "numero_dauphin": ""} | changes)
    return rows


FAULTY_HEADERS = (*HEADERS, "demande:banque:specifique", "demande:region:droit_commun")


def main(folder: Path = HERE) -> None:
    """Write every file."""
    rows = programme()
    (folder / "programme.csv").write_text(csv_text(HEADERS, rows), encoding="utf-8", newline="")
    (folder / "subventions.csv").write_text(
        csv_text(SUBVENTIONS, subventions()), encoding="utf-8", newline=""
    )
    (folder / "programme_with_faults.csv").write_text(
        csv_text(FAULTY_HEADERS, faulty()), encoding="utf-8", newline=""
    )
    write_xlsx(folder / "programme.xlsx", rows)
    write_ods(folder / "programme.ods", rows)


if __name__ == "__main__":
    main()
