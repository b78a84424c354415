"""Debounce, staleness, storms: the schedule with a fake analysis."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Callable

import pytest

from fsbp_lsp.server import schedule
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


def lane(key: str) -> str:
    """`a.1` and `a.2` share lane `a`."""
    return key.partition(".")[0]


class Slow:
    """Work that breathes until it is let go. trace: what was at work, in order."""

    def __init__(self, worker: Worker, trace: list[str], name: str) -> None:
        self.worker = worker
        self.trace = trace
        self.name = name
        self.begun, self.gate = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        while not self.gate.is_set():
            self.trace.append(self.name)
            time.sleep(0.0005)
            self.worker.breathe()
        return self.name

    def goes_on(self, turns: int) -> None:
        """Returns after it was at work so many more times."""
        seen = self.trace.count(self.name)
        while self.trace.count(self.name) < seen + turns:
            time.sleep(0.001)


async def test_who_breathes_delays_nobody_in_the_same_lane() -> None:
    worker = Worker(lane)
    trace: list[str] = []
    slow = [Slow(worker, trace, f"a.{number}") for number in range(6)]  # more than there are threads at first
    running = [worker.run(one, CHECK, one.name) for one in slow]
    for one in slow:
        assert await asyncio.to_thread(one.begun.wait, 10), "those that take long take turns"
    for number in range(10):
        assert await asyncio.wait_for(worker.run(functools.partial(str, number), CHECK, f"a.quick{number}"), 10) == str(number)
        assert await asyncio.wait_for(worker.run(functools.partial(str, number), CHECK, f"b.quick{number}"), 10) == str(number)
    behind = worker.run(lambda: "behind", REQUEST, "a.0")
    assert not any(future.done() for future in running)
    await asyncio.to_thread(slow[1].goes_on, 20)
    overtaken = behind.done()
    assert not overtaken, "jobs of one key never overlap"
    for one in slow:
        one.gate.set()
    assert await asyncio.gather(*running) == [one.name for one in slow]
    assert await behind == "behind"
    assert (worker.waiting, worker.pressing) == (0, False)


@pytest.mark.parametrize(("threads", "most"), [(1, 1), (2, 3), (4, 32)])
async def test_one_of_a_lane_is_at_work_at_a_time_and_all_get_their_turn(monkeypatch: pytest.MonkeyPatch, threads: int, most: int) -> None:
    monkeypatch.setattr(schedule, "SLICE", 0.001)
    monkeypatch.setattr(Worker, "THREADS", threads)
    monkeypatch.setattr(Worker, "MAX_THREADS", most)
    worker = Worker(lane)
    inside: dict[str, list[str]] = {"a": [], "b": []}
    overlaps: list[list[str]] = []

    def work(name: str) -> None:
        at_work = inside[lane(name)]
        for _ in range(20):
            at_work.append(name)
            if len(at_work) > 1:
                overlaps.append(list(at_work))
            time.sleep(0.0002)
            at_work.remove(name)
            worker.breathe()

    priorities = (REQUEST, CHECK, CHECK, IDLE)
    names = [f"{'ab'[number % 3 == 0]}.{number % 7}" for number in range(60)]
    jobs = [worker.run(functools.partial(work, name), priorities[number % 4], name) for number, name in enumerate(names)]
    await asyncio.wait_for(asyncio.gather(*jobs), 30)
    assert overlaps == []
    assert worker.waiting == 0


@pytest.mark.parametrize(("priority", "at_once"), [(REQUEST, True), (CHECK, False), (IDLE, False)])
async def test_only_the_more_urgent_cut_a_slice_short(monkeypatch: pytest.MonkeyPatch, priority: int, at_once: bool) -> None:
    monkeypatch.setattr(schedule, "SLICE", 1e9)
    worker = Worker(lane)
    slow = Slow(worker, [], "a.slow")
    running = worker.run(slow, CHECK, "a.slow")
    assert await asyncio.to_thread(slow.begun.wait, 10)
    other = worker.run(slow.gate.is_set, priority, "a.other")
    if at_once:
        assert await asyncio.wait_for(other, 10) is False, "it ran while the other was under way"
    await asyncio.to_thread(slow.goes_on, 20)
    assert other.done() is at_once
    slow.gate.set()
    assert await running == "a.slow"
    await other


async def test_idle_work_that_paused_is_still_the_only_idle_work() -> None:
    worker = Worker(lane)
    slow = Slow(worker, [], "a.idle")
    running = worker.run(slow, IDLE, "a.idle")
    assert await asyncio.to_thread(slow.begun.wait, 10)
    assert await asyncio.wait_for(worker.run(lambda: 1, CHECK, "a.check"), 10) == 1
    second = worker.run(lambda: 2, IDLE, "b.idle")
    assert await asyncio.wait_for(worker.run(lambda: 3, CHECK, "b.check"), 10) == 3
    early = second.done()
    assert not early
    slow.gate.set()
    assert await running == "a.idle"
    assert await second == 2


async def test_without_a_thread_left_nobody_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "THREADS", 1)
    monkeypatch.setattr(Worker, "MAX_THREADS", 1)
    worker = Worker(lane)
    slow = Slow(worker, [], "a.slow")
    running = worker.run(slow, CHECK, "a.slow")
    assert await asyncio.to_thread(slow.begun.wait, 10)
    waiting = worker.run(lambda: "late", REQUEST, "a.other")
    await asyncio.to_thread(slow.goes_on, 20)
    early = waiting.done()
    assert not early
    slow.gate.set()
    assert (await running, await waiting) == ("a.slow", "late")
