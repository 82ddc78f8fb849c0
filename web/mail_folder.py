# SPDX-License-Identifier: EUPL-1.2
"""Where the demonstration keeps the messages it received."""

from pathlib import Path
from typing import cast

from fastapi import Request


def mail_folder(request: Request) -> Path:
    """The folder given to `create_app`."""
    return cast("Path", request.app.state.mail_folder)
