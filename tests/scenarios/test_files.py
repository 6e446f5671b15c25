"""Scenario files: whole values read, written and read again; every mistake in one exact line."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from regions.faults import FAULTS
from regions.topology import Topology, default_azs
from scenarios import files, plans
from scenarios.catalogue import SCENARIOS
from scenarios.invariants import INVARIANTS
from scenarios.scenario import Scenario, Workload
from sim.plan import Plan, PlanError
from sim.units import hours, minutes

FULL = """
name = "full"
summary = "everything a file can say"
source = "R13"
length = "20m"
recovery = "4m"
settle = "31m"
managed_keys = ["ssm", "s3"]
validation = true
promises = ["key-survival"]
seed = 7
version = "0.1.0"
replay = "logs"
schedule = "pct:3"

[topology]
audit_ack = "local"
consistency = "linearizable"
ceremony = "3h"
may_sleep = false

[topology.regions]
us-east-1 = ["use1-az1", "use1-az2", "use1-az3", "use1-az4"]
eu-west-1 = ["euw1-az1", "euw1-az2", "euw1-az3"]

[topology.audit_acks]
eu-west-1 = "async"

[[workload]]
kind = "services"
clients = 3
regions = ["eu-west-1"]
think = "2s"

[[fault]]
plan = "at 5m power-off us-east-1/use1-az1 for 10%"

[[fault]]
fault = "partition"
target = "us-east-1<->eu-west-1"
at = "25%"
for = "90s"

[[fault]]
fault = "crash"
target = "us-east-1/@leader"
"""
MEANT = Scenario(
    name="full",
    summary="everything a file can say",
    source="R13",
    length_ns=minutes(20),
    recovery_ns=minutes(4),
    settle_ns=minutes(31),
    managed_keys=("ssm", "s3"),
    validation=True,
    promises=("key-survival",),
    schedule="pct:3",
    topology=Topology(
        regions={
            "us-east-1": ("use1-az1", "use1-az2", "use1-az3", "use1-az4"),
            "eu-west-1": default_azs("eu-west-1"),
        },
        audit_ack="local",
        audit_acks={"eu-west-1": "async"},
        consistency="linearizable",
        ceremony_ns=hours(3),
        may_sleep=False,
    ),
    workloads=(
        Workload(kind="services", regions=("eu-west-1",), clients=3, options={"think": "2s"}),
    ),
    plan=Plan.parse(
        [
            "at 5m power-off us-east-1/use1-az1 for 10%",
            "at 25% partition us-east-1<->eu-west-1 for 90s",
            "crash us-east-1/@leader",
        ]
    ),
)


def test_a_file_says_everything_about_a_run() -> None:
    found = files.parse(FULL, source="full.toml")
    assert found == files.ScenarioFile(scenario=MEANT, seed=7, version="0.1.0", replay="logs")


def test_an_empty_file_is_the_default_scenario_named_after_the_file() -> None:
    assert files.parse("", source="some/where/plain.toml").scenario == Scenario(
        name="plain", summary=""
    )


def test_regions_may_be_named_without_their_azs() -> None:
    found = files.loads('[topology]\nregions = ["us-east-1"]')
    assert found.topology == Topology(regions={"us-east-1": default_azs("us-east-1")})


@pytest.mark.parametrize(
    "scenario",
    [
        MEANT,
        replace(MEANT, workloads=()),
        replace(MEANT, summary='quotes " and \\ and \N{SNOWMAN}', source=""),
        replace(MEANT, workloads=(Workload(options={"actions": {"us-east-1/app-0": "0-3,17"}}),)),
        *(SCENARIOS[name] for name in SCENARIOS),
        *(SCENARIOS[name].small() for name in SCENARIOS),
    ],
    ids=lambda scenario: scenario.name,
)
def test_what_is_written_is_read_back(scenario: Scenario) -> None:
    assert files.loads(files.dumps(scenario)) == scenario


def test_options_of_a_fault_are_keys_of_its_table() -> None:
    text = '[[fault]]\nfault = "disk-slow"\ntarget = "us-east-1/use1-az1"\nfactor = 3.5\n'
    (line,) = files.loads(text).plan.lines
    assert str(line) == "at 0s disk-slow us-east-1/use1-az1 with factor=3.5"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('name = "x', (", line 1, key 'name': no TOML: unterminated string (at end of document)")),
        ('\nname = "x', (", line 2, key 'name': no TOML: unterminated string (at end of document)")),
        ("seed = 1\nseed = 2\n", ", line 2, key 'seed': no TOML: cannot overwrite a value"),
        ("topology.quotas = 1\ntopology.quotas = 2\n",
         (", line 2, key 'topology.quotas': no TOML: cannot overwrite a value")),
        ("seed = 1\n[[fault]\n", (", line 2: no TOML: expected ']]' at the end of an array"
                                  " declaration")),
        ("name =", ", line 1, key 'name': no TOML: invalid value (at end of document)"),
        ("length = 5", (", line 1, key 'length': expected a duration such as '90s', '40m' or '3h',"
                       " not 5")),
        ('\nlength = "5 m"', (", line 2, key 'length': expected a duration such as '90s', '40m' or"
                             " '3h', not '5 m'")),
        ('length = "0s"', ", line 1, key 'length': expected more than nothing"),
        ('name = "Az Outage"', (", line 1, key 'name': expected small letters, digits and hyphens,"
                               " not 'Az Outage'")),
        ("name = true", ", line 1, key 'name': expected a name such as 'az-outage', not true"),
        ('summary = "two\\nlines"', ", line 1, key 'summary': expected a text, not 'two\\nlines'"),
        ("seed = -1", (", line 1, key 'seed': expected an integer from 0 to 9223372036854775807,"
                      " not -1")),
        ("schedule = 'pct:0'", (", line 1, key 'schedule': schedule 'pct:0': expected a depth from 1"
                               " to 20")),
        ("schedule = 'hold:us-east-1/fort:2ms'",
         (", line 1, key 'schedule': schedule 'hold:us-east-1/fort:2ms': nothing is at"
         " 'us-east-1/fort'; in us-east-1 there are: bucket, front, router, trail, use1-az1,"
         " use1-az2, use1-az4")),
        ("managed_keys = [1]", ", line 1, key 'managed_keys': expected a list of texts, not [1]"),
        ('promises = ["joy"]', ", line 1, key 'promises': no promise 'joy'; there are: PROMISES"),
        ('promises = ["custody", "custody"]', (", line 1, key 'promises': promise 'custody' stands"
                                              " there twice")),
        ("topology = 3", ", line 1, key 'topology': expected a table, not 3"),
        ('[topology]\nregions = ["mars-1"]', (", line 2, key 'topology.regions': no region 'mars-1';"
                                             " expected one of REGIONS")),
        ("[topology.regions]\nmars-1 = []", (", line 2, key 'topology.regions.mars-1': no such"
                                            " region; expected one of REGIONS")),
        ('[topology.regions]\neu-west-1 = ["euw1-az1"]',
         (", line 2, key 'topology.regions.eu-west-1': region 'eu-west-1' has 1 AZs; expected 3 or"
         " more")),
        ('[topology]\nregions = ["eu-west-1", "eu-west-1"]',
         ", line 2, key 'topology.regions': region 'eu-west-1' stands there twice"),
        ('[topology.regions]\neu-west-1 = ["euw1-az1", "euw1-az2", "euw1-az1"]',
         (", line 2, key 'topology.regions.eu-west-1': region 'eu-west-1' has AZ 'euw1-az1'"
         " twice")),
        ("[topology.regions]", ", line 1, key 'topology.regions': expected at least one region"),
        ("[topology]\nconsistency = 'strong'", (", line 2, key 'topology.consistency': expected one"
                                               " of eventual, linearizable, not 'strong'")),
        ("[topology]\naudit_acks.eu-west-2 = 'local'",
         (", line 2, key 'topology.audit_acks.eu-west-2': no such region here; there are:"
         " us-east-1, eu-west-1, ap-northeast-1")),
        ("[topology]\nmay_sleep = 1", (", line 2, key 'topology.may_sleep': expected true or false,"
                                      " not 1")),
        ('[topology]\nunsupported = ["mars"]', (
            ", line 2, key 'topology.unsupported': expected services of kms, cloudtrail, "
            "cloudtrail-data, logs, events, sts, sns, iam, s3, not 'mars'"
        )),
        ("[topology]\nquota_share = 0", (", line 2, key 'topology.quota_share': expected a number of"
                                         " 1e-06 or more, not 0.0")),
        ("[topology]\nqueue_per_az = 0", (", line 2, key 'topology.queue_per_az': expected a number"
                                          " of 1 or more, not 0")),
        ("workload = 1", ", line 1, key 'workload': expected tables [[workload]], not 1"),
        ("[[workload]]", ", line 1, key 'workload.kind': missing; expected one of KINDS"),
        ("[[workload]]\nkind = 'replay'", (", line 2, key 'workload.kind': expected one of KINDS,"
                                          " not 'replay'")),
        ("[[workload]]\nkind = 'envelope'\nclients = 1.5",
         ", line 3, key 'workload.clients': expected an integer from 0 to 10000, not 1.5"),
        ("[[workload]]\nkind = 'envelope'\nregions = ['eu-west-2']",
         (", line 3, key 'workload.regions': no region 'eu-west-2' here; there are: us-east-1,"
         " eu-west-1, ap-northeast-1")),
        ("[[workload]]\nkind = 'envelope'\n[[workload]]\nkind = 'services'\nthink = 'long'",
         (", line 5, key 'workload.think': expected a duration such as '90s', '40m' or '3h', not"
         " 'long'")),
        ("[[workload]]\nkind = 'services'\nthink = '0s'",
         ", line 3, key 'workload.think': expected more than nothing"),
        ("[[workload]]\nkind = 'herd'\nattempt_timeout = '0s'",
         ", line 3, key 'workload.attempt_timeout': expected more than nothing"),
        ("[[workload]]\nkind = 'key-states'\nkeys = 0",
         ", line 3, key 'workload.keys': expected more than nothing"),
        ("[[fault]]\nfault = 'hsm-tamper'\ntarget = 'us-east-1/trail'",
         (", line 3, key 'fault.target': fault hsm-tamper wants a region, an AZ, one HSM, or"
         " safe/REGION as its target, not 'us-east-1/trail'")),
        ("[[fault]]\nfault = 'add-az'\ntarget = 'eu-west-1'\naz = 'use1-az1'",
         (", line 2, key 'fault.fault': option az of add-az: 'use1-az1' is not one of euw1-az1,"
         " euw1-az2, euw1-az3")),
        ("[[fault]]", ", line 1, key 'fault.fault': missing; expected one of FAULTS"),
        ("[[fault]]\nfault = 'mischief'", (", line 2, key 'fault.fault': expected one of FAULTS, not"
                                          " 'mischief'")),
        ("[[fault]]\nfault = 'crash'", (", line 1, key 'fault.target': missing; expected a place"
                                       " such as 'us-east-1/use1-az1'")),
        ("[[fault]]\nfault = 'crash'\ntarget = 'us-east-1<->eu-west-1'",
         (", line 3, key 'fault.target': fault crash wants one place as its target, not"
         " 'us-east-1<->eu-west-1'")),
        ("[[fault]]\nfault = 'pause'\ntarget = 'us-east-1/use1-az3/az'",
         (", line 3, key 'fault.target': no AZ 'use1-az3' in us-east-1 here; there are: use1-az1,"
         " use1-az2, use1-az4")),
        ("[[fault]]\nfault = 'pause'\ntarget = 'us-east-1'\nat = '200%'",
         ", line 4, key 'fault.at': time '200%': expected at most 100% of the run"),
        ("[[fault]]\nfault = 'pause'\ntarget = 'us-east-1'\nfor = 3",
         (", line 4, key 'fault.for': expected a duration or a percentage, such as '5m' or '30%',"
         " not 3")),
        ("[[fault]]\nfault = 'crash-loop'\ntarget = 'us-east-1'\nvigour = 3",
         (", line 4, key 'fault.vigour': no option of fault crash-loop; expected one of"
         " OPTIONS")),
        ("[[fault]]\nfault = 'disk-slow'\ntarget = 'us-east-1'\nfactor = 'very'",
         (", line 4, key 'fault.factor': option factor of disk-slow: 'very' is no number; expected"
         " one such as 20 or 0.5")),
        ("[[fault]]\nplan = 'at 5m crash us-east-1'\n[[fault]]\nplan = 'crash mars'",
         (", line 4, key 'fault.plan': fault line 'crash mars': no region 'mars' here; there are:"
         " us-east-1, eu-west-1, ap-northeast-1")),
        ("length = '10m'\n[[fault]]\nfault = 'crash'\ntarget = 'us-east-1'\nat = '11m'",
         ", line 5, key 'fault.at': begins after the end of the run, which lasts 10m"),
        ("[[fault]]\nplan = 'crash us-east-1'\n[[fault]]\nplan = 'at 2h crash  us-east-1'",
         (", line 4, key 'fault.plan': fault line 'at 2h crash  us-east-1': begins after the end of"
         " the run, which lasts 1h")),
        ("[[fault]]\nfault = 'add-az'\ntarget = 'eu-west-1'",
         (", line 3, key 'fault.target': region 'eu-west-1' has no AZ left to launch; it has or had:"
         " euw1-az1, euw1-az2, euw1-az3")),
        (("[[fault]]\nplan = 'at 50% remove-az us-east-1/use1-az1'\n"
          "[[fault]]\nplan = 'at 5m remove-az us-east-1/use1-az1'"),
         (", line 2, key 'fault.plan': fault line 'at 50% remove-az us-east-1/use1-az1': AZ"
         " 'use1-az1' of us-east-1 has left already")),
        ("[[fault]]\nplan = 'crash us-east-1'\nat = '5m'",
         ", line 3, key 'fault.at': is not wanted beside 'plan', which is the whole line"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_file_line_key_and_what_was_expected(
    text: str, problem: str
) -> None:
    with pytest.raises(files.FileError) as caught:
        files.parse(text, source="f.toml")
    lists = {
        "PROMISES": INVARIANTS,
        "REGIONS": files.REGIONS,
        "KINDS": [name for name, kind in files.WORKLOADS.items() if kind.Settings is not None],
        "FAULTS": sorted(FAULTS),
        "OPTIONS": [*plans.FAULT_KEYS, *FAULTS["crash-loop"].options],
    }
    for word, names in lists.items():
        problem = re.sub(rf"\b{word}\b", ", ".join(names), problem)
    assert str(caught.value) == f"file 'f.toml'{problem}"


def test_an_unknown_key_is_answered_with_the_documented_ones() -> None:
    with pytest.raises(files.FileError) as caught:
        files.loads("\nlenght = '5m'", "f.toml")
    message, _, known = str(caught.value).partition("; expected one of ")
    assert message == "file 'f.toml', line 2, key 'lenght': unknown key"
    assert sorted(known.split(", ")) == sorted(files.KEYS)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'name = "\xe9"')
    message = f"file '{latin}' is no UTF-8 text (byte 8); expected a scenario file"
    with pytest.raises(files.FileError, match=f"^{re.escape(message)}$"):
        files.load(latin)
    message = f"file '{tmp_path}' cannot be read (Is a directory); expected a scenario file"
    with pytest.raises(files.FileError, match=f"^{re.escape(message)}$"):
        files.load(tmp_path)


def test_a_plan_file_has_tables_or_lines(tmp_path: Path) -> None:
    wanted = Plan.parse(["at 5m crash us-east-1/@leader", "at 10% pause eu-west-1 for 1m"])
    lines, tables = tmp_path / "lines.plan", tmp_path / "tables.toml"
    lines.write_text("\n".join(map(str, wanted.lines)))
    tables.write_text("".join(f'[[fault]]\nplan = "{line}"\n' for line in wanted.lines))
    assert plans.load_plan(lines, Topology()) == wanted
    assert plans.load_plan(tables, Topology()) == wanted


def test_mistakes_of_a_plan_file_are_named_with_their_line(tmp_path: Path) -> None:
    for text, problem in (
        ("# fine\n\ncrash mars\n", (", line 3: fault line 'crash mars': no region 'mars' here;"
                                   " there are: us-east-1, eu-west-1, ap-northeast-1")),
        ('length = "5m"\n[[fault]]\nplan = "crash us-east-1"\n',
         ", line 1, key 'length': unknown key; expected one of fault"),
        ("# fine\nat 4m crash us-east-1\nat 6m crash us-east-1  # late\n",
         (", line 3: fault line 'at 6m crash us-east-1': begins after the end of the run, which"
         " lasts 5m")),
        ("[[fault]]\nfault = 'crash'\nat = '6m'\ntarget = 'us-east-1'\n",
         ", line 3, key 'fault.at': begins after the end of the run, which lasts 5m"),
    ):
        path = tmp_path / "p.plan"
        path.write_text(text)
        with pytest.raises(files.FileError, match=f"^{re.escape(f'file {str(path)!r}{problem}')}$"):
            plans.load_plan(path, Topology(), minutes(5))


def test_times_are_not_checked_where_a_log_says_how_long_the_run_lasts(tmp_path: Path) -> None:
    late = "at 6h crash us-east-1"
    text = f"[[fault]]\nplan = {late!r}\n"
    assert str(files.parse(text, source="f.toml", replayed=True).scenario.plan) == late
    assert str(files.parse(f"replay = 'logs'\n{text}", source="f.toml").scenario.plan) == late
    for name in ("p.toml", "p.plan"):
        (tmp_path / name).write_text(text if name == "p.toml" else late)
        assert str(plans.load_plan(tmp_path / name, Topology())) == late


def test_a_line_is_named_in_every_complaint_about_it() -> None:
    message = "fault line 'at noon crash us-east-1': duration 'noon': expected"
    with pytest.raises(PlanError, match=f"^{message}"):
        plans.plan_line("at noon crash us-east-1", Topology())


def test_a_small_form_shrinks_the_times_of_its_plan_with_its_length() -> None:
    small = replace(MEANT, length_ns=hours(1)).small()
    assert small.length_ns == minutes(6)
    assert [str(line) for line in small.plan.lines] == [
        "at 30s power-off us-east-1/use1-az1 for 10%",
        "at 25% partition us-east-1<->eu-west-1 for 9s",
        "at 0s crash us-east-1/@leader",
    ]
    assert [workload.clients for workload in small.workloads] == [2]
    assert small.workloads[0].options == {"think": "2s"}


def test_the_course_of_an_outage_shrinks_with_it() -> None:
    plan = Plan.parse(["at 10m power-off us-east-1/use1-az1 for 40m with dark=20m tau=5m"])
    small = replace(MEANT, length_ns=hours(1), plan=plan).small()
    assert str(small.plan) == "at 1m power-off us-east-1/use1-az1 for 4m with dark=2m tau=30s"
