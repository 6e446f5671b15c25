"""Bugs of HSMs, their domain, and the operator who keeps the safe.

What does not belong here: nonces and secrets in wrong places (crypto.py).
"""

from typing import Final

from museum.bug import Bug
from museum.worlds import ALL_BUT_QUIET, busy


def quiet(recovery: str) -> str:
    """Return a scenario of quiet days after two minutes of work."""
    return f"""
name = "quiet"
length = "2m"
recovery = "{recovery}"
settle = "1m"
promises = ["key-survival", "liveness"]
[topology]
ceremony = "1m"
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 1
think = "2s"
"""


#: Domain keys are rotated every day, and seven are kept.
ROTATED: Final = quiet("2d")
FORGOTTEN: Final = quiet("9d")

#: Every HSM is another one by the time that the region loses all of them.
DARK: Final = """
name = "dark"
length = "217h"
recovery = "16m"
settle = "1m"
promises = ["key-survival", "liveness"]
[topology]
ceremony = "1m"
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 1
think = "2h"
[[fault]]
plan = "at 1d hsm-restart us-east-1 for 2h with gap=10m"
[[fault]]
plan = "at 216h region-loss us-east-1 for 10m"
"""

#: The region loses all HSMs at once.
SHUT: Final = """
name = "shut"
length = "3m"
recovery = "14m"
settle = "1m"
promises = ["key-survival", "liveness"]
[topology]
ceremony = "1m"
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 1
think = "2s"
[[fault]]
plan = "at 1m region-loss us-east-1 for 1m"
"""

TAMPERED: Final = """
name = "tampered"
length = "2m"
recovery = "5m"
settle = "10m"
[topology]
ceremony = "1m"
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 1
think = "2s"
[[fault]]
plan = "at 30s hsm-tamper us-east-1/use1-az1 for 30s"
"""

BUGS: Final = (
    Bug(
        name="hsm-remembers-its-keys",
        summary="an HSM that lost its power still has its domain keys",
        function="regions.hsm.hsm:Hsm.start",
        old="""\
    self._vault = Vault(
        serial=serial, drbg=drbg, announce=self.announce, veil=self.veil, battery=battery
    )
""",
        new="""\
    fresh = Vault(
        serial=serial, drbg=drbg, announce=self.announce, veil=self.veil, battery=battery
    )
    self._vault = self.cell.__dict__.setdefault("vault", fresh)
    self._vault._announce = self.announce
""",
        focus="crash@hsm",
        expects=("custody",),
    ),
    Bug(
        name="tampered-hsm-works-on",
        summary="an HSM that notices tampering does not erase itself",
        function="regions.hsm.hsm:Hsm.on_ail",
        old="self._vault = None",
        new="pass",
        text=TAMPERED,
        expects=("custody",),
    ),
    Bug(
        name="hsm-keeps-its-first-token",
        summary="an HSM that is in the domain takes no newer domain token",
        function="regions.hsm.vault:Vault._install",
        old="if self._state is None or token.version > self._state.version:",
        new="if self._state is None:",
        text=ROTATED,
        expects=("key-survival", "liveness"),
    ),
    Bug(
        name="one-token-is-not-rewrapped",
        summary="the first key's token stays under the domain key that wrapped it first",
        function="regions.kms.keyring:Keyring._tokens_rewrapped",
        old="            self._note_age(self._set(key, tokens=merged))",
        new="""\
            self._note_age(self._set(key, tokens=merged if key.sequence > 1 else key.tokens))
            self.stale.drop(key.key_id)""",
        text=FORGOTTEN,
        expects=("key-survival",),
    ),
    Bug(
        name="wrapped-under-the-wrong-name",
        summary="the daily rotation wraps each token under a number that is not its domain key's",
        function="regions.hsm.vault:Vault._rotate",
        old="self._saved(one, state.active.number, wrapping)",
        new="self._saved(one, state.active.number, self._wrapping[self._ready().active.number])",
        text=ROTATED,
        expects=("key-survival",),
    ),
    Bug(
        name="an-az-never-lists-its-hsms",
        summary="the token that lists an HSM that came back is made and not kept",
        function="regions.fleet:HsmFleet._list",
        old="if await self._log.store_domain(issued):",
        new="if not issued.members:",
        text=busy(
            ["at 20s crash us-east-1/use1-az1/hsm-1 for 5s"], think="3s", promises=ALL_BUT_QUIET
        ),
        expects=("liveness",),
    ),
    Bug(
        name="safe-stays-shut",
        summary="the operator begins the ceremony and never opens the safe",
        function="regions.operator:Operator.receive",
        old="self.after(self._config.ceremony_ns, self._open)",
        new="pass",
        text=SHUT,
        expects=("liveness", "key-survival"),
    ),
    Bug(
        name="safe-keeps-the-oldest-token",
        summary="the operator keeps the first domain token and no later one",
        function="regions.operator:Operator._deposit",
        old="if deposit.version > self._version:",
        new="if not self._version:",
        text=DARK,
        expects=("liveness", "key-survival"),
    ),
    Bug(
        name="domain-token-crosses-the-border",
        summary="a copy of the domain token is deposited in another region's safe",
        function="regions.fleet:HsmFleet._deposit",
        old="    self._host.send(self._config.operator, deposit)",
        new="""\
    self._host.send(self._config.operator, deposit)
    self._host.send("safe/eu-west-1/operator", deposit)""",
        expects=("residency",),
    ),
    Bug(
        name="replicas-are-told-tokens",
        summary="what a replica's region is told of a key has the key's tokens in it",
        function="regions.kms.relatives:update_for",
        old="tokens=(),",
        new="tokens=key.tokens,",
        scenario="only-shared-keys-left",
        expects=("residency",),
    ),
    Bug(
        name="material-crosses-in-the-clear",
        summary="an HSM hands out material for another region without sealing it",
        function="regions.hsm.exchange:wrap",
        old="sealed = iv + wrapping.seal(iv, material, bound)",
        new="sealed = iv + wrapping.seal(iv, material, bound) + material",
        scenario="only-shared-keys-left",
        expects=("residency", "custody"),
    ),
)
