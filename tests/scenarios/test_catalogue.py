"""Every scenario of the catalogue, in its small form, comes to the verdicts that it should.

The whole forms run with ``nines run``; the small ones stay below two seconds each. Verdicts are in
tests/golden/scenarios/verdicts.txt, the same for every seed; ``NINES_REWRITE=1`` writes them anew,
and the difference is read before it is committed.
"""

import os
import re
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
GOLDEN = ROOT / "tests" / "golden" / "scenarios" / "verdicts.txt"
SEED = 7


@cache
def small(name: str, seed: int = SEED) -> RunResult:
    return run(SCENARIOS[name].small(), seed=seed)


def broken(result: RunResult) -> list[str]:
    return [f"{v.name}: {v.detail}" for v in result.promises if not v.holds]


def verdicts(result: RunResult) -> str:
    """Return one line: which promises come to another word than ``holds``."""
    by_word: dict[str, list[str]] = {}
    for verdict in result.promises:
        by_word.setdefault(verdict.word, []).append(verdict.name)
    by_word.pop("holds", None)
    words = (f"{word}: {' '.join(names)}" for word, names in sorted(by_word.items()))
    return f"{result.scenario}: {'; '.join(words) or 'all hold'}"


def expected(name: str) -> str:
    (line,) = (text for text in GOLDEN.read_text().splitlines() if text.startswith(f"{name}:"))
    return line


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_small_scenario_comes_to_its_verdicts(name: str) -> None:
    result = small(name)
    assert broken(result) == []
    judged = SCENARIOS[name].promises or tuple(INVARIANTS)
    assert tuple(verdict.name for verdict in result.promises) == judged
    if os.environ.get("NINES_REWRITE"):
        lines = GOLDEN.read_text().splitlines() if GOLDEN.exists() else []
        others = [line for line in lines if line.partition(":")[0] in SCENARIOS.keys() - {name}]
        GOLDEN.write_text("\n".join(sorted([*others, verdicts(result)])) + "\n")
    assert verdicts(result) == expected(name), "NINES_REWRITE=1 writes it anew"


def test_the_verdicts_are_those_of_the_catalogue_s_scenarios() -> None:
    lines = GOLDEN.read_text().splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == sorted(SCENARIOS)
    assert not [line for line in lines if "BROKEN" in line]


@pytest.mark.campaign
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_small_scenario_comes_to_the_same_verdicts_with_many_seeds(name: str) -> None:
    for seed in range(200):
        result = run(SCENARIOS[name].small(), seed=seed)
        assert broken(result) == [], seed
        assert verdicts(result) == expected(name), seed


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


def test_every_scenario_stands_once_in_the_page_s_list_of_patterns() -> None:
    page = (ROOT / "scenarios" / "README.md").read_text()
    section = page.partition("## The catalogue\n")[2].partition("<!-- table")[0]
    bullets = "".join(re.findall(r"^(?:- \*\*|  `).*\n", section, re.MULTILINE))
    assert sorted(re.findall(r"`([a-z0-9-]+)`", bullets)) == sorted(SCENARIOS)


def test_scenarios_name_the_incidents_that_they_are_modelled_on() -> None:
    incidents = {n: re.findall(r"\bR\d\d\b", s.source) for n, s in SCENARIOS.items()}
    assert {each for found in incidents.values() for each in found} >= {
        "R01", "R02", "R03", "R04", "R05", "R06", "R08", "R09", "R10",
        "R13", "R14", "R15", "R16", "R17", "R18", "R19", "R21", "R22", "R23",
    }  # fmt: skip


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
        assert words(name) == {"liveness": "allowed"}, name  # Calls failed while all was dark.


def test_a_region_without_an_address_serves_nobody_and_is_whole_again_at_once() -> None:
    rows = {a.phase: a for a in small("endpoint-without-address").availability
            if a.region == "us-east-1"}
    assert rows[DURING].served == 0
    assert rows[AFTER].served == rows[AFTER].calls


def share(name: str, region: str, phase: str = DURING) -> float:
    """Return the share of a region's calls in a phase that the service did not fail."""
    (row,) = (
        a for a in small(name).availability if (a.region, a.phase) == (region, phase)
    )
    return row.served / row.calls


def told(name: str) -> list[str]:
    return [entry.text for entry in small(name).timeline]


def denied(name: str, region: str) -> float:
    counts = small(name).calls[region]
    return counts["AccessDeniedException"] / sum(counts.values())


def test_without_policies_every_call_fails_and_is_recorded_and_nothing_is_left_of_it() -> None:
    for region in ("us-east-1", "eu-west-1"):
        assert share("auth-plane-down", region) == 0
        assert share("auth-plane-down", region, AFTER) == 1
        failed = small("auth-plane-down").calls[region].keys() - {OK, "AccessDeniedException"}
        assert failed == {"DependencyTimeoutException"}


def test_a_health_check_that_makes_a_call_halts_a_bad_rollout_in_its_first_az() -> None:
    (halt,) = (text for text in told("rollout-halted") if "halts" in text)
    assert halt == (
        "eu-north-1/eun1-az1/az fails its health check (AccessDeniedException): the rollout halts"
    )
    assert denied("rollout-halted", "eu-north-1") < 0.4
    assert denied("rollout-region-by-region", "eu-north-1") > 0.6


def test_a_poisoned_request_costs_a_moment_where_a_poisoned_row_costs_all() -> None:
    for region in ("us-east-1", "eu-west-1"):
        assert share("poisoned-row", region) < 0.1
        assert share("poisoned-request", region) > 0.9


def test_with_stuck_log_agents_each_audit_ack_pays_its_own_price() -> None:
    refuses, drops, drops_too = (
        share(f"audit-only-{ack}", "us-east-1") for ack in ("quorum", "local", "async")
    )
    assert refuses < 0.5 < min(drops, drops_too)
    for ack in ("quorum", "local", "async"):
        lost = any("drops its oldest audit records" in each for each in told(f"audit-only-{ack}"))
        assert lost == (ack != "quorum")


def test_a_dark_az_is_told_of_only_once_the_endpoint_is_back() -> None:
    lines = told("nobody-is-told")
    unseen = lines[lines.index("power-off us-east-1/use1-az2") + 1 :]
    assert unseen[:2] == [
        "crash us-east-1/front healed",
        "us-east-1/front takes us-east-1/use1-az2/az out of rotation",
    ]


def test_a_region_without_any_hsm_waits_for_staff_and_then_for_the_safe() -> None:
    lines = told("safe-behind-the-fire")
    steps = [
        "region-loss eu-central-1",
        "the staff of eu-central-1 begin to open the safe, which takes 1m",
        "the safe of eu-central-1 is open",
        "the safe of eu-central-1 is closed",
    ]
    assert [line for line in lines if line in steps] == steps
    assert share("safe-behind-the-fire", "eu-west-1") == 1


def test_every_host_whose_calendar_lies_learns_it_and_deletes_no_key() -> None:
    learned = [text.split(" ")[0] for text in told("lying-clocks") if "its calendar is wrong" in text]
    assert learned == [f"us-east-1/use1-az{number}/az" for number in (1, 2, 4)]


def test_an_az_comes_and_another_one_goes_and_no_call_fails() -> None:
    consists = "us-east-1 now consists of"
    assert [text for text in told("fourth-az") if text.startswith(consists)] == [
        f"{consists} use1-az1, use1-az2, use1-az4; use1-az3 is learning",
        f"{consists} use1-az1, use1-az2, use1-az4, use1-az3",
        f"{consists} use1-az2, use1-az4, use1-az3",
    ]
    assert {row.served / row.calls for row in small("fourth-az").availability} == {1}


def test_a_launched_region_serves_at_once_and_is_in_the_trail_that_nobody_told() -> None:
    """CT-26, CT-31: audit-complete compares the calls of every region with the trail's files."""
    result = small("new-region")
    served = {row.region: row.served / row.calls for row in result.availability}
    assert served == {"us-east-1": 1, "eu-west-1": 1, "ap-southeast-2": 1}
    (complete,) = (v for v in result.promises if v.name == "audit-complete")
    assert complete.word == "holds"


def test_an_az_outage_leaves_the_other_azs_serving() -> None:
    """KMS-13: with any one AZ down all operations succeed, after the endpoint has noticed."""
    result = small("az-outage")
    (during,) = (a for a in result.availability if (a.region, a.phase) == ("us-east-1", DURING))
    assert during.served / during.calls > 0.9
    others = [a for a in result.availability if a.region != "us-east-1"]
    assert all(row.served == row.calls for row in others)


def test_two_dark_azs_stop_what_must_be_recorded_twice_and_not_what_is_recorded_locally() -> None:
    """KMS-13: two of three AZs dark, both documented choices side by side."""
    result = small("two-azs-dark")
    during = {a.region: a for a in result.availability if a.phase == DURING}
    assert result.calls["us-east-1"]["KMSInternalException"] > 0
    strict = during["us-east-1"].served / during["us-east-1"].calls
    local = during["eu-west-1"].served / during["eu-west-1"].calls
    assert strict < 0.4 < local


def test_a_cut_off_region_serves_its_own_callers() -> None:
    result = small("region-partition")
    (during,) = (a for a in result.availability if (a.region, a.phase) == ("eu-west-1", DURING))
    assert during.served == during.calls


def test_a_run_counts_every_call_of_every_region() -> None:
    result = small("steady-state")
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
        "r = run(SCENARIOS['lost-az-replaced'].small(), seed=3)\n"
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
    assert small("lying-disk", SEED + 1).trace_hash != small("lying-disk").trace_hash


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
