"""What the tests rely on when several processes run them, and none of them is quick."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]


def test_golden_files_are_rewritten_by_one_process_only() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", "tests/test_suite.py"],
        cwd=ROOT,
        env={**os.environ, "NINES_REWRITE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    complaint = "ERROR: NINES_REWRITE is set: expected no -n, as tests share golden files\n"
    assert (done.returncode, done.stderr.strip()) == (4, complaint.strip())


def test_no_property_is_refuted_by_a_slow_machine() -> None:
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check


def test_processes_that_tests_start_may_keep_what_they_compiled_for_the_next_one() -> None:
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ
