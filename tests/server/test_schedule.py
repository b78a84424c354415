"""Debounce, staleness, storms: the schedule with a fake analysis."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Callable

import pytest

from fsbp_lsp.server.schedule import CHECK, IDLE, REQUEST, Schedule, Worker

pytestmark = pytest.mark.asyncio


class Fake:
    """Counts runs; each takes `takes` seconds unless it notices that nobody wants it any more."""

    def __init__(self, takes: float = 0.0, quiet: float = 0.02) -> None:
        self.takes = takes
        self.begun: list[str] = []
        self.delivered: list[tuple[str, str]] = []
        self.failures: list[Exception] = []
        self.text = "0"
        self.worker = Worker()
        self.schedule: Schedule[str] = Schedule(self.worker, self.run, self.deliver, lambda _m, e: self.failures.append(e), quiet)

    def run(self, module: str, alive: Callable[[], bool]) -> str | None:
        text = self.text
        self.begun.append(text)
        if text == "boom":
            raise ValueError(text)
        end = time.monotonic() + self.takes
        while time.monotonic() < end:
            if not alive():
                return None
            time.sleep(0.001)
        return text

    def deliver(self, module: str, result: str) -> None:
        self.delivered.append((module, result))

    async def settled(self) -> None:
        for _ in range(500):
            await asyncio.sleep(0.005)
            if self.schedule.quiescent:
                return
        raise AssertionError("never quiet")


async def test_one_run_after_the_quiet_time() -> None:
    fake = Fake()
    for number in range(200):
        fake.text = str(number)
        fake.schedule.touch("m")
    await fake.settled()
    assert fake.begun == ["199"]
    assert fake.delivered == [("m", "199")]


async def test_a_storm_of_edits_queues_nothing() -> None:
    fake = Fake(takes=0.05, quiet=0.0)
    for number in range(100):
        fake.text = str(number)
        fake.schedule.touch("m")
        assert fake.worker.waiting <= 1
        await asyncio.sleep(0.001)
    await fake.settled()
    assert fake.delivered == [("m", "99")]


async def test_stale_results_are_dropped() -> None:
    fake = Fake(takes=0.05, quiet=0.0)
    fake.text = "old"
    fake.schedule.touch("m")
    await asyncio.sleep(0.02)
    fake.text = "new"
    fake.schedule.touch("m")
    await fake.settled()
    assert fake.delivered == [("m", "new")]


async def test_fresh_runs_at_once_and_is_remembered() -> None:
    fake = Fake(quiet=30)
    fake.text = "a"
    fake.schedule.touch("m")
    assert await fake.schedule.fresh("m") == "a"
    assert await fake.schedule.fresh("m") == "a"
    assert fake.begun == ["a"]
    assert fake.schedule.current("m") == "a"
    fake.schedule.touch("m", start=False)
    assert fake.schedule.current("m") is None
    fake.text = "b"
    assert await fake.schedule.fresh("m") == "b"


async def test_waiters_get_the_newest_text() -> None:
    fake = Fake(takes=0.03, quiet=30)
    fake.text = "old"
    waiting = asyncio.ensure_future(asyncio.wait_for(fake.schedule.fresh("m"), 5))
    await asyncio.sleep(0.01)
    fake.text = "new"
    fake.schedule.touch("m")
    assert await waiting == "new"


async def test_a_failure_is_told_and_does_not_stop_the_worker() -> None:
    fake = Fake(quiet=0)
    fake.text = "boom"
    fake.schedule.touch("m")
    await fake.settled()
    assert [str(error) for error in fake.failures] == ["boom"]
    assert await fake.schedule.fresh("m") is None
    fake.text = "fine"
    fake.schedule.touch("m")
    await fake.settled()
    assert fake.delivered == [("m", "fine")]


async def test_forgetting_answers_waiters() -> None:
    fake = Fake(takes=0.05)
    waiting = asyncio.ensure_future(asyncio.wait_for(fake.schedule.fresh("m"), 5))
    await asyncio.sleep(0.01)
    fake.schedule.forget("m")
    assert await waiting is None
    await asyncio.sleep(0.1)
    assert fake.delivered == []


async def test_requests_overtake_and_cancelled_jobs_never_begin() -> None:
    worker = Worker()
    gate = threading.Event()
    order: list[str] = []
    blocked = worker.run(gate.wait, CHECK, "m")
    await asyncio.sleep(0.01)
    late = worker.run(lambda: order.append("check"), CHECK, "m")
    dropped = worker.run(lambda: order.append("dropped"), REQUEST, "m")
    soon = worker.run(lambda: order.append("request"), REQUEST, "m")
    dropped.cancel()
    gate.set()
    await asyncio.gather(blocked, late, soon)
    assert order == ["request", "check"]


async def test_one_slow_module_delays_no_other() -> None:
    worker = Worker()
    gate, begun = threading.Event(), threading.Event()

    def wait() -> bool:
        begun.set()
        return gate.wait(10)

    slow = worker.run(wait, CHECK, "slow")
    assert await asyncio.to_thread(begun.wait, 10)
    behind = worker.run(lambda: "behind", REQUEST, "slow")
    for number in range(20):
        assert await asyncio.wait_for(worker.run(functools.partial(str, number), CHECK, f"quick {number}"), 10) == str(number)
    busy, overtaken = worker.pressing, behind.done()
    assert (busy, overtaken) == (True, False)
    gate.set()
    assert await slow
    assert await behind == "behind"
    assert not worker.pressing
    assert worker.waiting == 0


async def test_idle_work_has_one_thread_and_comes_last() -> None:
    worker = Worker()
    gate = threading.Event()
    begun: list[str] = []

    def idle(name: str) -> bool:
        begun.append(name)
        return gate.wait(10)

    first = worker.run(lambda: idle("first"), IDLE, "a")
    second = worker.run(lambda: idle("second"), IDLE, "b")
    assert not worker.pressing
    assert await asyncio.wait_for(worker.run(lambda: 7, CHECK, "c"), 10) == 7
    assert begun == ["first"]
    gate.set()
    assert await first
    assert await second
    assert begun == ["first", "second"]
