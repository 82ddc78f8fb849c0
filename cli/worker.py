# SPDX-License-Identifier: EUPL-1.2
"""`worker`: scheduler, messages and long tasks, until the process is told to stop."""

import click

from cli.command import Invocation, command

DONE = {
    "convoked": "Séances convoquées",
    "reminded": "Rappels et résumés écrits",
    "sent": "Messages envoyés",
    "refused": "Messages remis à plus tard ou refusés",
    "tasks": "Travaux faits",
}


@command()
@click.option("--once", is_flag=True, help="Fait une fois tout ce qui attend, puis s’arrête.")
def worker(cx: Invocation, once: bool) -> None:
    """Convoque à l’échéance, envoie les messages et fait les travaux longs, jusqu’à l’arrêt (Ctrl-C ou SIGTERM)."""
    import signal
    import threading

    from app.errors import MailServerError
    from app.worker import run_once, run_worker

    if once:
        done = run_once(cx.application)
        cx.answer(done, lambda: [f"{DONE[name]} : {value}" for name, value in done.items() if name in DONE])
        if done["held"]:
            cx.note(f"Messages retenus : {done['held']}.")
        if done["unreachable"]:
            raise MailServerError(f"{done['unreachable']} ; les messages attendent, rien n’est perdu")
        return
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    cx.note("Le planificateur tourne. Ctrl-C pour l’arrêter.")
    run_worker(cx.application, stop)
    cx.note("Le planificateur est arrêté.")
