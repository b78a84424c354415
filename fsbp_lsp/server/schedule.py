"""When the analysis runs: at most one run waiting per module, newest text only, nobody behind a slow one."""

from __future__ import annotations

import asyncio
import bisect
import itertools
import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

T = TypeVar("T")

REQUEST, CHECK, IDLE = 0, 1, 2
"""Priorities: someone waits for an answer; a module changed; whatever can wait."""


SLICE = 0.01
"""Seconds a job keeps what it shares with others of the same urgency, before it gives way where it can."""


class _Job:
    """One piece of work. lane: what it shares with others. order: its place among jobs of the same priority."""

    __slots__ = ("future", "key", "lane", "loop", "order", "priority", "since", "work")

    def __init__(
        self,
        work: Callable[[], Any],
        priority: int,
        order: int,
        key: str,
        lane: str,
        loop: asyncio.AbstractEventLoop,
        future: asyncio.Future[Any],
    ) -> None:
        self.work = work
        self.priority = priority
        self.order = order
        self.key = key
        self.lane = lane
        self.loop = loop
        self.future = future
        self.since = 0.0

    @property
    def rank(self) -> tuple[int, int]:
        return self.priority, self.order


class Worker:
    """The threads that analyse. Jobs of one key run one at a time; of the jobs of a lane, one is at work at any moment.

    So what belongs to a lane needs no lock. A job that takes long calls `breathe` wherever others of its lane may do
    something: those that are more urgent go on there at once, others when its slice is over.

    Several threads, because one slow template must not delay another file; the interpreter divides its time
    between them. Idle work runs in one thread at most. Not pygls' pool: a slow job must not make the server deaf.
    """

    THREADS = 4
    """Jobs at work at the same time."""
    MAX_THREADS = 32
    """With those that wait for their lane. Beyond that nobody gives way."""

    def __init__(self, lane: Callable[[str], str] = str) -> None:
        """lane: the lane of a key; without it each has its own."""
        self._lane = lane
        self._queue: list[_Job] = []
        self._ready = threading.Condition()
        self._order = itertools.count()
        self._threads = 0
        self._running: dict[str, _Job] = {}
        self._lanes: dict[str, _Job] = {}
        self._paused: list[_Job] = []
        self._own = threading.local()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def pressing(self) -> bool:
        """Work that somebody waits for is queued or running: idle work should stop where it can."""
        with self._ready:
            return any(job.priority < IDLE for job in self._queue) or any(job.priority < IDLE for job in self._running.values())

    def run(self, work: Callable[[], T], priority: int = CHECK, key: str = "") -> asyncio.Future[T]:
        """Queue `work`; the future belongs to the running loop. Cancelling it drops work not yet begun."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._ready:
            job = _Job(work, priority, next(self._order), key, self._lane(key), loop, future)
            bisect.insort(self._queue, job, key=lambda one: one.rank)
            if self._threads - len(self._paused) < self.THREADS and len(self._queue) > self._threads - len(self._running):
                self._hire()
            if self._paused:
                self._ready.notify_all()  # one who is woken may be waiting for something else
            else:
                self._ready.notify()
        return future

    def breathe(self) -> None:
        """Called by work in a thread of this worker, where nothing that its lane shares is half done. Returns when it may go on."""
        job: _Job | None = getattr(self._own, "job", None)
        if job is None or not (self._queue or self._paused):
            return
        with self._ready:
            rivals = [rival for rival in self._rivals(job) if rival.priority <= job.priority]
            patient = all(rival.priority == job.priority for rival in rivals)
            if not rivals or (patient and time.monotonic() - job.since < SLICE):
                return
            job.order = next(self._order)
            del self._lanes[job.lane]
            self._paused.append(job)
            self._staff()
            self._ready.notify_all()
            while job.lane in self._lanes or any(rival.rank < job.rank for rival in self._rivals(job)):
                self._ready.wait()
            self._paused.remove(job)
            self._lanes[job.lane] = job
            job.since = time.monotonic()

    def _rivals(self, job: _Job) -> list[_Job]:
        """Other jobs of the lane that would be at work if it were free."""
        found = [other for other in self._paused if other.lane == job.lane and other is not job]
        active = len(self._running) - len(self._paused) - (job not in self._paused)
        if active < self.THREADS and (self._threads > len(self._running) or self._threads < self.MAX_THREADS):
            found += [other for other in self._queue if other.lane == job.lane and self._may(other)]
        return found

    def _may(self, job: _Job) -> bool:
        """Nothing but its lane keeps the job from being run."""
        return job.key not in self._running and (job.priority < IDLE or all(running.priority < IDLE for running in self._running.values()))

    def _staff(self) -> None:
        """Somebody waits for a thread, and none is free."""
        if self._queue and self._threads <= len(self._running) and len(self._running) - len(self._paused) < self.THREADS:
            self._hire()

    def _hire(self) -> None:
        if self._threads < self.MAX_THREADS:
            self._threads += 1
            threading.Thread(target=self._serve, name=f"fsbp-analysis-{self._threads}", daemon=True).start()

    def _next(self) -> _Job | None:
        """The first job that may begin now."""
        if len(self._running) - len(self._paused) >= self.THREADS:
            return None
        for at, job in enumerate(self._queue):
            ahead = any(other.lane == job.lane and other.rank < job.rank for other in self._paused)
            if job.lane not in self._lanes and not ahead and self._may(job):
                del self._queue[at]
                return job
        return None

    def _serve(self) -> None:
        while True:
            with self._ready:
                while (job := self._next()) is None:
                    self._ready.wait()
                self._running[job.key] = self._lanes[job.lane] = job
                job.since = time.monotonic()
                self._staff()
                if self._paused:
                    self._ready.notify_all()  # they may have waited for this job to be taken, or for this thread to take another
            result, error = None, None
            begun = not job.future.cancelled()
            if begun:
                self._own.job = job
                try:
                    result = job.work()
                except Exception as raised:
                    error = raised
            with self._ready:
                del self._running[job.key]
                del self._lanes[job.lane]
                if self._queue or self._paused:
                    self._ready.notify_all()  # others may have waited for this key or its lane, or for idle work to end
            if begun:
                try:
                    job.loop.call_soon_threadsafe(_settle, job.future, result, error)
                except RuntimeError:
                    return  # the loop is closed: the server is going down


def _settle(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


class _State(Generic[T]):
    __slots__ = ("generation", "queued", "result", "result_generation", "timer", "waiters")

    def __init__(self) -> None:
        self.generation = 0
        self.queued: asyncio.Future[Any] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.waiters: list[asyncio.Future[T | None]] = []
        self.result: T | None = None
        self.result_generation = -1


class Schedule(Generic[T]):
    """One pending run per module; newer text makes older work stale.

    run(module, alive): called in the worker thread; stops early and returns None when no longer alive. Asking also lets
    others of its lane go on.
    deliver(module, result): called in the loop, only with results that are still true.
    failed(module, error): called in the loop when `run` raised.
    """

    def __init__(
        self,
        worker: Worker,
        run: Callable[[str, Callable[[], bool]], T | None],
        deliver: Callable[[str, T], None],
        failed: Callable[[str, Exception], None],
        quiet: float = 0.15,
    ) -> None:
        self.quiet = quiet
        self._worker = worker
        self._run = run
        self._deliver = deliver
        self._failed = failed
        self._states: dict[str, _State[T]] = {}
        self.runs = 0
        """Runs begun so far: what a storm of edits must not multiply."""

    @property
    def quiescent(self) -> bool:
        return all(state.timer is None and state.queued is None for state in self._states.values())

    def modules(self) -> list[str]:
        return list(self._states)

    def generation(self, module: str) -> int:
        state = self._states.get(module)
        return state.generation if state is not None else 0

    def touch(self, module: str, *, delay: float | None = None, start: bool = True) -> None:
        """Something in `module` changed: what was computed is stale. Runs after `delay` (the quiet time) unless not `start`ed."""
        state = self._states.setdefault(module, _State())
        state.generation += 1
        if state.timer is not None:
            state.timer.cancel()
            state.timer = None
        if start or state.waiters:
            wait = self.quiet if delay is None else delay
            if state.waiters or wait <= 0:
                self._launch(module, state)
            else:
                state.timer = asyncio.get_running_loop().call_later(wait, self._launch, module, state)

    def forget(self, module: str) -> None:
        """Nobody looks at `module` any more."""
        state = self._states.pop(module, None)
        if state is not None:
            state.generation += 1
            if state.timer is not None:
                state.timer.cancel()
            for waiter in state.waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def current(self, module: str) -> T | None:
        """The last result, if nothing changed since."""
        state = self._states.get(module)
        return state.result if state is not None and state.result_generation == state.generation else None

    def fresh(self, module: str) -> Awaitable[T | None]:
        """The result for the text as it is now, computed at once when needed; None when the module is gone or failed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T | None] = loop.create_future()
        state = self._states.setdefault(module, _State())
        if state.result_generation == state.generation:
            future.set_result(state.result)
            return future
        state.waiters.append(future)
        if state.timer is not None:
            state.timer.cancel()
            state.timer = None
        self._launch(module, state)
        return future

    def _launch(self, module: str, state: _State[T]) -> None:
        state.timer = None
        if state.queued is not None:
            return  # the waiting run reads the newest text; a running one is stale and launches again
        begun = [-1]

        def work() -> T | None:
            self.runs += 1
            begun[0] = mine = state.generation

            def alive() -> bool:
                self._worker.breathe()
                return state.generation == mine

            return self._run(module, alive)

        priority = REQUEST if state.waiters else CHECK
        state.queued = self._worker.run(work, priority, module)
        state.queued.add_done_callback(lambda done: self._finish(module, state, begun[0], done))

    def _finish(self, module: str, state: _State[T], generation: int, done: asyncio.Future[T | None]) -> None:
        state.queued = None
        if done.cancelled() or self._states.get(module) is not state:
            return
        if state.generation != generation:
            # Newer text came meanwhile: its own timer runs, unless someone waits or it was swallowed above.
            if state.timer is None or state.waiters:
                if state.timer is not None:
                    state.timer.cancel()
                self._launch(module, state)
            return
        error = done.exception()
        result = None if error is not None else done.result()
        state.result, state.result_generation = result, generation
        waiters, state.waiters = state.waiters, []
        if error is not None:
            if not isinstance(error, Exception):
                raise error
            self._failed(module, error)
        elif result is not None:
            try:
                self._deliver(module, result)
            except Exception as raised:
                self._failed(module, raised)
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(result)
