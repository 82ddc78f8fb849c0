# SPDX-License-Identifier: EUPL-1.2
"""The page where two versions of one form are brought together, field by field."""

from collections.abc import Mapping
from typing import Any

from web.forms import Failure, FormView
from web.merge import BOTH, KEEP, TAKE, UNION, MergedField, merged_fields, shown_values

WAYS = {
    KEEP: "Garder le mien",
    TAKE: "Prendre le sien",
    BOTH: "Garder les deux, l’un après l’autre",
    UNION: "Garder les deux",
}


def merge_view(form: FormView, failure: Failure, last_act: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The page's values; None when the form held nothing that somebody else could have changed."""
    fields = merged_fields(form, failure)
    if not fields:
        return None
    rows = [_row(form, one) for one in fields]
    return {
        "form": form,
        "message": failure.message,
        "last_act": last_act,
        "hidden": [field for field in form.fields if field.kind == "hidden"],
        "rows": [row for row in rows if not row["same"]],
        "unchanged": [row for row in rows if row["same"]],
        "clashes": sum(row["clash"] for row in rows),
        "back": form.action.rsplit("/", 1)[0] if form.action.count("/") > 2 else form.action,
    }


def _row(form: FormView, one: MergedField) -> dict[str, Any]:
    field = one.field
    ways = [KEEP, TAKE, *([UNION if one.is_list else BOTH] if one.can_join else ())]
    return {
        "name": field.name,
        "id": form.field_id(field.name),
        "label": field.label,
        "before": "inconnu" if one.before is None else shown_values(field, one.before),
        "theirs": shown_values(field, one.theirs),
        "mine": shown_values(field, one.mine),
        "they_changed": one.before is None or one.theirs != one.before,
        "i_changed": one.before is None or one.mine != one.before,
        "theirs_values": one.theirs,
        "mine_values": one.mine,
        "same": one.is_same,
        "clash": not one.chosen,
        "ways": [(way, WAYS[way], way == one.chosen) for way in ways],
    }
