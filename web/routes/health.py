# SPDX-License-Identifier: EUPL-1.2
"""Is the product alive, database included."""

from fastapi import APIRouter
from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from web.visit import App

router = APIRouter()


@router.get("/healthz")
def health(application: App) -> Response:
    """200 when the database answers."""
    with application.read() as db:
        db.execute(text("SELECT 1"))
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})
