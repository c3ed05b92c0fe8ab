"""Measure two ways of doing the same work turn by turn, so that both see the same machine."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles

THREADS = 16
ROUNDS = 3
WARM_UP = 4 * THREADS
"""Each side first does as much unmeasured, so that all its connections are open."""


@dataclass(frozen=True)
class Side:
    """What is measured: a name for the table, and one piece of work, safe on many threads."""

    name: str
    work: Callable[[int], None]


@dataclass(frozen=True)
class Figures:
    """One side over all rounds: medians, but for the longest waits."""

    per_second: float
    median_ms: float
    p99_ms: float
    cpu_ms: float
    """This process's own time per piece of work: what the server does is not in it."""


def pieces_needed(n: int) -> int:
    """Return how many pieces of work two sides use up at `n` per side and round."""
    return 2 * (ROUNDS * n + WARM_UP)


def measure(sides: tuple[Side, Side], pieces: Sequence[int], n: int) -> tuple[Figures, Figures]:
    """Let each side do `n` new pieces per round, in turns, each time on all threads."""
    left = iter(pieces)
    taken: dict[Side, list[Figures]] = {side: [] for side in sides}
    with ThreadPoolExecutor(THREADS) as pool:
        for side in sides:
            _turn(pool, side, [next(left) for _ in range(WARM_UP)])
        for round_ in range(ROUNDS):
            # Whoever goes second may find the disk busier: they go first in turns as well.
            for side in sides if round_ % 2 == 0 else sides[::-1]:
                taken[side].append(_turn(pool, side, [next(left) for _ in range(n)]))
    first, second = ([*figures] for figures in taken.values())
    return _over(first), _over(second)


def _turn(pool: ThreadPoolExecutor, side: Side, pieces: Sequence[int]) -> Figures:
    def timed(piece: int) -> float:
        begun = time.perf_counter()
        side.work(piece)
        return time.perf_counter() - begun

    begun, cpu = time.perf_counter(), time.process_time()
    waits = [*pool.map(timed, pieces)]
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return Figures(
        per_second=len(pieces) / took,
        median_ms=1000 * median(waits),
        p99_ms=1000 * quantiles(waits, n=100)[-1],
        cpu_ms=1000 * cpu / len(pieces),
    )


def _over(rounds: Sequence[Figures]) -> Figures:
    return Figures(
        per_second=median(each.per_second for each in rounds),
        median_ms=median(each.median_ms for each in rounds),
        p99_ms=max(each.p99_ms for each in rounds),
        cpu_ms=median(each.cpu_ms for each in rounds),
    )
