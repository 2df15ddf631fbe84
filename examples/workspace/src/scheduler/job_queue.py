"""A priority queue of jobs with due times."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Callable, Iterator


@dataclass(order=True)
class Job:
    """Something to run at a time; equal times keep the order in which they were added."""

    due: datetime
    order: int
    name: str = field(compare=False)
    run: Callable[[], None] = field(compare=False, repr=False)


class JobQueue:
    """Jobs ordered by due time, at most ``capacity`` of them."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._jobs: list[Job] = []
        self._orders: Iterator[int] = itertools.count()
        self._capacity = capacity

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, name: str, due: datetime, run: Callable[[], None]) -> Job:
        """Queue a job; a full queue refuses with ``OverflowError``."""
        if len(self._jobs) >= self._capacity:
            raise OverflowError(f"the queue holds {self._capacity} jobs already")
        job = Job(due, next(self._orders), name, run)
        heapq.heappush(self._jobs, job)
        return job

    def run_due(self, now: datetime) -> list[str]:
        """Run what is due, earliest first; returns the names."""
        names = []
        while self._jobs and self._jobs[0].due <= now:
            job = heapq.heappop(self._jobs)
            job.run()
            names.append(job.name)
        return names
