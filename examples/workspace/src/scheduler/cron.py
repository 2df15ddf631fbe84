"""Five-field cron expressions: parse them, and find the next time that matches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
SEARCH_LIMIT_DAYS = 366 * 5


@dataclass(frozen=True)
class CronExpression:
    """Sets of allowed values; Sunday is 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def matches_day(self, moment: datetime) -> bool:
        weekday = (moment.weekday() + 1) % 7
        return moment.month in self.months and moment.day in self.days and weekday in self.weekdays


def parse_cron(text: str) -> CronExpression:
    """Parse ``minute hour day month weekday``; lists, ranges and steps are understood."""
    fields = text.split()
    if len(fields) != len(RANGES):
        raise ValueError(f"expected {len(RANGES)} fields, got {len(fields)}: {text!r}")
    return CronExpression(*(parse_field(field, *limits) for field, limits in zip(fields, RANGES)))


def parse_field(field: str, lowest: int, highest: int) -> frozenset[int]:
    """Parse one field, such as ``*/15`` or ``1-5,9``."""
    values: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("*" if span == "*" else span).partition("-")
        start = lowest if first == "*" else int(first)
        end = highest if first == "*" or (step and not last) else int(last or first)
        if not lowest <= start <= end <= highest:
            raise ValueError(f"{part!r} is outside {lowest}-{highest}")
        values.update(range(start, end + 1, int(step or 1)))
    return frozenset(values)


def next_run(expression: CronExpression, after: datetime) -> datetime:
    """The first whole minute later than ``after`` that matches."""
    moment = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    limit = after + timedelta(days=SEARCH_LIMIT_DAYS)
    while moment < limit:
        if not expression.matches_day(moment):
            moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
        elif moment.hour not in expression.hours:
            moment = moment.replace(minute=0) + timedelta(hours=1)
        elif moment.minute not in expression.minutes:
            moment += timedelta(minutes=1)
        else:
            return moment
    raise ValueError("no time within five years matches")
