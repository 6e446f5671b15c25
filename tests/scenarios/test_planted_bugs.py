"""Every promise is seen to break: one planted bug each, in a named function of our own code.

Goal: a checker that was never seen to fail proves nothing. Method: the bug is patched in, the
small form of a scenario runs, and the promise names what it caught.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

import regions.az
from regions.az import Az
from regions.fleet import HsmFleet
from regions.hsm import keytoken, vault
from regions.hsm.commands import HsmDataKeyMade, HsmPlaintext
from regions.kms.changes import LOG_CODEC, AliasCreated, KeyCreated
from regions.kms.loop import Outcome
from scenarios.arena import Arena
from scenarios.catalogue import SCENARIOS
from scenarios.invariants import audit_complete
from scenarios.result import Verdict
from scenarios.run import run
from sim.units import hours

Patch = pytest.MonkeyPatch


def verdicts(scenario: str) -> dict[str, Verdict]:
    result = run(SCENARIOS[scenario].small(), seed=1)
    return {verdict.name: verdict for verdict in result.promises}


def test_a_key_acknowledged_before_it_is_committed_does_not_survive(monkeypatch: Patch) -> None:
    commit = Az.commit

    async def early(self: Az, command: Any) -> Any:
        if isinstance(command.change, KeyCreated):
            return self.keyring.apply(command)
        return await commit(self, command)

    monkeypatch.setattr(Az, "commit", early)
    found = verdicts("steady-state")
    assert not found["key-survival"].holds
    assert "does not describe key" in found["key-survival"].detail


def test_a_vault_that_opens_to_other_bytes_is_caught_by_the_callers(monkeypatch: Patch) -> None:
    execute = vault.Vault.execute

    def wrong(self: vault.Vault, command: Any) -> Any:
        answer = execute(self, command)
        if isinstance(answer, HsmPlaintext):
            return replace(answer, plaintext=bytes(len(answer.plaintext)))
        return answer

    monkeypatch.setattr(vault.Vault, "execute", wrong)
    found = verdicts("steady-state")
    assert not found["plaintext-fidelity"].holds
    assert "returned other bytes than were encrypted" in found["plaintext-fidelity"].detail


def test_a_call_that_is_answered_without_a_record_is_missed(monkeypatch: Patch) -> None:
    perform = regions.az.perform

    def forgetful(call: Any, keyring: Any, **options: Any) -> Any:
        outcome = yield from perform(call, keyring, **options)
        return Outcome(outcome.answer, None) if call.action == "ReEncrypt" else outcome

    monkeypatch.setattr(regions.az, "perform", forgetful)
    found = verdicts("steady-state")
    assert not found["audit-complete"].holds
    assert "stands 0 times in event history" in found["audit-complete"].detail


@pytest.mark.parametrize("bug", [False, True])
def test_a_long_run_is_judged_in_parts_and_as_a_whole_alike(monkeypatch: Patch, bug: bool) -> None:
    if bug:
        perform = regions.az.perform

        def forgetful(call: Any, keyring: Any, **options: Any) -> Any:
            outcome = yield from perform(call, keyring, **options)
            return Outcome(outcome.answer, None) if call.action == "ReEncrypt" else outcome

        monkeypatch.setattr(regions.az, "perform", forgetful)
    monkeypatch.setattr("sim.check.invariant.VIOLATIONS_KEPT", 10_000)
    whole = verdicts("steady-state")["audit-complete"]
    monkeypatch.setattr(audit_complete, "_PART_CALLS", 20)
    parts = verdicts("steady-state")["audit-complete"]
    assert (parts.checked, parts.holds) == (whole.checked, not bug)
    assert sorted(parts.violations) == sorted(whole.violations)


def test_digests_that_nobody_asked_for_are_noticed(monkeypatch: Patch) -> None:
    add = Arena.add_trail
    monkeypatch.setattr(Arena, "add_trail", lambda *a, **k: add(*a, **{**k, "validates": False}))
    scenario = replace(
        SCENARIOS["quiet-decade"], length_ns=hours(3), validation=True, promises=("digest-chain",)
    )
    (verdict,) = run(scenario, seed=1).promises
    assert not verdict.holds
    assert "is in the bucket of everywhere, which validates nothing" in verdict.detail


def test_a_record_of_a_call_that_nobody_made_is_noticed(monkeypatch: Patch) -> None:
    perform = regions.az.perform

    def inventive(call: Any, keyring: Any, **options: Any) -> Any:
        outcome = yield from perform(call, keyring, **options)
        if call.action == "GenerateRandom":
            invented = replace(outcome.record, request_id="0" * 8 + call.request_id[8:])
            return Outcome(outcome.answer, invented)
        return outcome

    monkeypatch.setattr(regions.az, "perform", inventive)
    found = verdicts("steady-state")
    assert not found["audit-complete"].holds


def test_a_host_that_caches_data_keys_on_its_disk_is_caught(monkeypatch: Patch) -> None:
    """KMI-02: plaintext keys live only inside the HSM."""
    ask = HsmFleet.ask

    async def caching(self: HsmFleet, asker: Callable[..., Awaitable[Any]], command: Any) -> Any:
        answer = await ask(self, asker, command)
        if isinstance(answer, HsmDataKeyMade):
            self._host.disk.append("cache", answer.plaintext)
        return answer

    monkeypatch.setattr(HsmFleet, "ask", caching)
    found = verdicts("steady-state")
    assert not found["custody"].holds
    assert "a data-key in the clear is on disk" in found["custody"].detail


def test_a_token_that_shows_its_key_is_caught_on_the_wire(monkeypatch: Patch) -> None:
    """CMK-07: what leaves the HSM is wrapped."""
    head = keytoken.TOKEN_BYTES - 32 - 16  # What stands before the wrapped key and its tag.
    seal = keytoken.seal

    def careless(material: bytes, **names: Any) -> bytes:
        return seal(material, **names)[:head] + material + bytes(16)

    def trusting(token: bytes, _domain_key: Any) -> bytes:
        return token[head:-16]

    monkeypatch.setattr(keytoken, "seal", careless)
    monkeypatch.setattr(keytoken, "unseal", trusting)
    found = verdicts("steady-state")
    assert not found["custody"].holds
    assert "a backing-key in the clear" in found["custody"].detail


def test_a_host_that_borrows_a_foreign_hsm_breaks_residency(monkeypatch: Patch) -> None:
    """KMS-10: key material never leaves its region."""
    candidates = HsmFleet._candidates

    def abroad(self: HsmFleet) -> list[str]:
        names = candidates(self)
        foreign = "eu-west-1/euw1-az1/hsm-1"
        return [foreign, *names] if self._config.region == "us-east-1" else names

    monkeypatch.setattr(HsmFleet, "_candidates", abroad)
    found = verdicts("steady-state")
    assert not found["residency"].holds
    assert "crossed from us-east-1" in found["residency"].detail


def test_a_replica_that_skips_a_change_does_not_converge(monkeypatch: Patch) -> None:
    apply = Az._apply

    def lazy(self: Az, index: int, data: bytes) -> None:
        if self.name.endswith("euw1-az2/az") and data:
            command = LOG_CODEC.decode(data)
            if isinstance(command.change, AliasCreated):
                self._applied = index
                return
        apply(self, index, data)

    monkeypatch.setattr(Az, "_apply", lazy)
    found = verdicts("steady-state")
    assert not found["replica-convergence"].holds
    assert "holds another key store than" in found["replica-convergence"].detail


def test_an_az_that_comes_back_and_does_not_catch_up_lacks_tokens(monkeypatch: Patch) -> None:
    """KMS-11: every live AZ holds every token again soon after its return."""
    start = Az.start

    def forgetful(self: Az) -> None:
        start(self)
        if self.incarnation > 1:
            self._handlers = {**self._handlers}
            for kind in (regions.az.Apply, regions.az.Restore):
                self._handlers[kind] = lambda _request: None

    monkeypatch.setattr(Az, "start", forgetful)
    found = verdicts("az-outage")
    assert not found["token-spread"].holds
    assert "us-east-1/use1-az1/az lacks" in found["token-spread"].detail
