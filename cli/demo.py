# SPDX-License-Identifier: EUPL-1.2
"""`demo`: the whole product on this machine — pages, scheduler, mail server — with a contract already at work."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from cli.command import Invocation, command

if TYPE_CHECKING:
    from socket import socket

    from app.bootstrap import Application
    from app.demo.place import DemoPlace


@command()
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port du site.",
)
@click.option("--fresh", is_flag=True, help="Efface la démonstration précédente et repart d’aujourd’hui.")
def demo(cx: Invocation, port: int, fresh: bool) -> None:
    """Lance tout le produit sur cette machine, avec un programme d’exemple déjà en cours.

    Tout est gardé dans var/demo/ d’une fois sur l’autre. Ctrl-C pour arrêter.
    """
    from app.demo.place import DemoPlace, demo_config, held, listen, open_demo
    from app.mailbox import Mailbox

    place = DemoPlace()
    with listen(port) as door:
        port = door.getsockname()[1]
        place.make()
        with held(place):
            if fresh:
                place.forget()
            with Mailbox(place.mailbox) as mail:
                config = demo_config(cx.config_path, place.database, port, mail.port)
                application = open_demo(place, config, cx.note)
                try:
                    cx.answer(_facts(application, port), lambda: _welcome(application, port))
                    _run(application, door, place)
                finally:
                    application.close()
    cx.note("La démonstration est arrêtée ; elle reprendra où elle en est.")


def _run(application: "Application", door: "socket", place: "DemoPlace") -> None:
    """The pages in this thread, the worker in another, until Ctrl-C or SIGTERM."""
    import signal
    import sys
    import threading

    import uvicorn

    from app.worker import run_worker
    from web.main import create_app

    sys.stdout.flush()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: None)  # uvicorn listens to them while it runs, then calls this
    stop = threading.Event()
    worker = threading.Thread(target=run_worker, args=(application, stop), name="worker")
    settings = uvicorn.Config(
        create_app(application, mail_folder=place.mailbox),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
    )
    worker.start()
    try:
        uvicorn.Server(settings).run(sockets=[door])
    finally:
        stop.set()
        worker.join(20)


def _facts(application: "Application", port: int) -> dict[str, object]:
    from app.demo.people import PASSWORD, PEOPLE

    return {
        "address": f"http://127.0.0.1:{port}",
        "mailbox": f"http://127.0.0.1:{port}/boite",
        "password": PASSWORD,
        "accounts": [
            {"email": person.email, "name": person.name, "role": person.what}
            for person in PEOPLE
            if person.what
        ],
    }


def _welcome(application: "Application", port: int) -> Iterator[str]:
    from app.demo.people import BEARERS, PASSWORD, PEOPLE

    address = f"http://127.0.0.1:{port}"
    shown = [(person.email, f"{person.name}, {person.what}") for person in PEOPLE if person.what]
    shown += [(BEARERS[0][0], f"{BEARERS[0][1]}, porteur ({BEARERS[0][2]})")]
    width = max(len(email) for email, _ in shown)
    yield ""
    yield f"  Le site           {address}"
    yield f"  La boîte aux lettres (tous les messages envoyés)  {address}/boite"
    yield ""
    yield f"  Mot de passe de tous les comptes : {PASSWORD}"
    yield from (f"    {email.ljust(width)}  {who}" for email, who in shown)
    yield ""
    yield "  Pour commencer :"
    yield "    1. secretariat@epci.demo : ouvrir le prochain comité d’engagement dans « Séances », lire sa synthèse d’arbitrage."
    yield "    2. instruction@etat.demo : dans « Dossiers », ouvrir un dossier déposé et voir pourquoi il n’est pas recevable."
    yield "    3. La boîte aux lettres : la convocation du comité y arrive en quelques secondes, avec son invitation d’agenda."
    yield ""
    yield from _age(application)
    yield "  Ctrl-C pour arrêter."


def _age(application: "Application") -> Iterator[str]:
    """Says when the next committee is no longer ahead: the demonstration was built long ago."""
    from app.demo.place import is_stale

    if is_stale(application):
        yield "  Cette démonstration a vieilli : plus aucun comité n’est à venir. « --fresh » repart d’aujourd’hui."
        yield ""
