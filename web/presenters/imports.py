# SPDX-License-Identifier: EUPL-1.2
"""Imports for the eye: the form, where each file stands, the faults row by row, the differences field by field."""

from collections.abc import Sequence
from typing import Any

from web.forms import Field, FormView
from workflow.models import FileImport, Task

FAULTS, CHANGES = 200, 100  # how many the page lists; the file of rejected rows has them all
PROFILES = (
    ("requests", "Demandes des porteurs (classeur des demandes)"),
    ("p147:awards", "Subventions publiées du programme 147, comme subventions passées"),
    ("p147:requests", "Subventions publiées du programme 147, comme demandes à l’État"),
)
STATES = {
    "pending": ("en attente", "wait"),
    "running": ("en cours", "wait"),
    "done": ("terminé", "good"),
    "failed": ("échoué", "bad"),
}


def import_form() -> FormView:
    """The form that sends a file."""
    return FormView(
        "/administration/import",
        "Envoyer et voir l’aperçu",
        (
            Field("profile", "Contenu du fichier", "choice", (PROFILES[0][0],), choices=PROFILES),
            Field(
                "file",
                "Fichier",
                "file",
                required=True,
                hint="CSV, XLSX ou ODS, 30 Mo au plus. Rien n’est importé avant que vous ayez lu l’aperçu.",
                accept=".csv,.xlsx,.ods,text/csv",
            ),
            Field("year", "Exercice", "integer", hint="facultatif : ne garde que les lignes de cette année"),
        ),
    )


def imports_view(found: Sequence[FileImport]) -> dict[str, Any]:
    """The page with the form and the last imports."""
    return {"form": import_form(), "imports": [_row(one) for one in found]}


def _row(one: FileImport) -> dict[str, Any]:
    state, tone = _stands(one)
    return {"import": one, "profile": _profile(one), "state": state, "tone": tone, "counts": _counts(one)}


def _profile(one: FileImport) -> str:
    return dict(PROFILES).get(f"{one.profile}:{one.target}" if one.target else one.profile, one.profile)


def _stands(one: FileImport) -> tuple[str, str]:
    """Where the file stands, in two words."""
    task, what = (one.run, "import") if one.run is not None else (one.preview, "aperçu")
    if "refused" in (task.result or {}):
        return "illisible", "bad"
    word, tone = STATES.get(task.state, (task.state, "quiet"))
    return f"{what} {word}", "plain" if what == "aperçu" and task.state == "done" else tone


def _counts(one: FileImport) -> str:
    """« 12 créées, 3 mises à jour, 1 rejetée » of the last report."""
    report = (one.run.result if one.run is not None else None) or one.preview.result
    if not report or "refused" in report:
        return ""
    rejected = len({fault["row"] for fault in report["rejected"]})
    return f"{report['created']} créées, {report['updated']} mises à jour, {report['unchanged']} inchangées, {rejected} rejetées"


def import_view(one: FileImport) -> dict[str, Any]:
    """The page of one import: the preview, then what was really done."""
    address = f"/administration/imports/{one.id}"
    shown = one.run if one.run is not None else one.preview
    report = _report(shown)
    may_start = one.run is None and report is not None and report["readable"] and report["to_write"] > 0
    return {
        "one": one,
        "profile": _profile(one),
        "address": address,
        "is_trial": one.run is None,
        "is_waiting": shown.state in ("pending", "running"),
        "progress": shown.progress,
        "state": STATES.get(shown.state, (shown.state, "quiet"))[0],
        "error": shown.error if shown.state == "failed" else "",
        "report": report,
        "start": _start(address, report) if may_start and report is not None else None,
    }


def _start(address: str, report: dict[str, Any]) -> FormView:
    said = f"{report['created']} à créer, {report['updated']} à mettre à jour."
    number = report["rejected_rows"]
    if number:
        said += (
            f" Les {number} lignes rejetées ne seront pas importées."
            if number > 1
            else " La ligne rejetée ne sera pas importée."
        )
    return FormView(f"{address}/lancement", "Importer", confirm=said)


def _report(task: Task) -> dict[str, Any] | None:
    """The report of a task; None while there is none."""
    result = task.result
    if result is None:
        return None
    if "refused" in result:
        return {"readable": False, "refused": result["refused"], "to_write": 0}
    changes = result.get("changes") or []
    rejected = result["rejected"]
    return {
        "readable": True,
        "read": result["read"],
        "created": result["created"],
        "updated": result["updated"],
        "unchanged": result["unchanged"],
        "to_write": result["created"] + result["updated"],
        "rejected_rows": len({fault["row"] for fault in rejected}),
        "faults": rejected[:FAULTS],
        "more_faults": max(0, len(rejected) - FAULTS),
        "warnings": result["warnings"][:FAULTS],
        "changed": [change for change in changes if not change["is_new"]][:CHANGES],
        "new": [change for change in changes if change["is_new"]][:CHANGES],
    }
