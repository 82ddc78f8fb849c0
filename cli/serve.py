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
def serve(cx: Invocation, host: str, port: int) -> None:
    """Sert les pages jusqu’à Ctrl+C."""
    from web.main import create_app
    from web.server import listen, serve_pages

    with listen(host, port) as listening:
        web = create_app(cx.application)
        address, taken = listening.getsockname()[:2]
        cx.note(f"Pages servies à l’adresse http://{address}:{taken} (Ctrl+C pour arrêter).")
        serve_pages(web, listening)
