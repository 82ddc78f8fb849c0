# SPDX-License-Identifier: EUPL-1.2
"""`seance plan`: the year's calendar, proposed with its reasons, then written."""

from typing import TYPE_CHECKING, Any

import click

from cli.command import Invocation, command, table
from cli.seances import ACTING, acting, at_paris, seance, shape

if TYPE_CHECKING:
    from workflow.calendar_plan import Proposal
    from workflow.yearly_checks import YearlyFault


@command(parent=seance)
@click.argument("year", metavar="ANNÉE", type=click.IntRange(2000, 2100))
@click.option("--dry-run", is_flag=True, help="Montre la proposition et ses motifs, sans rien écrire.")
@ACTING
def plan(cx: Invocation, year: int, dry_run: bool, email: str | None) -> None:
    """Prévoit les séances de l’année d’après le rythme de chaque instance, sans doubler celles qui existent."""
    from workflow.contracts import get_contract, territory_of
    from workflow.firing import PARIS
    from workflow.yearly_checks import days_of_year, yearly_faults
    from workflow.yearly_plan import plan_proposals, propose_year

    with cx.application.read() if dry_run else cx.application.write() as db:
        contract, now = get_contract(db, cx.contract_code), cx.application.now()
        proposals = propose_year(db, contract, year, now)
        held = days_of_year(db, contract, year)
        for each in proposals:
            held.setdefault(each.body, []).append(each.starts_at.astimezone(PARIS).date())
        faults = yearly_faults(territory_of(contract), year, held)
        added = [] if dry_run else plan_proposals(db, contract, proposals, acting(cx, db, email), now)
        data = {
            "added": [shape(row, 0) for row in added],
            "proposed": [proposed(each) for each in proposals],
            "faults": [{"body": f.body, "message": f.message, "remedy": f.remedy} for f in faults],
        }
    cx.answer(data, lambda: _told(proposals, faults, dry_run=dry_run))


@command(parent=seance)
@click.argument("body", metavar="INSTANCE")
@click.option("--at", "moment", metavar="AAAA-MM-JJTHH:MM", required=True, help="Date et heure de Paris.")
@click.option(
    "--mode",
    type=click.Choice(("meeting", "remote", "written")),
    default="meeting",
    help="Réunion, à distance, ou par écrit.",
)
@click.option(
    "--reason", metavar="TEXTE", help="Le motif d’une séance extraordinaire, hors du calendrier de l’année."
)
@click.option("--place", metavar="LIEU", help="Lieu (sinon, celui de l’instance).")
@ACTING
def add(
    cx: Invocation,
    body: str,
    moment: str,
    mode: str,
    reason: str | None,
    place: str | None,
    email: str | None,
) -> None:
    """Prévoit une seule séance ; par écrit, la date est la limite des réponses."""
    from cli.seance_session import moment_of
    from workflow.contracts import get_contract
    from workflow.seances import plan_seance

    with cx.application.write() as db:
        contract, now, at = get_contract(db, cx.contract_code), cx.application.now(), moment_of(moment)
        actor = acting(cx, db, email)
        row = plan_seance(db, contract, body, at, now, actor, place=place, mode=mode, reason=reason)
        cx.answer(
            shape(row, 0), lambda: f"Séance n° {row.id} prévue : {row.label}, {at_paris(row.starts_at)}."
        )


@command(parent=seance)
@click.option(
    "--as",
    "email",
    metavar="ADRESSE",
    required=True,
    help="La personne qui agit ; sans --body, son calendrier.",
)
@click.option("--body", metavar="CODE", help="Le calendrier d’une instance, qui ne nomme aucun dossier.")
@click.option("--revoke", is_flag=True, help="Révoque l’adresse, sans en donner d’autre.")
def feed(cx: Invocation, email: str, body: str | None, revoke: bool) -> None:
    """Donne l’adresse secrète d’un calendrier, affichée une seule fois ; la précédente cesse de fonctionner."""
    from workflow.calendar_feeds import feeds_of, issue_feed, revoke_feed
    from workflow.contracts import get_contract

    address, base = None, cx.config.deployment.base_address.rstrip("/")
    with cx.application.write() as db:
        contract, actor, now = get_contract(db, cx.contract_code), acting(cx, db, email), cx.application.now()
        living = [each for each in feeds_of(db, contract, actor) if each.body == body]
        if revoke:
            for each in living:
                revoke_feed(db, contract, each.id, actor, now)
        else:
            _, token = issue_feed(db, contract, actor, now, body=body)
            address = f"{base}/agenda/{token}.ics"
    told = f"Adresse, affichée une seule fois : {address}" if address else "Aucune adresse nouvelle."
    data = {"address": address, "revoked": len(living)}
    cx.answer(data, lambda: [told, f"Adresses révoquées : {len(living)}."])


def proposed(each: "Proposal") -> dict[str, Any]:
    """A proposal in JSON: its moment, the day its rule gave, why it differs."""
    from workflow.firing import PARIS

    local = each.starts_at.astimezone(PARIS)
    return {
        "body": each.body,
        "date": local.date().isoformat(),
        "label": each.label,
        "starts_at": local.isoformat(),
        "planned_on": each.planned_on.isoformat(),
        "reasons": list(each.reasons),
    }


def _told(proposals: "list[Proposal]", faults: "list[YearlyFault]", *, dry_run: bool) -> list[str]:
    number = len(proposals)
    plural = "s" if number > 1 else ""
    verb = f"proposée{plural} ; rien n’est écrit" if dry_run else f"ajoutée{plural}"
    lines = [f"{number} séance{plural} {verb}." if number else "Rien à ajouter : le calendrier est complet."]
    if proposals:
        cells = [(at_paris(p.starts_at), p.label, " ; ".join(p.reasons)) for p in proposals]
        lines += table(("date", "instance", "motif"), cells)
    if faults:
        lines += ["", "Ce que le contrat demande et que le calendrier ne donne pas :"]
        lines += [f"- {fault.message}. {fault.remedy[:1].upper()}{fault.remedy[1:]}." for fault in faults]
    return lines
