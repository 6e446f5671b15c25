"""Bugs of the way in: router, endpoint, quotas, and what keeps regions apart.

What does not belong here: who may use a key (kms.py).
"""

from typing import Final

from museum.bug import Bug

_BASE: Final = """
name = "edge"
length = "2m"
recovery = "5m"
[topology]
ceremony = "1m"
regions = ["us-east-1"]
TOPOLOGY
[[workload]]
kind = "envelope"
clients = 4
think = "300ms"
"""
BUGS: Final = (
    Bug(
        name="router-follows-the-arn",
        summary="a call that names another region's key is forwarded to that region",
        function="regions.router:Router.receive",
        old="endpoint = endpoint_of(self._endpoints, call)",
        new="""\
named = str(call.parameters.get("KeyId", "")).split(":")
    region = named[3] if len(named) > 5 else call.region
    endpoint = self._endpoints.get((call.service, region))""",
        expects=("refusals",),
    ),
    Bug(
        name="router-knows-one-region",
        summary="every call goes to the endpoint of us-east-1",
        function="regions.router:Router.receive",
        old="endpoint = endpoint_of(self._endpoints, call)",
        new='endpoint = self._endpoints.get((call.service, "us-east-1"))',
        expects=("key-survival", "audit-complete"),
    ),
    Bug(
        name="host-borrows-a-foreign-hsm",
        summary="a host whose HSMs rest asks one of another region",
        function="regions.fleet:HsmFleet._candidates",
        old="return awake or names",
        new="""\
if own[0] not in awake:
            awake.insert(0, "eu-west-1/euw1-az1/hsm-1")
        return awake or names""",
        text=_BASE.replace('"us-east-1"', '"us-east-1", "eu-west-1"').replace("TOPOLOGY", "")
        + '[[fault]]\nplan = "at 20s crash us-east-1/use1-az1/hsm-1 for 20s"\n',
        expects=("residency",),
    ),
    Bug(
        name="throttled-call-is-not-recorded",
        summary="a call that exceeds a quota is answered without a record",
        function="regions.recorded:answer_recorded",
        old="host.call(recorder, Append(record=outcome.record), then, timeout_ns=AUDIT_TIMEOUT_NS)",
        new="then(recorder)",
        text=_BASE.replace("TOPOLOGY", "quotas = true\nquota_share = 0.00003")
        .replace("clients = 4", "clients = 1")
        .replace("300ms", "100ms"),
        expects=("audit-complete",),
    ),
    Bug(
        name="lane-stays-taken",
        summary="the endpoint counts a call that was given up as under way for ever",
        function="regions.region:Region._pass_on",
        old="    az.lane.leave(place, self.now_ns - begin_ns)\n",
        new="""\
    if not isinstance(answer, Expired):
            az.lane.leave(place, self.now_ns - begin_ns)
""",
        text=_BASE.replace("TOPOLOGY", 'admission = "queue-limit"\nadmission_limit = 2')
        + "".join(
            f'[[fault]]\nplan = "at {at} power-off us-east-1/use1-{az} for 5s"\n'
            for at, az in (("10s", "az1"), ("45s", "az2"), ("80s", "az4"))
        ),
        expects=("liveness",),
    ),
    Bug(
        name="quarantine-knows-no-difference",
        summary="one call that hosts die of has every call refused",
        function="regions.quarantine:fingerprint",
        old="asked = (call.service, call.action, _ordered(call.parameters))",
        new="asked = (call.service,)",
        text=_BASE.replace("TOPOLOGY", "")
        + '[[fault]]\nplan = "at 90s poison us-east-1 for 10s"\n',
        expects=("liveness",),
    ),
)
