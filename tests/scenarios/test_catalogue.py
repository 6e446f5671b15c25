"""Every scenario of the catalogue, in its small form, keeps its promises, and says the same twice.

The whole forms run with ``nines run``; the small ones stay below two seconds each.
"""

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from scenarios import catalogue
from scenarios.arena import Arena
from scenarios.catalogue import SCENARIOS
from scenarios.files import FileError
from scenarios.invariants import INVARIANTS, custody
from scenarios.result import AFTER, DURING, OK, RunResult
from scenarios.run import run
from scenarios.scenario import Workload
from scenarios.workloads import envelope

ROOT = Path(__file__).resolve().parents[2]
SEED = 7


@cache
def small(name: str, seed: int = SEED) -> RunResult:
    return run(SCENARIOS[name].small(), seed=seed)


def broken(result: RunResult) -> list[str]:
    return [f"{v.name}: {v.detail}" for v in result.promises if not v.holds]


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_small_scenario_breaks_no_promise(name: str) -> None:
    result = small(name)
    assert broken(result) == []
    judged = SCENARIOS[name].promises or tuple(INVARIANTS)
    assert tuple(verdict.name for verdict in result.promises) == judged


@pytest.mark.campaign
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_small_scenario_gives_the_same_verdict_with_many_seeds(name: str) -> None:
    for seed in range(200):
        result = run(SCENARIOS[name].small(), seed=seed)
        assert broken(result) == [], seed


def test_a_scenario_is_a_file_of_its_name_that_says_what_happens_and_heals_in_time() -> None:
    folder = Path(catalogue.__file__).parent
    names = {path.name for path in folder.iterdir()} - {"__init__.py", "__pycache__"}
    assert names == {f"{name}.toml" for name in SCENARIOS}
    for name, scenario in SCENARIOS.items():
        assert scenario.name == name
        assert scenario.summary
        # An end that is cut off by the length would not be the outage that the file describes.
        for line in scenario.plan.lines:
            if line.lasts is not None:
                at, lasts = line.at.of(scenario.length_ns), line.lasts.of(scenario.length_ns)
                assert at + lasts < scenario.length_ns, f"{name}: {line}"


def test_the_names_of_the_catalogue_are_known_before_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text("")
    (tmp_path / "bad.toml").write_text("lenght = 1")
    found = catalogue.Catalogue(tmp_path)
    assert list(found) == ["bad", "good"]
    assert found["good"].name == "good"
    with pytest.raises(FileError, match=r"bad\.toml', line 1, key 'lenght': unknown key"):
        found["bad"]


def words(name: str) -> dict[str, str]:
    return {v.name: v.word for v in small(name).promises if v.word not in {"holds", "unchecked"}}


def test_what_burns_with_every_copy_is_gone_and_the_loss_is_called_allowed() -> None:
    assert words("all-sites-burnt")["recoverability"] == "allowed"
    (untouched,) = {
        (row.served, row.calls)
        for row in small("all-sites-burnt").availability
        if (row.region, row.phase) == ("eu-west-1", DURING)
    }
    assert untouched[0] == untouched[1]


def test_no_key_is_lost_as_long_as_one_disk_of_a_majority_survives() -> None:
    for name in ("one-site-burnt", "two-of-three-drowned", "region-dark"):
        assert words(name) == {}, name


def test_a_region_without_an_address_serves_nobody_and_is_whole_again_at_once() -> None:
    rows = {a.phase: a for a in small("endpoint-without-address").availability
            if a.region == "us-east-1"}
    assert rows[DURING].served == 0
    assert rows[AFTER].served == rows[AFTER].calls


def test_an_az_outage_leaves_the_other_azs_serving() -> None:
    """KMS-13: with any one AZ down all operations succeed, after the endpoint has noticed."""
    result = small("az-outage", 7)
    (during,) = (a for a in result.availability if (a.region, a.phase) == ("us-east-1", DURING))
    assert during.served / during.calls > 0.9
    others = [a for a in result.availability if a.region != "us-east-1"]
    assert all(row.served == row.calls for row in others)


def test_two_dark_azs_stop_what_must_be_recorded_twice_and_not_what_is_recorded_locally() -> None:
    """KMS-13: two of three AZs dark, both documented choices side by side."""
    result = small("two-azs-dark", 7)
    during = {a.region: a for a in result.availability if a.phase == DURING}
    assert result.calls["us-east-1"]["KMSInternalException"] > 0
    strict = during["us-east-1"].served / during["us-east-1"].calls
    local = during["eu-west-1"].served / during["eu-west-1"].calls
    assert strict < 0.4 < local


def test_a_cut_off_region_serves_its_own_callers() -> None:
    result = small("region-partition", 7)
    (during,) = (a for a in result.availability if (a.region, a.phase) == ("eu-west-1", DURING))
    assert during.served == during.calls


def test_a_run_counts_every_call_of_every_region() -> None:
    result = small("steady-state", 7)
    assert set(result.calls) == {"us-east-1", "eu-west-1", "ap-northeast-1"}
    assert all(counts[OK] > 0 for counts in result.calls.values())
    codes = {code for counts in result.calls.values() for code in counts}
    # An intruder is refused; a new key may not be known everywhere at once.
    assert {OK, "AccessDeniedException"} <= codes <= {OK, "AccessDeniedException", "NotFoundException"}


def test_a_run_is_the_same_run_in_another_process_with_another_hash_seed() -> None:
    script = (
        "from scenarios.catalogue import SCENARIOS\n"
        "from scenarios.run import run\n"
        "import sys\n"
        "if sys.argv[1:] == ['hypothesis']: import hypothesis\n"
        "r = run(SCENARIOS['az-outage'].small(), seed=3)\n"
        "print(r.trace_hash, r.calls, r.latency)\n"
    )
    outputs = set()
    for hash_seed, arguments in (("1", []), ("4711", ["hypothesis"])):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_another_seed_is_another_run() -> None:
    assert small("steady-state", 1).trace_hash != small("steady-state", 2).trace_hash


def test_envelope_encryption_sends_keys_and_never_the_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """CMK-04: a megabyte is encrypted locally; no call carries more than 6 KB."""
    monkeypatch.setattr(envelope, "_DOCUMENT_BYTES", 1_000_000)
    sizes: list[int] = []
    attach = custody.Custody.attach

    def measuring(self: custody.Custody, arena: Arena) -> None:
        attach(self, arena)

        def tap(source: str, target: str, frame: bytes) -> None:
            if "/clients/" in source + target:
                sizes.append(len(frame))

        arena.world.tap_frames(tap)

    monkeypatch.setattr(custody.Custody, "attach", measuring)
    one_each = replace(SCENARIOS["steady-state"].small(), workloads=(Workload(clients=1),))
    result = run(one_each, seed=1)
    (fidelity,) = (v for v in result.promises if v.name == "plaintext-fidelity")
    assert fidelity.holds
    assert fidelity.checked > 10
    assert max(sizes) <= 6 * 1024
