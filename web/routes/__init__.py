# SPDX-License-Identifier: EUPL-1.2
"""Every group of routes, in the order of the table of access."""

from web.routes import (
    administration,
    answer,
    board,
    calendar,
    completion,
    day,
    decisions,
    digest,
    dossier,
    envelopes,
    funding,
    health,
    imports,
    invitations,
    located,
    mailbox,
    messages,
    opinion,
    password,
    programme,
    rules,
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
        day,
        board,
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
        envelopes,
        rules,
        digest,
        administration,
        imports,
        messages,
        state,
        mailbox,
    )
)
