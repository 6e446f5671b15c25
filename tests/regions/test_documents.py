"""Tables in the documentation say what the code's own tables say."""

from pathlib import Path

from regions.trail.audit_ack import AUDIT_ACKS

README = Path(__file__).resolve().parents[2] / "regions" / "README.md"


def test_the_table_of_audit_acks_is_the_code_s_own() -> None:
    rows = [
        f"| `{name}` | {price.waits_for} | {price.refuses} | {price.may_lose} |"
        for name, price in AUDIT_ACKS.items()
    ]
    assert "\n".join(rows) in README.read_text()
