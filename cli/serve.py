# SPDX-License-Identifier: EUPL-1.2
"""`coinstruction serve`: the pages."""

import click

from cli.command import Invocation, command


@command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADRESSE", help="Adresse d’écoute.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Port d’écoute.",
)
@click.option(
    "--processes",
    default=1,
    show_default=True,
    type=click.IntRange(1, 32),
    metavar="N",
    help="Processus qui servent ensemble ; au-delà de 1, un par cœur de la machine suffit.",
)
def serve(cx: Invocation, host: str, port: int, processes: int) -> None:
    """Sert les pages jusqu’à Ctrl+C."""
    from web.main import create_app
    from web.server import listen, serve_pages, serve_together

    with listen(host, port) as listening:
        application = cx.application
        address, taken = listening.getsockname()[:2]
        cx.note(f"Pages servies à l’adresse http://{address}:{taken} (Ctrl+C pour arrêter).")
        if processes > 1:
            serve_together(cx.config_path, listening, processes)
        else:
            serve_pages(create_app(application), listening)
