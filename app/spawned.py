# SPDX-License-Identifier: EUPL-1.2
"""Where heavy computing runs: a spawned process, never the web process nor the one that asks. PDFs have theirs in `reports`."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, Self, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Spawned:
    """One process, started at the first call and kept until it is closed."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(
            max_workers=1, mp_context=multiprocessing.get_context("spawn"), initializer=_be_silent
        )

    def run(self, function: Callable[P, R], *values: P.args, **named: P.kwargs) -> R:
        """What the function gives there, waited for; whatever it raised. Function and values are module-level and plain."""
        return self._pool.submit(function, *values, **named).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _be_silent() -> None:
    """Compiled libraries may print a banner: a command's JSON leaves by the same standard output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
