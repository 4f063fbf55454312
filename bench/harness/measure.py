# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs commands, times them, and compares two of them alternately.

Time is time.perf_counter() around posix_spawn and wait4, so a program pays for its start and its
end, and nothing else stands between it and the clock. Processor time and memory come from the
resource usage that wait4 gives.
"""
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


CORES = len(os.sched_getaffinity(0))  # that this process may use


class Failed(Exception):
    """A command that is measured did not do its work, so there is nothing to measure."""


@dataclass
class Sample:
    """One run of one command."""
    seconds: float
    processor: float = 0.0  # seconds of user and system time


@dataclass
class Series:
    """All runs of one command."""
    name: str
    samples: list[Sample] = field(default_factory=list)

    @property
    def seconds(self) -> list[float]:
        return [sample.seconds for sample in self.samples]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


DEVNULL = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
_ACTIONS = [(os.POSIX_SPAWN_DUP2, DEVNULL, 0), (os.POSIX_SPAWN_DUP2, DEVNULL, 1)]


def spawn(command: Sequence[str], environment: dict[str, str] | None = None,
          expected: int = 0) -> tuple[Sample, object]:
    """Runs `command` with input and output on /dev/null; gives its time and its resource usage."""
    env = environment if environment is not None else os.environ
    command = [str(word) for word in command]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, env, file_actions=_ACTIONS)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code != expected:
        raise Failed(f"exit status {code}: {' '.join(command)}")
    return Sample(seconds, usage.ru_utime + usage.ru_stime), usage


@dataclass
class Side:
    """One of the commands that take turns."""
    name: str
    command: Callable[[], Sample]
    prepare: Callable[[], None] = lambda: None  # before each run, not timed


def command(name: str, words: Sequence[str], prepare: Callable[[], None] = lambda: None) -> Side:
    """A side that runs the program `words`."""
    return Side(name, lambda: spawn(words)[0], prepare)


def alternate(sides: Sequence[Side], rounds: int, warm_up: int = 1) -> list[Series]:
    """Runs all sides in turn, `rounds` times, after `warm_up` rounds that do not count.

    Every other round goes backwards, so that none of them always runs after the same other one.
    """
    series = [Series(side.name) for side in sides]
    for number in range(-warm_up, rounds):
        order = list(range(len(sides)))
        if number % 2:
            order.reverse()
        for i in order:
            sides[i].prepare()
            sample = sides[i].command()
            if number >= 0:
                series[i].samples.append(sample)
    return series


def ratios(a: Series, b: Series) -> list[float]:
    """Of each round, the time of `a` in parts of the time of `b`."""
    return [x / y for x, y in zip(a.seconds, b.seconds, strict=True)]
