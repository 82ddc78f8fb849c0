# SPDX-License-Identifier: EUPL-1.2
"""Serving the pages: a port taken before anything starts, then uvicorn on it."""

import socket

import uvicorn
from fastapi import FastAPI

from app.errors import AppError


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
    config = uvicorn.Config(
        web,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


def serve_pages(web: FastAPI, listening: socket.socket) -> None:
    """Serves until told to stop."""
    server_of(web).run(sockets=[listening])
