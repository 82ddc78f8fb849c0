# SPDX-License-Identifier: EUPL-1.2
"""`outbox`: the messages and their state; releasing a draft, trying a failed one again."""

from typing import TYPE_CHECKING, Any

import click

from cli.command import Invocation, command, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow.models import Message


class _ListByDefault(click.Group):
    """`outbox` alone, or with options only, lists."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ListByDefault, context_settings={"help_option_names": ["-h", "--help"]})
def outbox() -> None:
    """Les messages et leur état ; sans sous-commande, en donne la liste."""


@command("list", parent=outbox)
@click.option("--state", metavar="ÉTAT", help="draft, pending, sending, sent, failed ou skipped.")
def list_(cx: Invocation, state: str | None) -> None:
    """Liste les messages, du plus ancien au plus récent."""
    from notifications.outbox import STATE_LABELS, list_messages
    from workflow.contracts import get_contract

    if state is not None and state not in STATE_LABELS:
        raise click.BadParameter(f"état inconnu : {state}. États : {', '.join(STATE_LABELS)}.")
    with cx.application.read() as db:
        contract_id = get_contract(db, cx.contract_code).id if cx.contract_code else None
        rows = list_messages(db, contract_id, state)
        cx.answer([_shape(row) for row in rows], lambda: _lines(rows))


@command(parent=outbox)
@click.argument("key", metavar="CLÉ")
def release(cx: Invocation, key: str) -> None:
    """Libère un brouillon (lettre de décision) : il part au prochain envoi."""
    from notifications.outbox import release as release_draft

    with cx.application.write() as db:
        message = release_draft(db, key, cx.application.now())
        cx.answer(_shape(message), lambda: f"{message.key} : le message partira au prochain envoi.")


@command(parent=outbox)
@click.argument("key", metavar="CLÉ")
def retry(cx: Invocation, key: str) -> None:
    """Relance un message en échec, ou en attente d’un nouvel essai."""
    from notifications.outbox import retry as retry_message

    with cx.application.write() as db:
        message = retry_message(db, key, cx.application.now())
        cx.answer(_shape(message), lambda: f"{message.key} : un nouvel essai est demandé.")


@command(parent=outbox)
def send(cx: Invocation) -> None:
    """Écrit et envoie tout de suite ce qui attend, comme le fait « worker »."""
    from app.errors import MailServerError
    from app.worker import send_waiting, worker_name

    done = send_waiting(cx.application, worker_name())
    data = {
        "sent": done.sent,
        "refused": done.refused,
        "unreachable": done.unreachable,
        "held": done.held,
    }
    cx.answer(
        data, lambda: [f"Messages envoyés : {done.sent} ; remis à plus tard ou refusés : {done.refused}."]
    )
    if done.held:
        cx.note(f"Messages retenus : {done.held}.")
    if done.unreachable:
        raise MailServerError(f"{done.unreachable} ; les messages attendent, rien n’est perdu")


def _shape(message: "Message") -> dict[str, Any]:
    return {
        "key": message.key,
        "kind": message.kind,
        "recipient": message.recipient,
        "state": message.state,
        "attempts": message.attempts,
        "title": message.title,
        "reason": message.reason,
        "created_at": message.created_at,
        "next_attempt_at": message.next_attempt_at if message.state == "pending" else None,
        "sent_at": message.sent_at,
    }


def _lines(rows: "Sequence[Message]") -> list[str]:
    from notifications.outbox import STATE_LABELS

    cells = [
        (row.key, row.recipient or "—", STATE_LABELS[row.state], row.attempts, row.reason or row.title)
        for row in rows
    ]
    if not cells:
        return ["Aucun message."]
    return table(("clé", "destinataire", "état", "essais", "objet ou motif"), cells)
