"""Subscribe: an HTTP endpoint is asked whether it wants messages; a file has them at once.

Source: SNS API Reference, Subscribe: confirmation, ReturnSubscriptionArn.
"""

from typing import Any, Final

from regions.service.operation import Desk, Values
from regions.sns.changes import Subscription
from regions.sns.endpoints import check_endpoint, is_file
from regions.sns.envelopes import confirmation
from regions.sns.errors import InvalidParameterException
from regions.sns.wants import find_topic, now_ms, on_topic, parcel, refuse_attributes, truth
from sim.quick import changed

ATTRIBUTES: Final = ("RawMessageDelivery",)
_PENDING: Final = "pending confirmation"
_TOKEN_BITS: Final = 1024  #: chosen, as long as real ones


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    topic = find_topic(desk, parameters["TopicArn"])
    protocol, endpoint = parameters["Protocol"], parameters.get("Endpoint", "")
    given = parameters.get("Attributes", {})
    refuse_attributes(given, ATTRIBUTES)
    raw = truth(given.get("RawMessageDelivery", "false"), "Attributes")
    check_endpoint(protocol, endpoint)
    wanted = Subscription(
        arn=f"{topic.arn}:{desk.rng('subscription').uuid()}",
        topic=topic.arn,
        account=desk.account,
        protocol=protocol,
        endpoint=endpoint,
        token="" if is_file(endpoint) else f"{desk.rng('token').getrandbits(_TOKEN_BITS):0256x}",
        asked_ms=now_ms(desk),
        confirmed=is_file(endpoint),
        raw=raw,
        by_owner=is_file(endpoint),
    )
    there = next(
        (
            one
            for one in desk.state.of_topic(topic.arn)
            if (one.protocol, one.endpoint) == (protocol, endpoint)
        ),
        None,
    )
    if there is not None and there.raw != raw:
        raise InvalidParameterException(
            "Invalid parameter: Attributes Reason: Subscription already exists with different"
            " attributes"
        )
    if there is not None:
        # Whoever asks again for what is not confirmed has the endpoint asked again.
        wanted = there if there.confirmed else changed(wanted, arn=there.arn)
    if wanted is not there:
        desk.change(wanted)
        if not wanted.confirmed:
            headers, body = confirmation(
                wanted, desk.rng("message").uuid(), now_ms(desk), desk.state.url
            )
            desk.change(parcel(desk, wanted, headers, body))
    shown = wanted.confirmed or parameters.get("ReturnSubscriptionArn", False)
    return {"SubscriptionArn": wanted.arn if shown else _PENDING}


OPERATION = on_topic("Subscribe", _perform)
