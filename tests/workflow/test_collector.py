# SPDX-License-Identifier: EUPL-1.2
"""The pause of the collector: nested, in several threads, after an error, and where it was off already."""

import gc
from threading import Barrier, Thread

import pytest

from workflow.collector import collector_paused


def test_it_is_back_once_the_last_one_has_ended() -> None:
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_leaves_no_pause_behind() -> None:
    with pytest.raises(ZeroDivisionError), collector_paused():
        _ = 1 // 0
    assert gc.isenabled()


def test_threads_that_overlap_share_one_pause() -> None:
    both, seen = Barrier(2), []

    def work() -> None:
        with collector_paused():
            both.wait(10)
            seen.append(gc.isenabled())
            both.wait(10)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seen == [False, False]
    assert gc.isenabled()


def test_where_somebody_had_stopped_it_stays_stopped() -> None:
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
