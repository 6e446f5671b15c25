"""What a call tells of a key, as far as its request alone says."""

import pytest

from regions.names import key_arn
from scenarios.witness import KeyUse

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = key_arn("us-east-1", "111122223333", KEY)


@pytest.mark.parametrize(
    ("name", "region", "key_id"),
    [
        (KEY, "us-east-1", KEY),
        (ARN, "us-east-1", KEY),
        (ARN, "", KEY),
        (ARN, "eu-west-1", ""),  # No key there can have that name.
        ("alias/app", "us-east-1", ""),
        (None, "us-east-1", ""),
    ],
)
def test_a_request_tells_of_a_key_of_the_region_that_is_called(
    name: str | None, region: str, key_id: str
) -> None:
    parameters = {} if name is None else {"KeyId": name}
    assert KeyUse.of(parameters, region) == KeyUse(key_id)
