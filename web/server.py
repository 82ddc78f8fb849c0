# SPDX-License-Identifier: EUPL-1.2
"""Serving the pages: a port taken before anything starts, then uvicorn on it, in one process or several."""

import socket
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from app.bootstrap import name_configuration, open_application
from app.errors import AppError
from web.main import create_app

SETTINGS: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "date_header": True,
    "timeout_graceful_shutdown": 5,
    "timeout_keep_alive": 75,  # longer than people read, and than a reverse proxy keeps its own: nobody writes to a closed one
}


class PortTakenError(AppError):
    """Somebody else listens there, or the address is not this machine's."""


def listen(host: str, port: int) -> socket.socket:
    """The listening socket (port 0: a free one). Raises PortTakenError with one French sentence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        raise PortTakenError(
            f"impossible d’écouter sur {host}, port {port} : il est déjà pris, réservé, ou l’adresse n’est pas celle "
            "de cette machine. Choisissez-en un autre avec --port."
        ) from error
    return listening


def server_of(web: FastAPI) -> uvicorn.Server:
    """A server of these pages, not started: `server.run(sockets=[listen(…)])`; `should_exit = True` stops it."""
    return uvicorn.Server(uvicorn.Config(web, **SETTINGS))


def serve_pages(web: FastAPI, listening: socket.socket) -> None:
    """Serves until told to stop."""
    server_of(web).run(sockets=[listening])


def serve_together(config_path: Path | None, listening: socket.socket, processes: int) -> None:
    """The same from several processes that share the port, each with its own application; one that dies is replaced."""
    if config_path is not None:
        name_configuration(config_path)
    config = uvicorn.Config(
        "web.server:opened",
        factory=True,
        workers=processes,
        timeout_worker_healthcheck=60,  # a busy machine starts slowly: not a reason to kill
        **SETTINGS,
    )
    Multiprocess(config, sockets=[listening]).run()


def opened() -> FastAPI:
    """The pages of the configuration that the environment names: what each process of several serves."""
    return create_app(open_application())
