# SPDX-License-Identifier: EUPL-1.2
"""`dossier list`, `show`, `advance`: read dossiers, and move them through the one door."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from cli.command import Invocation, command, euros, table

if TYPE_CHECKING:
    from workflow.firing import Subject
    from workflow.models import Dossier
    from workflow.search.reading import Term
    from workflow.search.vocabulary import Vocabulary


@click.group()
def dossier() -> None:
    """Liste, montre, instruit et fait avancer les dossiers."""


@command("list", parent=dossier)
@click.option("--year", type=int, metavar="ANNÉE", help="Un seul exercice.")
@click.option("--stage", "stages", multiple=True, metavar="ÉTAPE", help="Une étape (option répétable).")
@click.option(
    "--search", metavar="TEXTE", help="La recherche de la page, par exemple « etape:conference -cpo soir »."
)
@click.option("--qpv", metavar="CODE", help="Un quartier.")
@click.option("--financer", metavar="CODE", help="Un financeur sollicité.")
def list_command(
    cx: Invocation,
    year: int | None,
    stages: tuple[str, ...],
    search: str | None,
    qpv: str | None,
    financer: str | None,
) -> None:
    """Liste les dossiers : tous les exercices, toutes les étapes.

    Un mot de la recherche, un quartier ou un financeur inconnu est refusé (code 2).
    """
    from app.dossier_json import dossier_row
    from workflow.contracts import get_contract, territory_of
    from workflow.queries import list_dossiers
    from workflow.queries_board import BoardFilters, leads_of
    from workflow.search.reading import Term
    from workflow.search.vocabulary import Vocabulary

    _check_stages(stages)
    with cx.application.read() as db:
        contract = get_contract(db, cx.contract_code)
        vocabulary = Vocabulary(territory_of(contract), leads_of(db, contract))
        terms = _searched(search or "", {"qpv": qpv, "financeur": financer}, vocabulary)
        terms += [Term("etape", stages)] if stages else []
        terms += [Term("annee", (year,))] if year is not None else []
        found = list_dossiers(db, contract, BoardFilters(cx.application.today(), tuple(terms)))
        rows = [dossier_row(item) for item in found]
    cx.answer(rows, lambda: _listing(rows))


def _searched(text: str, options: dict[str, str | None], vocabulary: "Vocabulary") -> "list[Term]":
    """The terms of the search and of the options. Raises a usage error on what is not known."""
    from workflow.search.reading import NotUnderstoodError, read_search, term_of

    search = read_search(text, vocabulary)
    if search.faults:
        raise click.BadParameter("\n".join(search.faults), param_hint="--search")
    terms = list(search.terms)
    for name, value in options.items():
        try:
            terms += [term_of(name, [value], vocabulary)] if value is not None else []
        except NotUnderstoodError as error:
            raise click.UsageError(str(error)) from None
    return terms


@command(parent=dossier)
@click.argument("reference", metavar="RÉFÉRENCE")
@click.option("--year", type=int, metavar="ANNÉE", help="L’exercice, si la référence sert plusieurs années.")
@click.option("--as", "email", metavar="ADRESSE", help="Dit aussi ce que cette personne peut faire.")
def show(cx: Invocation, reference: str, year: int | None, email: str | None) -> None:
    """Montre un dossier : financements, avis, journal, et chaque étape possible ou ce qui l’empêche."""
    from app.dossier_json import dossier_detail
    from workflow.contracts import get_contract
    from workflow.permissions import actor_for, person_by_email
    from workflow.queries import find_dossier

    application = cx.application
    with application.read() as db:
        found = find_dossier(db, get_contract(db, cx.contract_code), reference, year)
        actor = actor_for(db, person_by_email(db, email), application.today()) if email else None
        data = dossier_detail(db, found, application.now(), actor)
    cx.answer(data, lambda: _sheet(data))


@command(parent=dossier)
@click.argument("reference", metavar="RÉFÉRENCE")
@click.argument("trigger", metavar="TRANSITION")
@click.option("--as", "email", metavar="ADRESSE", required=True, help="La personne qui agit.")
@click.option("--reason", metavar="TEXTE", help="Le motif.")
@click.option(
    "--set", "typed", multiple=True, metavar="CLÉ=VALEUR", help="Une information de l’étape (répétable)."
)
@click.option("--year", type=int, metavar="ANNÉE", help="L’exercice, si la référence sert plusieurs années.")
@click.option(
    "--line", metavar="LIGNE", help="Agit sur une ligne de financement, par exemple caf:droit_commun."
)
@click.option("--opinion", metavar="CODE", help="Agit sur l’avis demandé à cette organisation.")
def advance(
    cx: Invocation,
    reference: str,
    trigger: str,
    email: str,
    reason: str | None,
    typed: tuple[str, ...],
    year: int | None,
    line: str | None,
    opinion: str | None,
) -> None:
    """Fait avancer un dossier (ou une de ses lignes, un de ses avis) par la TRANSITION nommée.

    Refus : code 1, avec chaque raison et ce qui y remédie.
    """
    from workflow.contracts import get_contract
    from workflow.inputs import parse_inputs
    from workflow.machine import fire, table_of
    from workflow.permissions import actor_for, person_by_email
    from workflow.queries import find_dossier

    application = cx.application
    with application.write() as db:
        found = find_dossier(db, get_contract(db, cx.contract_code), reference, year)
        subject = chosen_subject(found, line, opinion)
        details = parse_inputs(table_of(subject), trigger, typed_pairs(typed))
        actor = actor_for(db, person_by_email(db, email), application.today())
        act = fire(db, subject, trigger, actor, reason, application.now(), **details)
        db.flush()
        data = {
            "reference": found.reference,
            "trigger": act.trigger,
            "subject": act.subject,
            "from": act.from_state,
            "to": act.to_state,
            "stage": found.stage,
        }
    cx.answer(data, lambda: _moved(data))


def chosen_subject(found: "Dossier", line: str | None, opinion: str | None) -> "Subject":
    """The dossier, or one of its lines or opinions. Raises UnknownReferenceError naming the choices."""
    from workflow.errors import UnknownReferenceError

    if line and opinion:
        raise click.UsageError("--line et --opinion s’excluent.")
    if line:
        chosen = found.line(line)
        if chosen is None:
            known = ", ".join(item.key for item in found.lines)
            raise UnknownReferenceError(f"Ligne inconnue : « {line} ». Lignes du dossier : {known}.")
        return chosen
    if opinion:
        asked = [item for item in found.opinions if item.organisation.code == opinion]
        if not asked:
            known = ", ".join(str(item.organisation.code) for item in found.opinions) or "aucun avis demandé"
            raise UnknownReferenceError(f"Aucun avis demandé à « {opinion} ». Avis du dossier : {known}.")
        return max(asked, key=lambda item: item.round)
    return found


def typed_pairs(typed: tuple[str, ...], option: str = "--set") -> dict[str, str]:
    """Values typed `KEY=VALUE`, by key."""
    pairs = {}
    for item in typed:
        name, sign, value = item.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"« {item} » : CLÉ=VALEUR attendu.", param_hint=option)
        pairs[name.strip()] = value
    return pairs


def _check_stages(stages: tuple[str, ...]) -> None:
    from workflow.stages import Stage

    unknown = [stage for stage in stages if stage not in {str(known) for known in Stage}]
    if unknown:
        raise click.BadParameter(
            f"étape inconnue : {', '.join(unknown)} (étapes : {', '.join(Stage)}).", param_hint="--stage"
        )


def _listing(rows: list[dict[str, Any]]) -> Iterator[str]:
    from workflow.stages import STAGE_LABELS, Stage

    if not rows:
        yield "Aucun dossier."
        return
    header = ("Référence", "Année", "Étape", "Porteur", "Demandé", "Proposé", "Retenu", "Accordé")
    amounts = ("requested", "proposed", "retained", "granted")
    yield from table(
        header,
        (
            (
                row["reference"],
                row["year"],
                STAGE_LABELS[Stage(row["stage"])],
                row["porteur"][:40],
                *(_money(row[name]) for name in amounts),
            )
            for row in rows
        ),
    )
    yield f"{len(rows)} dossier(s)."


def _sheet(data: dict[str, Any]) -> Iterator[str]:
    from workflow.stages import LINE_LABELS, STAGE_LABELS, LineState, Stage

    yield f"{data['reference']} ({data['year']}) — {data['title']}"
    yield f"Porteur : {data['porteur']}. Étape : {STAGE_LABELS[Stage(data['stage'])]}."
    if data["funding"]:
        yield ""
        header = ("Financeur", "Nature", "État", "Demandé", "Proposé", "Retenu", "Accordé")
        yield from table(
            header, (_line_cells(line, LINE_LABELS[LineState(line["state"])]) for line in data["funding"])
        )
    if data["opinions"]:
        yield ""
        rows = [(o["organisation"], _opinion_word(o), o["due"]) for o in data["opinions"]]
        yield from table(("Avis demandé à", "Avis", "Attendu le"), rows)
    yield ""
    yield from _actions(data["actions"])
    if data["journal"]:
        yield ""
        cells = [
            (a["at"][:16], a["actor"], a["trigger"], a["subject"], a["reason"] or "") for a in data["journal"]
        ]
        yield from table(("Le (UTC)", "Par", "Transition", "Sur", "Motif"), cells)


def _opinion_word(opinion: dict[str, Any]) -> str:
    from workflow.stages import OPINION_LABELS, OPINION_STATE_LABELS, OpinionState, OpinionValue

    if opinion["value"]:
        return OPINION_LABELS[OpinionValue(opinion["value"])]
    return OPINION_STATE_LABELS[OpinionState(opinion["state"])]


def _line_cells(line: dict[str, Any], state: str) -> tuple[str, ...]:
    amounts = (_money(line[name]) for name in ("requested", "proposed", "retained", "granted"))
    return (line["financer"], line["nature"].replace("_", " "), state, *amounts)


def _actions(actions: list[dict[str, Any]]) -> Iterator[str]:
    yield (
        "Étapes possibles :" if actions else "Aucune étape possible : le dossier est au bout de son circuit."
    )
    for action in actions:
        yield f"  {'✓' if action['allowed'] else '✗'} {action['trigger']} — {action['label']}"
        for item in action["inputs"]:
            yield f"      --set {item['name']}=…{'' if item['required'] else ' (facultatif)'}"
        for finding in action["findings"]:
            yield f"      {finding['rule']} : {finding['message']}"


def _moved(data: dict[str, Any]) -> str:
    from workflow.stages import STAGE_LABELS, STATE_LABELS, Stage

    kind, _, name = data["subject"].partition(":")
    if kind == "dossier":
        return f"{data['reference']} : {STAGE_LABELS[Stage(data['stage'])]}."
    labels = STATE_LABELS[kind]
    return f"{data['reference']}, {name} : {labels[data['from']]} → {labels[data['to']]}."


def _money(amount: str | None) -> str:
    return euros(None if amount is None else Decimal(amount))
