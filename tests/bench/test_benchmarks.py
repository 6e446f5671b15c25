"""The benchmarks of the domain print what they promise; how fast it is depends on the machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
KEYS = {
    "audit": {
        "auto_cpu_s",
        "auto_peak_mib",
        "auto_records_per_s",
        "auto_s",
        "generate_s",
        "load_s",
        "loop_cpu_s",
        "loop_peak_mib",
        "loop_records_per_s",
        "loop_s",
        "megabytes",
        "ours_cpu_s",
        "ours_peak_mib",
        "ours_records_per_s",
        "ours_s",
        "query_s",
        "ratio_auto",
        "ratio_loop",
        "records",
        "report_cpu_s",
        "report_peak_mib",
        "report_records_per_s",
        "report_s",
    },
    "disk": {
        "always_1_per_s",
        "always_1_share_one_sync",
        "always_8_per_s",
        "always_8_share_one_sync",
        "bare_us",
        "batch_1_per_s",
        "batch_8_per_s",
        "peer_1_per_s",
        "peer_8_per_s",
        "ratio_1",
        "ratio_8",
    },
    "encrypt": {
        "calls",
        "calls_per_s",
        "clients",
        "peer_calls_per_s",
        "ratio",
        "time_share_percent",
        "vault_calls_per_s",
        "virtual_p50_ms",
        "virtual_p99_ms",
    },
    "kit": {
        "botocore_us",
        "call_us",
        "moto_call_us",
        "open_and_close_ms",
        "ratio",
    },
    "trail": {
        "bytes_per_record",
        "compressed_per_s",
        "compressed_share",
        "delivered_per_s",
        "peer_per_s",
        "quarter",
        "ratio",
        "records",
        "taken_per_s",
        "us_per_record_by_regions",
        "us_per_record_by_trails",
    },
    "parts": {
        "authorize_beside_grants_us",
        "authorize_by_grant_us",
        "authorize_us",
        "botocore_sign_us",
        "botocore_validate_us",
        "botocore_wire_us",
        "json_dumps_us",
        "loop_us",
        "policy_us",
        "ratio_json",
        "ratio_validate",
        "ratio_wire",
        "ratio_verify",
        "record_json_us",
        "route_us",
        "validate_us",
        "wire_us",
        "verify_us",
    },
    "serve": {
        "always",
        "batch",
        "create_keys",
        "echo",
        "fdatasync_us",
        "moto",
        "moto_create_keys",
        "ratio_always",
        "ratio_batch",
        "sync_us_after",
    },
    "quiet": {
        "events",
        "peer_ten_years_hours",
        "peer_years_per_s",
        "ratio",
        "same_verdicts",
        "verdicts",
        "wall_s",
        "wall_s_best",
        "years",
        "years_per_s",
    },
}


def run(name: str, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, str(HERE / f"{name}.py"), "--quick", *options],
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout


@pytest.mark.parametrize("name", sorted(KEYS))
def test_a_benchmark_prints_one_json_object_with_every_figure(name: str) -> None:
    assert set(json.loads(run(name, "--json"))) == KEYS[name]


def test_200_clients_of_one_region_see_a_p99_of_at_most_10_virtual_ms() -> None:
    # Virtual time, so no machine's: ARCHITECTURE, section 5.
    figures = json.loads(run("encrypt", "--json"))
    assert figures["clients"] == 200
    assert figures["virtual_p99_ms"] <= 10


def test_a_region_that_sleeps_keeps_the_promises_of_one_that_never_does() -> None:
    figures = json.loads(run("quiet", "--json"))
    assert figures["same_verdicts"]
    assert all(figures["verdicts"].values())
