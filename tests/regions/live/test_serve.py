"""What a user of `nines serve` relies on: real clients, faults, the calendar, restarts, refusals."""

import json
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from serving import ACCOUNT, PATIENCE_S, REGION, Running, nines, serving

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for the tests that leave it as they found it."""
    with serving(tmp_path_factory.mktemp("serve") / "data", "--allow-reset") as running:
        yield running


def admin(
    server: Running, method: str, path: str, body: Any = None, token: str = ""
) -> tuple[int, Any]:
    found = json.loads((server.data / "admin.json").read_text())
    request = urllib.request.Request(
        found["url"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token or found['token']}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            text = answer.read()
            is_json = answer.headers["content-type"] == "application/json"
            return answer.status, json.loads(text) if is_json else text.decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def blob(kms: Any, text: bytes = b"order 1") -> tuple[str, bytes]:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    return key_id, kms.encrypt(KeyId=key_id, Plaintext=text)["CiphertextBlob"]


def log_bucket(s3: Any, name: str) -> None:
    """Make a bucket that every trail may deliver to."""
    s3.create_bucket(Bucket=name)
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    wanted = (("s3:GetBucketAcl", ""), ("s3:PutObject", "/*"))
    entries = [
        {**service, "Action": action, "Resource": f"arn:aws:s3:::{name}{rest}"}
        for action, rest in wanted
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": entries})
    s3.put_bucket_policy(Bucket=name, Policy=policy)


def test_the_greeting_is_four_lines_that_a_shell_takes(server: Running) -> None:
    assert list(server.exports) == [
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_DEFAULT_REGION",
    ]


def test_a_key_made_by_a_real_client_opens_what_it_sealed(server: Running) -> None:
    kms = server.client("kms")
    _, sealed = blob(kms)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"order 1"


def test_every_answer_has_a_request_id_of_its_own_that_its_record_carries(server: Running) -> None:
    kms, trail = server.client("kms"), server.client("cloudtrail")
    ids = [kms.list_keys()["ResponseMetadata"]["RequestId"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert all(UUID.fullmatch(one) for one in ids)
    with pytest.raises(ClientError) as refused:
        kms.describe_key(KeyId="alias/nobody")
    ids.append(refused.value.response["ResponseMetadata"]["RequestId"])
    recorded: set[str] = set()
    for _ in range(600):
        time.sleep(0.5)  # Records are handed on in batches.
        pages = trail.get_paginator("lookup_events").paginate()
        events = [json.loads(e["CloudTrailEvent"]) for page in pages for e in page["Events"]]
        recorded = {event["requestID"] for event in events}
        if recorded.issuperset(ids):
            break
    assert recorded.issuperset(ids)


def test_regions_share_nothing_but_the_port(server: Running) -> None:
    key_id, _ = blob(server.client("kms"))
    abroad = server.client("kms", "eu-west-1")
    with pytest.raises(ClientError, match="NotFoundException"):
        abroad.describe_key(KeyId=key_id)
    with pytest.raises(ClientError, match="is not served here; regions: us-east-1, eu-west-1"):
        server.client("kms", "us-west-2").list_keys()


def test_an_az_without_power_is_seen_and_survived(server: Running) -> None:
    kms = server.client("kms")
    _, sealed = blob(kms)
    begun = server.nines("fault", "power-off", "us-east-1/use1-az1", "--for", "10m")
    assert (begun.returncode, begun.stderr) == (0, "")
    assert re.fullmatch(
        r" +\d+  power-off us-east-1/use1-az1 for 10m  \(600 s more\)\n", begun.stdout
    )
    # A host without power is silent: the SDK asks again.
    patient = server.client("kms", attempts=5)
    assert patient.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"order 1"
    status = json.loads(server.nines("status", "--json").stdout)
    assert status["regions"][REGION]["serving"] == 2
    assert status["regions"][REGION]["azs"]["use1-az1"] == {
        "up": False,
        "down": ["hsm-1", "hsm-2", "recorder", "node", "az"],
        "serving": False,
    }
    assert server.nines("fault", "heal").stdout == (
        "healed: power-off us-east-1/use1-az1 for 10m\n"
    )
    assert server.nines("fault", "list").stdout == "no fault lasts\n"
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"order 1"


def test_network_faults_strike_messages_that_travelled_by_reference_before(
    server: Running,
) -> None:
    kms = server.client("kms", attempts=5)
    _, sealed = blob(kms)
    for line in ("delay us-east-1/use1-az1", "corrupt us-east-1/use1-az2<->us-east-1/use1-az1"):
        assert server.nines("fault", *line.split()).returncode == 0
        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"order 1"
    assert server.nines("fault", "heal", "all").returncode == 0
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"order 1"


def test_a_region_goes_on_after_its_software_was_of_two_versions(server: Running) -> None:
    kms = server.client("kms", attempts=5)
    _, sealed = blob(kms)
    assert server.nines("fault", "rolling-upgrade", REGION).returncode == 0
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"order 1"
    assert server.nines("fault", "heal", "all").returncode == 0
    for _ in range(4):  # The front hands calls to each AZ in turn.
        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"order 1"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("power-off", "mars"), "nines: fault line 'power-off mars': no region 'mars' here; "),
        (("melt", REGION), "nines: fault line 'melt us-east-1': no fault 'melt'; there are: "),
        (("heal", "99"), "nines: no fault 99 lasts; there are: "),
        (("heal", "first"), "nines: fault 'first': expected its number"),
        (("power-off",), "nines: fault 'power-off': expected FAULT TARGET, list, status, or heal"),
        (("crash", REGION, "--for", "10%"), "expected a duration, not a percentage"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_in_one_line(
    server: Running, words: tuple[str, ...], text: str
) -> None:
    refused = server.nines("fault", *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert text in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_deletion_window_passes_in_a_moment(server: Running) -> None:
    kms = server.client("kms")
    key_id, _ = blob(kms)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    moved = server.nines("advance", "8d")
    assert moved.stdout.startswith("the calendar now shows 20")
    with pytest.raises(ClientError, match="NotFoundException"):
        kms.describe_key(KeyId=key_id)
    status = json.loads(server.nines("status", "--json").stdout)
    assert status["calendar_moved_s"] >= 8 * 86_400


def test_metrics_count_calls_and_tell_who_serves(server: Running) -> None:
    server.client("kms").list_keys()
    status, text = admin(server, "GET", "/metrics")
    assert status == 200
    assert re.search(
        r'nines_calls_total{action="ListKeys",outcome="ok",service="kms"} [1-9]', text
    )
    assert 'nines_az_serving{az="use1-az2",region="us-east-1"} 1.0' in text


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/nothing", None, (404, "nothing does GET /nothing; there are: GET /status, ")),
        ("POST", "/advance", {"seconds": -1}, (400, 'expected {"seconds": N}, with N a number')),
        ("POST", "/advance", {"seconds": True}, (400, 'expected {"seconds": N}, with N a number')),
        ("POST", "/advance", [1], (400, "the body is no JSON object")),
        ("POST", "/faults", {}, (400, 'expected {"line": "FAULT TARGET [for DURATION]')),
    ],
)
def test_the_admin_interface_says_what_it_expected(
    server: Running, method: str, path: str, body: Any, expected: tuple[int, str]
) -> None:
    status, answer = admin(server, method, path, body)
    assert (status, answer["error"][: len(expected[1])]) == expected


def test_the_admin_interface_is_for_whoever_has_the_token(server: Running) -> None:
    assert (server.data / "admin.json").stat().st_mode & 0o777 == 0o600
    assert admin(server, "GET", "/status", token="guessed") == (
        401,
        {"error": "expected the header 'Authorization: Bearer TOKEN' with the token of admin.json"},
    )


def test_a_folder_in_use_is_refused(server: Running) -> None:
    refused = nines("serve", "--data", str(server.data), "--port", "0")
    assert refused.returncode == 2
    assert f"process {server.process.pid}" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_reset_clears_every_region_and_the_server_goes_on(server: Running) -> None:
    key_id, _ = blob(server.client("kms"))
    with urllib.request.urlopen(
        urllib.request.Request(f"{server.url}/moto-api/reset", method="POST"), timeout=PATIENCE_S
    ) as answer:
        assert json.load(answer) == {"status": "ok"}
    kms = server.client("kms")
    assert kms.list_keys()["Keys"] == []
    assert blob(kms)[0] != key_id


def test_a_reset_that_nobody_allowed_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--regions", REGION) as running:
        request = urllib.request.Request(f"{running.url}/moto-api/reset", method="POST")
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            urllib.request.urlopen(request, timeout=PATIENCE_S)
        refused.value.close()
        assert admin(running, "POST", "/reset")[0] == 403


def test_what_was_answered_survives_kill_9_and_a_later_start_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "--regions", REGION) as first:
        kms = first.client("kms")
        key_id, sealed = blob(kms)
        kms.create_alias(AliasName="alias/orders", TargetKeyId=key_id)
        assert first.nines("advance", "40d").returncode == 0
        first.kill()
    with serving(data, "--regions", REGION) as second:
        kms = second.client("kms")
        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"order 1"
        assert kms.describe_key(KeyId="alias/orders")["KeyMetadata"]["KeyId"] == key_id
        assert json.loads(second.nines("status", "--json").stdout)["calendar_moved_s"] >= 40 * 86_400
        assert second.stop() == 0
    refused = nines("serve", "--data", str(data), "--port", "0", "--regions", "eu-west-1")
    text = f"data folder '{data}' also holds us-east-1; expected --regions to name at least"
    assert (refused.returncode, refused.stderr) == (2, f"nines: {text} us-east-1\n")


def test_an_az_that_was_built_by_a_fault_is_there_after_kill_9(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "--regions", REGION) as first:
        _, sealed = blob(first.client("kms"))
        assert first.nines("fault", "add-az", REGION).returncode == 0
        for _ in range(600):
            azs = json.loads(first.nines("status", "--json").stdout)["regions"][REGION]["azs"]
            if len(azs) == 4 and all(az["serving"] for az in azs.values()):
                break
            time.sleep(0.5)
        assert len(azs) == 4
        first.kill()
    with serving(data) as second:
        status = json.loads(second.nines("status", "--json").stdout)["regions"][REGION]
        assert (list(status["azs"]), status["serving"]) == (list(azs), 4)
        opened = second.client("kms", attempts=5).decrypt(CiphertextBlob=sealed)
        assert opened["Plaintext"] == b"order 1"


def test_a_region_that_was_launched_is_there_after_kill_9(tmp_path: Path) -> None:
    """CT-26: its events go to the trail over all regions, by nobody's doing."""
    data, new = tmp_path / "data", "mx-central-1"
    with serving(data, "--regions", REGION) as first:
        trails = first.client("cloudtrail")
        log_bucket(first.client("s3"), "logs")
        trails.create_trail(Name="all", S3BucketName="logs", IsMultiRegionTrail=True)
        trails.start_logging(Name="all")
        launched = first.nines("launch-region", new)
        text = f"{new} serves in mxc1-az1, mxc1-az2, mxc1-az3\n"
        assert (launched.returncode, launched.stdout) == (0, text)
        _, sealed = blob(first.client("kms", region=new))
        again = first.nines("launch-region", new)
        assert (again.returncode, again.stderr) == (2, f"nines: region '{new}' is there already\n")
        first.kill()
    with serving(data) as second:
        status = json.loads(second.nines("status", "--json").stdout)["regions"]
        assert {name: region["serving"] for name, region in status.items()} == {REGION: 3, new: 3}
        opened = second.client("kms", region=new).decrypt(CiphertextBlob=sealed)
        assert opened["Plaintext"] == b"order 1"
        there = second.client("cloudtrail", region=new)
        assert [t["HomeRegion"] for t in there.describe_trails()["trailList"]] == [REGION]
        assert second.nines("advance", "1h").returncode == 0
        s3 = second.client("s3")
        for _ in range(600):
            listed = s3.list_objects_v2(Bucket="logs").get("Contents", [])
            if any(f"/CloudTrail/{new}/" in entry["Key"] for entry in listed):
                break
            time.sleep(0.1)
        assert any(f"/CloudTrail/{new}/" in entry["Key"] for entry in listed)


def test_two_fresh_servers_share_no_key_nonce_or_blob(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        with serving(tmp_path / name, "--regions", REGION) as running:
            kms = running.client("kms")
            key_id, sealed = blob(kms)
            drawn = kms.generate_random(NumberOfBytes=32)["Plaintext"]
            found.append((key_id, sealed, drawn))
    (key_one, blob_one, drawn_one), (key_two, blob_two, drawn_two) = found
    assert key_one != key_two
    assert drawn_one != drawn_two
    # What both begin with is the format; ids, nonces and sealed bytes all differ.
    begin = next(at for at, (a, b) in enumerate(zip(blob_one, blob_two, strict=True)) if a != b)
    one, two = blob_one[begin:], blob_two[begin:]
    assert not {one[at : at + 12] for at in range(len(one) - 11)} & {
        two[at : at + 12] for at in range(len(two) - 11)
    }
    with (
        serving(tmp_path / "one", "--regions", REGION) as running,
        pytest.raises(ClientError, match="AccessDeniedException"),
    ):
        running.client("kms").decrypt(CiphertextBlob=blob_two)


def test_without_its_root_key_a_folder_does_not_open(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "--regions", REGION) as running:
        blob(running.client("kms"))
    (data / "root.key").rename(tmp_path / "elsewhere")
    refused = nines("serve", "--data", str(data), "--port", "0")
    assert refused.returncode == 2
    assert "do not open without their root key" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_no_secret_lies_in_the_data_folder(tmp_path: Path) -> None:
    data, secret = tmp_path / "data", b"a data key that nobody may find"
    with serving(data, "--regions", REGION) as running:
        kms = running.client("kms")
        key_id, _ = blob(kms, secret)
        made = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
        assert running.stop() == 0
    root = (data / "root.key").read_bytes().strip()
    for path in data.rglob("*"):
        if path.is_file() and path.name != "root.key":
            content = path.read_bytes()
            assert secret not in content
            assert made["Plaintext"] not in content
            assert root not in content


def test_a_fast_calendar_runs_ahead_of_the_wall(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--regions", REGION, "--speed", "100000") as running:
        kms = running.client("kms")
        _, sealed = blob(kms)
        for _ in range(2_000):
            status = json.loads(running.nines("status", "--json").stdout)
            if status["calendar_moved_s"] > 3 * 86_400:
                break
        assert status["calendar_moved_s"] > 3 * 86_400
        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"order 1"


def test_the_log_has_a_line_for_each_answer_and_no_secret(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with serving(tmp_path / "data", "--regions", REGION, "--log", str(log)) as running:
        blob(running.client("kms"), b"a secret text")
        assert running.stop() == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["serving", "answered", "answered", "stopped"]
    assert [(line["action"], line["outcome"]) for line in lines[1:3]] == [
        ("CreateKey", "ok"),
        ("Encrypt", "ok"),
    ]
    assert lines[2]["account"] == ACCOUNT
    assert "a secret text" not in log.read_text()


def test_a_server_with_a_certificate_speaks_https(tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    pem = tmp_path / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(pem))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    options = ("--regions", REGION, "--tls-cert", str(pem))
    with serving(tmp_path / "data", *options) as running:
        assert running.url.startswith("https://127.0.0.1:")
        with pytest.raises(urllib.error.HTTPError, match=r"400|403") as refused:
            urllib.request.urlopen(running.url + "/?Action=Nothing", context=context, timeout=PATIENCE_S)
        assert refused.value.headers["x-amzn-requestid"] or refused.value.headers["x-amz-request-id"]
        refused.value.close()


def test_a_certificate_that_is_none_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    words = ("serve", "--data", str(tmp_path / "data"), "--port", "0", "--tls-cert", str(bad))
    refused = nines(*words)
    assert refused.returncode == 2
    assert f"nines: TLS certificate '{bad}' cannot be used: " in refused.stderr


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("serve", "--speed", "0"), "nines: speed '0' is not a number from 1 to 1000000\n"),
        (("serve", "--port", "70000"), "nines: port '70000' is not an integer from 0 to 65535\n"),
        (("serve", "--regions", "mars"), "nines: region 'mars': expected one of af-south-1, "),
        (("status",), "no server has run in"),
        (("fault", "list", "--for", "3s"), "begins nothing; expected no --for or --with"),
        (("advance", "soon"), "nines: duration 'soon'"),
        (("credentials", "add"), "makes a key; expected --account N"),
    ],
)
def test_bad_input_is_answered_in_one_line(
    tmp_path: Path, words: tuple[str, ...], text: str
) -> None:
    refused = nines(*words, "--data", str(tmp_path / "data"))
    assert refused.returncode == 2
    assert text in refused.stderr
    assert refused.stderr.count("\n") == 1
