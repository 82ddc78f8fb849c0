# SPDX-License-Identifier: EUPL-1.2
"""Every group of routes, in the order of the table of access."""

from web.routes import (
    answer,
    board,
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
    own,
    password,
    programme,
    report,
    request,
    rules,
    seance,
    session,
    sign_in,
    state,
    summary,
)
from web.routes.again import REDISPLAY as SHOWN_AGAIN
from web.routes.report_again import REPORT_REDISPLAY
from web.routes.request_again import REQUEST_REDISPLAY

__all__ = ["REDISPLAY", "ROUTERS"]

REDISPLAY = {**SHOWN_AGAIN, **REQUEST_REDISPLAY, **REPORT_REDISPLAY}
ROUTERS = tuple(
    module.router
    for module in (
        health,
        sign_in,
        password,
        board,
        dossier,
        completion,
        request,
        own,
        report,
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
