"""Asks an endpoint, ours or a real one, for the settings of trails and buckets.

Credentials and, unless one is named, the endpoint and region come from the environment, as the
AWS CLI takes them.
What does not belong here: what the answers mean (setup.py).
"""

from collections.abc import Mapping
from typing import Any, Final

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from scenarios.audit.setup import SetupError

#: An endpoint that is not there is not waited for; chosen.
_CONFIG: Final = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 2})
#: What S3 says of a bucket without lifecycle rules: an answer, not a refusal.
_NO_RULES: Final = "NoSuchLifecycleConfiguration"


class Endpoint:
    """Somebody to ask.

    Args:
      url: "" for that of the environment, or AWS itself.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = get_session()
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    def region(self) -> str:
        """The region of the environment; "" when it names none."""
        return self._session.get_config_variable("region") or ""

    def ask(
        self, service: str, region: str, action: str, parameters: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Return the answer to one call; None when it was refused.

        Raises:
          SetupError: nobody answers, nobody may ask, or DescribeTrails is refused.
        """
        try:
            client = self._clients.get((service, region))
            if client is None:
                client = self._session.create_client(
                    service, region_name=region, endpoint_url=self._url or None, config=_CONFIG
                )
                self._clients[service, region] = client
            answer: Mapping[str, Any] = getattr(client, xform_name(action))(**parameters)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == _NO_RULES:
                return {"Rules": []}
            if action == "DescribeTrails":
                raise SetupError(f"DescribeTrails in {region} was refused: {error}") from error
            return None
        except (BotoCoreError, ValueError) as error:
            raise SetupError(
                f"{service} in {region} cannot be asked ({error}); expected an endpoint and"
                " credentials, in the environment or by --endpoint"
            ) from error
        return answer
