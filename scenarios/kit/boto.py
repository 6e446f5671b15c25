"""Makes sessions and clients of boto3 that know nothing of the machine that they run on.

Neither environment variables nor files under ``~/.aws`` lead such a session anywhere. All of them
share one loader, so that a service's model is read once in a process.
What does not belong here: what serves them (wire.py).
Source: botocore, configprovider.py (variables of a session) and loaders.py.
"""

from functools import cache
from typing import Any, Final

import botocore.session
from botocore.config import Config
from botocore.loaders import Loader, create_loader

try:
    import boto3
except ImportError as error:
    raise ImportError(
        "boto3 is not installed; expected the extra: pip install 'elevennines[kit]'"
    ) from error

#: These are given as no file at all; no variable stands for them.
_FILES: Final = ("config_file", "credentials_file")


@cache
def _loader() -> Loader:
    return create_loader()


def new_session(**defaults: Any) -> Any:
    """Return a boto3 session of its own.

    Args:
      defaults: region and credentials, as ``boto3.Session`` takes them.
    """
    names = botocore.session.Session.SESSION_VARIABLES
    alone = {name: (None, None, known[2], known[3]) for name, known in names.items()}
    session = botocore.session.Session(session_vars=alone)
    for name in _FILES:
        session.set_config_variable(name, "")
    session.register_component("data_loader", _loader())
    return boto3.Session(botocore_session=session, **defaults)


@cache
def shared_session() -> Any:
    """Return the one session that makes clients of every cloud: a new one takes milliseconds."""
    return new_session(
        region_name="us-east-1",
        aws_access_key_id="not used",
        aws_secret_access_key="not used",  # noqa: S106 - clients are given their own
    )


def timeouts_s(client: Any) -> tuple[float | None, float | None]:
    """Return a client's connect and read timeouts in seconds; None waits for ever."""
    config: Config = client.meta.config
    return config.connect_timeout, config.read_timeout
