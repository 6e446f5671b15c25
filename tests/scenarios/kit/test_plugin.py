"""The pytest plugin: fixtures, seeds, plans, judged promises, and what a failed test says."""

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

#: Nothing is kept or rewritten, and modules of one name may follow each other.
QUIET = ("-p", "no:cacheprovider", "--import-mode=importlib", "--assert=plain")

SUITE = """
import pytest

PLAN = "at 1s power-off us-east-1/use1-az1 for 5m"


def test_good(cloud):
    kms = cloud.boto3_client("kms")
    kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=b"x")


@pytest.mark.nines(seed=3, plan=[PLAN])
@pytest.mark.parametrize("size", [16])
def test_bad(cloud, size):
    with cloud.fault("pause us-east-1/front for 1m"):
        cloud.advance(seconds=2)
    assert cloud.seed == 0


def test_promise(cloud):
    cloud.arena.witness.mismatches.append((cloud.world.now_ns, "Decrypt returned other bytes"))


@pytest.mark.nines(promises=False)
def test_unjudged(cloud):
    cloud.arena.witness.mismatches.append((cloud.world.now_ns, "Decrypt returned other bytes"))


async def test_async(cloud):
    await cloud.trio_client("kms").list_keys()


def test_world(world):
    assert world.names() == ()
"""


def run(folder: Path, suite: str, *words: str) -> tuple[int, str]:
    """Run pytest in this process, on a folder of its own."""
    (folder / "test_app.py").write_text(suite)
    said = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        status = pytest.main([*QUIET, "-o", "trio_mode=true", "--rootdir", ".", *words])
    sys.modules.pop("test_app", None)
    return int(status), said.getvalue()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("plain")
    return folder, run(folder, SUITE, "-v")[1]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("test_good", "PASSED"),
        ("test_bad[16]", "FAILED"),
        ("test_promise", "FAILED"),
        ("test_unjudged", "PASSED"),
        ("test_async", "PASSED"),
        ("test_world", "PASSED"),
    ],
)
def test_a_test_passes_if_it_passes_and_its_promises_are_kept(
    plain: tuple[Path, str], name: str, word: str
) -> None:
    assert re.search(rf"^test_app.py::{re.escape(name)} {word}", plain[1], re.MULTILINE)


def test_a_failed_test_says_all_that_it_takes_to_have_it_again(plain: tuple[Path, str]) -> None:
    folder, text = plain
    said = re.search(r"^-+ nines -+\n(seed: 3\n.*?)^replay: (.*?)$", text, re.MULTILINE | re.DOTALL)
    assert said is not None
    told = re.sub(r"trace hash: [0-9a-f]{32}", "trace hash: HASH", said[1])
    assert told == (
        "seed: 3\n"
        "plan: at 1s power-off us-east-1/use1-az1 for 5m\n"
        "fault of the test: pause us-east-1/front for 1m\n"
        "virtual time: 2026-01-01 00:00:03 UTC\n"
        "trace hash: HASH\n"
        "promises: none of 7 is broken\n"
        f"report: {folder}/.nines/reports/test_app.py-test_bad-16-seed3.html\n"
    )
    assert said[2] == (
        "pytest 'test_app.py::test_bad[16]' --nines-seed 3 "
        "--nines-plan 'at 1s power-off us-east-1/use1-az1 for 5m'"
    )


def test_a_failed_test_is_drawn(plain: tuple[Path, str]) -> None:
    folder, _ = plain
    page = (folder / ".nines/reports/test_app.py-test_bad-16-seed3.html").read_text()
    assert "test_app.py::test_bad[16]" in page
    assert "at 1s power-off us-east-1/use1-az1" in page


def test_a_broken_promise_is_named(plain: tuple[Path, str]) -> None:
    assert "\npromise plaintext-fidelity is BROKEN: Decrypt returned other bytes\n" in plain[1]


def test_each_seed_is_a_test_of_its_own_also_under_xdist_and_says_how_to_have_it(
    tmp_path: Path,
) -> None:
    suite = """
import pytest

def test_luck(cloud):
    assert cloud.seed != 8

@pytest.mark.nines(sede=3)
def test_mistake(cloud):
    pass
"""
    (tmp_path / "test_app.py").write_text(suite)
    words = ("-n", "1", "--nines-seeds", "2", "--nines-seed", "7", "--nines-report", "pages")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *QUIET, *words],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    text = done.stdout
    assert "1 failed, 1 passed, 2 errors" in text
    assert "\ntest_app.py::test_mistake[seed7]: mark nines: has no 'sede'; expected " in text
    assert "\nreplay: pytest test_app.py::test_luck --nines-seed 8\n" in text
    assert (tmp_path / "pages" / "test_app.py-test_luck-seed8-seed8.html").is_file()


@pytest.mark.parametrize(
    ("suite", "words", "message"),
    [
        (
            "",
            ("--nines-plan", "explode us-east-1"),
            r"ERROR: --nines-plan: fault line 'explode us-east-1': no fault 'explode'; there are: .*",
        ),
        ("", ("--nines-seeds", "0"), r"ERROR: --nines-seeds 0: expected a number of 1 or more"),
        (
            "",
            ("--nines-promises", "peace"),
            r"ERROR: --nines-promises: promise 'peace': expected one of key-survival, .*",
        ),
        (
            "import pytest\n@pytest.mark.nines(sede=3)\ndef test_it(cloud): pass",
            (),
            r"ERROR: test_app.py::test_it: mark nines: has no 'sede'; expected some of seed, .*",
        ),
        (
            "def test_it(cloud): pass",
            ("--nines-plan", "power-off mars"),
            r"ERROR: test_app.py::test_it: mark nines: fault line 'power-off mars': no region .*",
        ),
    ],
    ids=["plan", "seeds", "promises", "marker", "place"],
)
def test_a_mistake_is_one_line(
    tmp_path: Path, suite: str, words: tuple[str, ...], message: str
) -> None:
    status, text = run(tmp_path, suite, "-q", *words)
    assert status == 4
    assert re.search(rf"^{message}$", text, re.MULTILINE), text
    assert "Traceback" not in text


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    script = (
        "import sys, scenarios.kit.plugin; "
        "print([n for n in ('trio', 'botocore', 'regions.topology', 'sim.world') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_cloud_can_be_opened_in_every_example_as_the_options_say(tmp_path: Path) -> None:
    suite = """
from hypothesis import given, settings, strategies as st

seen = set()

@settings(max_examples=3, database=None)
@given(size=st.integers(1, 8))
def test_examples(new_cloud, size):
    with new_cloud(seed=1, regions=["us-east-1"]) as cloud:
        assert cloud.seed == 7
        answer = cloud.boto3_client("kms").generate_random(NumberOfBytes=size)
        assert len(answer["Plaintext"]) == size
"""
    status, text = run(tmp_path, suite, "--nines-seed", "7")
    assert status == 0, text
