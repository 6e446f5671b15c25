"""What records of real requests tell of their connections."""

import datetime as dt
import ipaddress
import json
import re
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from serving import REGION, Running, serving


def certificate(folder: Path) -> Path:
    """Write a certificate for this machine that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nines")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + signed.public_bytes(Encoding.PEM)
    )
    return path


def event_of(running: Running, verify: str) -> dict[str, Any]:
    """Return the record of one call, whose service hands it in before it answers."""
    running.client("sts", verify=verify).get_caller_identity()
    attribute = {"AttributeKey": "EventName", "AttributeValue": "GetCallerIdentity"}
    shown = running.client("cloudtrail", verify=verify).lookup_events(LookupAttributes=[attribute])
    found: dict[str, Any] = json.loads(shown["Events"][0]["CloudTrailEvent"])
    return found


def test_a_record_tells_host_and_tls_of_the_connection(tmp_path: Path) -> None:
    """CT-03, CT-10."""
    pem = str(certificate(tmp_path))
    options = ("--regions", REGION, "--auth", "off", "--tls-cert", pem)
    with serving(tmp_path / "data", *options) as running:
        told = event_of(running, pem)["tlsDetails"]
    assert told["clientProvidedHostHeader"] == running.url.removeprefix("https://")
    # Whatever the two sides have agreed on.
    assert re.fullmatch(r"TLSv1\.[23]", told["tlsVersion"])
    assert re.fullmatch(r"[A-Z0-9_-]+", told["cipherSuite"])
