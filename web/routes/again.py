# SPDX-License-Identifier: EUPL-1.2
"""Showing a page again after a refused form: which page, for which route; what was typed is kept in its form."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.responses import HTMLResponse, Response

from app.imports import list_imports
from app.perimeters import perimeters_path
from reports.summary.words import words_of
from web.finding import (
    dossier_instructed,
    dossier_seen,
    line_of,
    opinion_of,
    seance_shown,
)
from web.forms import Failure, FormView, refill
from web.pages import page, see
from web.presenters.answer import answer_view
from web.presenters.board_address import BoardReader, read_board
from web.presenters.bulk import bulk_view
from web.presenters.completion import completion_view
from web.presenters.dossier import action_view, dossier_view
from web.presenters.envelopes import credit_view
from web.presenters.exchanges import thread_block
from web.presenters.funding import line_view
from web.presenters.history import history
from web.presenters.imports import imports_view
from web.presenters.line_facts import line_facts
from web.presenters.located import located_view
from web.presenters.merge import merge_view
from web.presenters.opinion import opinion_view
from web.presenters.opinions_table import opinions_view
from web.presenters.own import head_of, own_dossier_view
from web.presenters.people import named_in
from web.presenters.pieces import pieces_block
from web.presenters.reader import Reader
from web.presenters.report_read import filed_report
from web.presenters.saved_views import saved_views_view
from web.presenters.seance import plan_form, seance_list, seance_view
from web.presenters.synthesis import sums_of
from web.readings import note_reading
from web.visit import application_of, present_visit
from workflow.answer_links import read_token
from workflow.completion import check_may_complete
from workflow.contracts import territory_of
from workflow.envelope_facts import credit_balances
from workflow.envelopes import envelope_history, find_credit, lines_on_credit
from workflow.exchanges import thread_of
from workflow.forecasts import held_on_credit
from workflow.models import Contract, Dossier
from workflow.queries import current_exercise, journal_of, list_seances, years_of
from workflow.queries_awards import envelope_years
from workflow.saved_views import views_of
from workflow.sight import sees_contract

Again = Callable[[Request, Failure | None, int], Response]


def show_dossier(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The dossier page."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        if not sees_contract(visit.who, dossier.contract_id):
            view = own_dossier_view(db, dossier, Reader(visit.who, application.now()))
            made = shown(request, "own_dossier.html", view, failure, status)
        else:
            view = dossier_view(db, dossier, Reader(visit.who, application.now()))
            has_perimeters = perimeters_path(application.config, dossier.contract.code) is not None
            view["report"] = filed_report(dossier)
            view["located"] = located_view(dossier, visit.who, has_perimeters=has_perimeters)
            made = shown(request, "dossier.html", view, failure, status)
    if failure is None:
        made.background = BackgroundTask(note_reading, application, visit.who, view)
    return made


def show_pieces(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of a dossier's pieces."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        pieces = pieces_block(db, dossier, Reader(visit.who, application.now()))
        return shown(
            request, "pieces.html", head_of(db, dossier, visit.who) | {"pieces": pieces}, failure, status
        )


def show_thread(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of a dossier's thread."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        messages = thread_of(db, dossier, visit.who)
        thread = thread_block(dossier, messages, Reader(visit.who, application.now()))
        return shown(
            request, "thread.html", head_of(db, dossier, visit.who) | {"thread": thread}, failure, status
        )


def show_action(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of one transition of a dossier."""
    application, visit = application_of(request), present_visit(request)
    trigger = request.path_params["trigger"]
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        view = action_view(db, dossier, Reader(visit.who, application.now()))
        view |= head_of(db, dossier, visit.who)
        is_inside = sees_contract(visit.who, dossier.contract_id)
        view |= {"history": _acts(db, dossier)} if failure and is_inside else {}
        known = (a for a in view["actions"] if a["permitted"] or is_inside)
        action = next((a for a in known if a["trigger"] == trigger), None)
        if action is None and failure is None:
            status = 409
        return shown(request, "action.html", {**view, "action": action}, failure, status)


def show_completion(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page where a request is completed or corrected."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_seen(db, int(request.path_params["dossier_id"]), visit)
        check_may_complete(dossier, visit.who)
        if failure is None and not sees_contract(visit.who, dossier.contract_id):
            return see(request, f"/demandes/{dossier.id}")  # its porteur writes step by step
        view = (
            completion_view(dossier)
            | head_of(db, dossier, visit.who)
            | ({"history": _acts(db, dossier)} if failure else {})
        )
        return shown(request, "completion.html", view, failure, status)


def show_opinions(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The opinions of a dossier side by side, and its synthesis."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_instructed(db, int(request.path_params["dossier_id"]), visit)
        view = opinions_view(db, dossier, Reader(visit.who, application.now()), _chosen_draft(request))
        told = _of_its_form(failure)
        view["sums"] = sums_of(dossier, refilled(view, told)["form"])
        view |= {"history": _acts(db, dossier)} if failure else {}
        return shown(request, "opinions.html", view, told, status)


def show_opinion(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of one opinion."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_instructed(db, int(request.path_params["dossier_id"]), visit)
        opinion = opinion_of(dossier, int(request.path_params["opinion_id"]))
        view = opinion_view(db, opinion, Reader(visit.who, application.now()), _chosen_draft(request))
        view |= {"history": _acts(db, dossier)} if failure else {}
        return shown(request, "opinion.html", view, _of_its_form(failure), status)


def _chosen_draft(request: Request) -> int | None:
    text = request.query_params.get("brouillon", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _of_its_form(failure: Failure | None) -> Failure | None:
    """A draft refused was typed in the form of the opinion itself."""
    return failure and replace(failure, action=failure.action.removesuffix("/brouillon"))


def show_line(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of one funding line."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        dossier = dossier_instructed(db, int(request.path_params["dossier_id"]), visit)
        line = line_of(dossier, int(request.path_params["line_id"]))
        words = words_of(territory_of(dossier.contract))
        view = line_view(db, line, words, Reader(visit.who, application.now()))
        view |= {"dossier": dossier, "facts": line_facts(line, words)}
        view |= {"history": _acts(db, dossier)} if failure else {}
        return shown(request, "line.html", view, failure, status)


def show_seances(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The list of séances."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        contract = visit.contract(db)
        view = seance_list(list_seances(db, contract), application.now())
        view["plan"] = plan_form(contract, visit.who)
        return page(request, "seances.html", status=status, **refilled(view, failure))


def show_seance(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of one séance."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        seance = seance_shown(db, int(request.path_params["seance_id"]), visit)
        view = seance_view(db, seance, Reader(visit.who, application.now()))
        return page(request, "seance.html", status=status, **refilled(view, failure))


def show_saved_views(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The saved views of the board."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        views = views_of(db, visit.contract(db), visit.person_id)
        query = failure.typed.text("query") if failure else ""
        view = saved_views_view(views, visit.person_id, query)
        return page(request, "saved_views.html", status=status, **refilled(view, failure))


def show_bulk(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """One act on many dossiers."""
    application, visit = application_of(request), present_visit(request)
    items, reader = request.query_params.multi_items(), BoardReader(visit.who, application.today())
    with application.read() as db:
        board = read_board(db, visit.contract(db), items, reader)
        view = bulk_view(db, board, items, application.now(), failure)
        return page(request, "bulk.html", status=status, **refilled(view, failure))


def show_answer(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The public page of an answer."""
    application, token = application_of(request), str(request.path_params["token"])
    with application.read() as db:
        view = answer_view(read_token(db, token, application.now()), token)
        if failure:  # what was chosen and typed stays
            view |= {"bearer": failure.typed.text("mandataire"), "deputy": failure.typed.text("suppleant")}
        return page(request, "answer.html", status=status, **{**view, "failure": failure})


def year_asked(request: Request, db: Session, contract: Contract) -> int:
    """The year of the address, in the path or after `annee`, else the current exercise."""
    asked = str(request.path_params.get("year") or request.query_params.get("annee", ""))
    is_year = asked.isascii() and asked.isdigit() and len(asked) == 4
    return (
        int(asked) if is_year else current_exercise(years_of(db, contract), application_of(request).today())
    )


def show_credit(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The page of one credit and its envelope of the year."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        contract = visit.contract(db)
        year = year_asked(request, db, contract)
        credit = find_credit(db, contract, int(request.path_params["credit_id"]))
        balance = next(one for one in credit_balances(db, contract, year) if one.credit is credit)
        history, lines = envelope_history(db, balance.envelope), lines_on_credit(db, credit, year)
        words, sort = words_of(territory_of(contract)), request.query_params.get("tri", "")
        held, named = held_on_credit(db, credit, year), named_in(db, history)
        view = credit_view(balance, history, named, lines, held, words, visit.who, year, sort)
        view |= {"year": year, "years": envelope_years(db, contract, year)}
        return page(request, "credit.html", status=status, **refilled(view, failure))


def show_imports(request: Request, failure: Failure | None = None, status: int = 200) -> Response:
    """The form that imports a file, and the last imports."""
    application, visit = application_of(request), present_visit(request)
    with application.read() as db:
        view = imports_view(list_imports(db, visit.contract_id))
        return page(request, "imports.html", status=status, **refilled(view, failure))


def shown(
    request: Request, template: str, view: dict[str, Any], failure: Failure | None, status: int
) -> HTMLResponse:
    """The page; on a conflict over what a form held, the page where both versions are brought together."""
    form = _form_in(view, failure) if failure is not None and failure.is_conflict else None
    if form is not None and failure is not None:
        acts = view.get("history") or (None,)
        merge = merge_view(form, failure, acts[0])
        if merge is not None:
            return page(request, "merge.html", status=status, merge=merge)
    return page(request, template, status=status, **refilled(view, failure))


def refilled(view: dict[str, Any], failure: Failure | None) -> dict[str, Any]:
    """The view with the refused form filled with what was typed, and on a conflict who changed it last."""
    if failure is None:
        return {**view, "failure": None}
    acts = view.get("history") if failure.is_conflict else None
    told = replace(failure, form=_form_of(view, failure), last_act=acts[0] if acts else None)
    return {**{name: _refilled(value, failure) for name, value in view.items()}, "failure": told}


def _form_of(value: Any, failure: Failure) -> str:
    """The id of the refused form, if the page still has it; that of an act not allowed is not shown."""
    found = _form_in(value, failure)
    return found.id if found else ""


def _form_in(value: Any, failure: Failure) -> FormView | None:
    if isinstance(value, FormView):
        return value if value.is_of(failure) else None
    inside: Iterable[Any] = value if isinstance(value, list | tuple) else ()
    if isinstance(value, dict):
        inside = value.values() if value.get("allowed", True) else ()
    return next((found for inner in inside if (found := _form_in(inner, failure))), None)


def _refilled(value: Any, failure: Failure) -> Any:
    if isinstance(value, FormView):
        return refill(value, failure)
    if isinstance(value, dict):
        return {name: _refilled(inner, failure) for name, inner in value.items()}
    if type(value) in (list, tuple):  # a named tuple is a value, and holds no form
        return [_refilled(inner, failure) for inner in value]
    return value


def _acts(db: Session, dossier: Dossier) -> list[dict[str, Any]]:
    """The dossier's history, for whoever changed it last."""
    journal = journal_of(db, f"dossier:{dossier.id}")
    return history(journal, named_in(db, journal), {})


REDISPLAY: Mapping[str, Again] = {
    "/dossiers/{dossier_id}/actions/{trigger}": show_action,
    "/dossiers/{dossier_id}/completer": show_completion,
    "/dossiers/{dossier_id}/pieces": show_pieces,
    "/dossiers/{dossier_id}/pieces/{piece_id}/retrait": show_pieces,
    "/dossiers/{dossier_id}/echanges": show_thread,
    "/dossiers/{dossier_id}/echanges/{exchange_id}": show_thread,
    "/dossiers/{dossier_id}/constats": show_dossier,
    "/dossiers/{dossier_id}/constats/retrait": show_dossier,
    "/dossiers/{dossier_id}/localisation": show_dossier,
    "/dossiers/{dossier_id}/localisation/effacement": show_dossier,
    "/dossiers/{dossier_id}/avis/{opinion_id}": show_opinion,
    "/dossiers/{dossier_id}/avis/{opinion_id}/brouillon": show_opinion,
    "/dossiers/{dossier_id}/avis/{opinion_id}/retard": show_opinion,
    "/dossiers/{dossier_id}/avis/{opinion_id}/annulation": show_opinion,
    "/dossiers/{dossier_id}/synthese": show_opinions,
    "/dossiers/{dossier_id}/synthese/brouillon": show_opinions,
    "/dossiers/{dossier_id}/conseil-citoyen": show_opinions,
    "/dossiers/{dossier_id}/lignes": show_dossier,
    "/dossiers/{dossier_id}/lignes/{line_id}/proposition": show_line,
    "/dossiers/{dossier_id}/lignes/{line_id}/reponse": show_line,
    "/dossiers/{dossier_id}/lignes/{line_id}/actions/{trigger}": show_line,
    "/dossiers/lot": show_bulk,
    "/dossiers/vues": show_saved_views,
    "/dossiers/vues/{view_id}": show_saved_views,
    "/dossiers/vues/{view_id}/suppression": show_saved_views,
    "/reponse/{token}": show_answer,
    "/administration/import": show_imports,
    "/enveloppes/{credit_id}/{year}": show_credit,
    "/seances": show_seances,
    "/seances/{seance_id}/ordre-du-jour": show_seance,
    "/seances/{seance_id}/ordre-du-jour/completer": show_seance,
    "/seances/{seance_id}/invitations": show_seance,
    "/seances/{seance_id}/reponses": show_seance,
}
