# SPDX-License-Identifier: EUPL-1.2
"""Every group of routes, in the order of the table of access."""

from web.routes import (
    answer,
    board,
    bulk,
    calendar,
    completion,
    decisions,
    digest,
    dossier,
    funding,
    health,
    invitations,
    located,
    mailbox,
    messages,
    opinion,
    password,
    programme,
    rules,
    saved_views,
    seance,
    session,
    sign_in,
    state,
    summary,
)
from web.routes.again import REDISPLAY

__all__ = ["REDISPLAY", "ROUTERS"]

ROUTERS = tuple(
    module.router
    for module in (
        health,
        sign_in,
        password,
        board,
        bulk,
        saved_views,
        dossier,
        completion,
        decisions,
        located,
        opinion,
        funding,
        calendar,
        seance,
        invitations,
        answer,
        session,
        summary,
        programme,
        rules,
        digest,
        messages,
        state,
        mailbox,
    )
)
