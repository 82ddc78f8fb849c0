# SPDX-License-Identifier: EUPL-1.2
"""Beginning a request: for which organisation and year, under which title; or last year's again."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from web.forms import Field, FormView
from web.presenters.porteur import porteur_words
from workflow.contracts import territory_of
from workflow.models import Contract
from workflow.permissions import Actor
from workflow.request.beginning import (
    copyable,
    files_for_others,
    own_organisations,
    porteurs_found,
    years_to_request,
)
from workflow.sight import own_porteurs

TITLE_HINT = "Une dizaine de mots : ce que l’action fait, pour qui. Il pourra changer jusqu’au dépôt."


def begin_view(db: Session, contract: Contract, actor: Actor, today: date, words: str) -> dict[str, Any]:
    """The page; a secretary looks for the porteur first."""
    for_others = files_for_others(actor, contract.id)
    years = years_to_request(contract, today)
    known = porteurs_found(db, words) if for_others and words.strip() else []
    organisations = own_organisations(db, actor, contract.id) if not for_others else known
    ids = own_porteurs(actor, contract.id) if not for_others else frozenset(one.id for one in known)
    return {
        "for_others": for_others,
        "words": words,
        "searched": bool(words.strip()),
        "contract": contract,
        "form": _form(contract, organisations, years, words, for_others=for_others),
        "copies": [
            {"dossier": source, "form": _copy_form(source.id, source.year, years)}
            for source in copyable(db, contract, ids, years)
        ],
    }


def _form(
    contract: Contract, organisations: list[Any], years: list[int], words: str, *, for_others: bool
) -> FormView | None:
    if for_others and not words.strip():
        return None
    options = tuple((str(one.id), f"{one.name}{_about(one, contract)}") for one in organisations)
    fields: list[Field] = []
    if for_others or len(options) > 1:
        chosen = (options[0][0],) if len(options) == 1 else ("",)
        if options:
            fields.append(Field("porteur", "Organisme", "radio", chosen, not for_others, choices=options))
        if for_others:
            hint = "Seulement si aucun organisme trouvé ne convient."
            fields.append(Field("new_porteur", "Ou un nouvel organisme : son nom", hint=hint))
    elif options:
        fields.append(Field("porteur", "", "hidden", (options[0][0],)))
    chosen_year = (str(years[0]),) if years else ("",)
    fields += [
        Field("title", "Intitulé de l’action", "text", required=True, hint=TITLE_HINT),
        Field("year", "Année", "radio", chosen_year, True, choices=tuple((str(y), str(y)) for y in years)),
    ]
    return FormView(action="/demandes", submit="Commencer la demande", fields=tuple(fields))


def _about(organisation: Any, contract: Contract) -> str:
    said = porteur_words(organisation, territory_of(contract).geography)
    return f" ({said})" if said else ""


def _copy_form(source: int, year: int, years: list[int]) -> FormView:
    wanted = next((open_year for open_year in years if open_year > year), year + 1)
    return FormView(
        action="/demandes/copies",
        key=str(source),
        submit=f"Reprendre pour {wanted}",
        look="secondary",
        fields=(Field("source", "", "hidden", (str(source),)), Field("year", "", "hidden", (str(wanted),))),
    )
