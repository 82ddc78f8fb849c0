# SPDX-License-Identifier: EUPL-1.2
"""Every group of routes, in the order of the table of access."""

from web.routes import (
    answer,
    board,
    calendar,
    completion,
    day,
    decisions,
    digest,
    display,
    dossier,
    envelopes,
    exchanges,
    funding,
    health,
    invitations,
    located,
    mailbox,
    messages,
    opinion,
    opinion_drafts,
    password,
    pieces,
    presence,
    programme,
    queues,
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
        display,
        sign_in,
        password,
        day,
        board,
        dossier,
        pieces,
        exchanges,
        presence,
        completion,
        decisions,
        located,
        opinion,
        opinion_drafts,
        queues,
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
        messages,
        state,
        mailbox,
    )
)
