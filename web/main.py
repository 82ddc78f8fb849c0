# SPDX-License-Identifier: EUPL-1.2
"""The web application: pages, their errors, static files and what surrounds them."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.bootstrap import Application
from app.mail_templates import require_mail_templates
from app.openid.sign_in import providers_of
from app.pdfs import Pdfs
from web.errors import error_page, register_errors
from web.live import LivePages
from web.live_grid import GridTables
from web.pages import STATIC
from web.routes import ROUTERS
from web.security import Surroundings
from web.throttle import Throttle
from web.visit import authorise

MAIL_FOLDER = Path("var/demo/mailbox")


class KeptFiles(StaticFiles):
    """Static files whose address changes with their content: browsers keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create_app(application: Application, *, mail_folder: Path = MAIL_FOLDER) -> FastAPI:
    """The pages of this application. `mail_folder`: where the demonstration's mail server keeps its messages."""
    require_mail_templates(application.config)
    pdfs = Pdfs()

    @asynccontextmanager
    async def lifespan(_web: FastAPI) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()  # what is there at the start stays for ever: the collector need not walk it at each page
        yield
        pdfs.close()

    web = FastAPI(
        title="Co-instruction",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(authorise)],
        middleware=[
            Middleware(
                Surroundings, base_address=application.config.deployment.base_address, refuse=error_page
            )
        ],
        redirect_slashes=False,
        lifespan=lifespan,
    )
    web.state.application = application
    web.state.pdfs = pdfs
    web.state.mail_folder = mail_folder
    web.state.live = LivePages()
    web.state.grid = GridTables()
    web.state.openid = providers_of(application.config)
    web.state.throttle = Throttle(application)
    for router in ROUTERS:
        web.include_router(router)
    web.mount("/static", GZipMiddleware(KeptFiles(directory=STATIC), minimum_size=1000))
    register_errors(web)
    return web
