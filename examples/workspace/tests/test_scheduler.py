import unittest
from datetime import datetime

from src.scheduler.cron import next_run, parse_cron
from src.scheduler.job_queue import JobQueue


class SchedulerTest(unittest.TestCase):
    def test_the_next_quarter_hour_on_a_weekday_is_found(self):
        friday_evening = datetime(2025, 11, 14, 18, 50)
        self.assertEqual(next_run(parse_cron("*/15 9-17 * * 1-5"), friday_evening), datetime(2025, 11, 17, 9, 0))

    def test_due_jobs_run_in_order(self):
        queue = JobQueue()
        for name, hour in (("late", 3), ("early", 1), ("tomorrow", 23)):
            queue.add(name, datetime(2025, 11, 15, hour), lambda: None)
        self.assertEqual(queue.run_due(datetime(2025, 11, 15, 12)), ["early", "late"])
        self.assertEqual(len(queue), 1)
