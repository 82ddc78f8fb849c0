# SPDX-License-Identifier: EUPL-1.2
"""Drafts in their form: one's own is taken up again by itself, a colleague's on demand; none is ever overwritten."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from web.forms import Field, FormView, Typed
from web.presenters.reader import Reader
from workflow.models import OpinionDraft


def take_up(
    form: FormView,
    drafts: Sequence[OpinionDraft],
    reader: Reader,
    *,
    chosen: int | None = None,
    since: datetime | None = None,
) -> tuple[FormView, dict[str, Any]]:
    """The form filled with the draft chosen, else with one's own if it is newer than `since`; and what to tell of them."""
    own = next((draft for draft in drafts if draft.person_id == reader.actor.person_id), None)
    loaded = next((draft for draft in drafts if draft.id == chosen), None)
    if loaded is None and own is not None and (since is None or own.saved_at > since):
        loaded = own
    told = {
        "loaded": _told(form, loaded, reader) if loaded else None,
        "others": [_told(form, draft, reader) for draft in drafts if draft is not loaded],
        "has_own": own is not None,
    }
    return (filled(form, loaded.content) if loaded else form), told


def filled(form: FormView, content: dict[str, Any]) -> FormView:
    """The form with what the draft holds."""
    fields = tuple(replace(item, values=tuple(content.get(item.name, ()))) for item in form.fields)
    return replace(form, fields=fields)


def content_of(form: FormView, typed: Typed) -> dict[str, list[str]]:
    """What was typed in the fields of this form, as a draft keeps it; unreadable amounts and dates included."""
    return {item.name: [text] for item in form.fields if (text := typed.text(item.name))}


def _told(form: FormView, draft: OpinionDraft, reader: Reader) -> dict[str, Any]:
    return {
        "id": draft.id,
        "who": draft.person.name,
        "is_own": draft.person_id == reader.actor.person_id,
        "saved_at": draft.saved_at,
        "content": [
            (item.label, _word(item, text))
            for item in form.fields
            for text in draft.content.get(item.name, ())
        ],
    }


def _word(item: Field, text: str) -> str:
    return dict(item.choices).get(text, text)
