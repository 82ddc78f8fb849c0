# SPDX-License-Identifier: EUPL-1.2
"""The page of saved views: those of the person with their forms, those that others share."""

from collections.abc import Iterable
from typing import Any

from web.forms import Field, FormView
from workflow.models import SavedView


def saved_views_view(views: Iterable[SavedView], person_id: int, query: str = "") -> dict[str, Any]:
    """What the page shows. `query`: the board just left, to be named here."""
    listed = list(views)
    return {
        "new": _new(query),
        "mine": [_mine(view) for view in listed if view.person_id == person_id],
        "shared": [
            {"name": view.name, "address": f"/dossiers?{view.query}"}
            for view in listed
            if view.person_id != person_id
        ],
    }


def _new(query: str) -> FormView:
    fields = (Field("query", "", "hidden", (query,)), _name(""), _shared(is_shared=False))
    return FormView("/dossiers/vues", "Enregistrer", fields)


def _mine(view: SavedView) -> dict[str, Any]:
    address = f"/dossiers/vues/{view.id}"
    first = Field(
        "default",
        "L’ouvrir d’abord quand j’ouvre les dossiers",
        "boolean",
        ("on",) if view.is_default else (),
    )
    fields = (_name(view.name), _shared(is_shared=view.is_shared), first)
    return {
        "name": view.name,
        "address": f"/dossiers?{view.query}",
        "is_shared": view.is_shared,
        "is_default": view.is_default,
        "change": FormView(address, "Enregistrer", fields, view.version, look="secondary"),
        "remove": FormView(f"{address}/suppression", "Supprimer", (), view.version, look="danger"),
    }


def _name(value: str) -> Field:
    return Field("name", "Nom de la vue", "text", (value,), required=True)


def _shared(*, is_shared: bool) -> Field:
    return Field("shared", "Partager avec tout le contrat", "boolean", ("on",) if is_shared else ())
