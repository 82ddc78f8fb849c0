# SPDX-License-Identifier: EUPL-1.2
"""Logs on standard error: one line of text for a person, or one JSON object a line for a collector."""

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import Processor

QUIET_LIBRARIES = ("sqlalchemy.engine", "alembic", "mail.log", "uvicorn.access")


def configure_logs(style: Literal["text", "json"] = "text", level: int = logging.WARNING) -> None:
    """Send our logs and the libraries' through one formatter; libraries stay quiet below WARNING."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last_steps(style))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    # A wake-up skipped while the job before it still works is meant (one instance of each): nobody has to be told.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _last_steps(style: Literal["text", "json"]) -> list[Processor]:
    tidy: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if style == "json":
        renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
        return [*tidy, structlog.processors.format_exc_info, renderer]
    return [
        *tidy,
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # the rich one prints local values: passwords too
        ),
    ]
