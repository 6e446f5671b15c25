"""Makes sessions and clients of boto3 that know nothing of the machine that they run on.

Neither environment variables nor files under ``~/.aws`` lead such a session anywhere. All of them
share one loader, so that a service's model is read once in a process.
What does not belong here: what serves them (wire.py).
Source: botocore, configprovider.py (variables of a session) and loaders.py.
"""

import copy
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

import botocore.session
from botocore.config import Config
from botocore.loaders import Loader, create_loader

from scenarios.kit.pace import Now, in_virtual_time

try:
    import boto3
    from boto3.s3.transfer import TransferConfig
except ImportError as error:
    raise ImportError(
        "boto3 is not installed; expected the extra: pip install 'elevennines[kit]'"
    ) from error

#: These are given as no file at all; no variable stands for them.
_FILES: Final = ("config_file", "credentials_file")
_CREDENTIALS: Final = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


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


#: Methods of an S3 client that boto3 has done by a pool of threads.
_TRANSFERS: Final = ("upload_file", "upload_fileobj", "download_file", "download_fileobj", "copy")


def without_threads(client: Any) -> None:
    """Have a client's transfers done in the caller's own thread: their order is part of a run."""
    for name in _TRANSFERS:
        method = getattr(client, name, None)
        if method is not None:
            setattr(client, name, _in_this_thread(method))


def _in_this_thread(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def transfer(*args: Any, **options: Any) -> Any:
        names = inspect.signature(method).bind(*args, **options).arguments
        config = copy.copy(names.pop("Config", None) or TransferConfig())
        config.use_threads = False
        return method(**names, Config=config)

    return transfer


#: What would lead requests to other places than the cloud.
_ALONE: Final = Config(ignore_configured_endpoint_urls=True)
#: Told of each new client, its service and its region.
Made = Callable[[Any, str, str], None]


def alone(config: Config | None) -> Config:
    """Return a client's configuration without endpoints that the environment names."""
    return _ALONE if config is None else _ALONE.merge(config)


#: Somebody makes a client and serves it himself: whoever is told of every client lets it be.
_SERVED: Final[ContextVar[bool]] = ContextVar("nines-served", default=False)


@contextmanager
def served(now: Now) -> Iterator[None]:
    """Make clients within the block that nobody else serves, and whose time is ``now``."""
    token = _SERVED.set(True)
    try:
        with in_virtual_time(now):
            yield
    finally:
        _SERVED.reset(token)


def watch(session: Any, made: Made, now: Now) -> None:
    """Have ``made`` told of each client of one boto3 session, whose time is ``now``."""
    inner = session._session  # noqa: SLF001 - boto3 has no other way to its botocore session
    create = inner.create_client

    def create_client(service_name: str, *args: Any, **options: Any) -> Any:
        options["config"] = alone(options.get("config"))
        with served(now):
            client = create(service_name, *args, **options)
        made(client, service_name, client.meta.region_name)
        return client

    inner.create_client = create_client


@contextmanager
def patched(
    made: Made, now: Now, *, region_by_default: str, **defaults: str | None
) -> Iterator[None]:
    """Have ``made`` told of every client that anybody makes, until the block ends.

    Args:
      region_by_default: of those who say none.
      defaults: credentials of those who say none.
    """
    found = botocore.session.Session.create_client

    @functools.wraps(found)
    def create_client(
        session: Any, service_name: str, region_name: str | None = None, *args: Any, **options: Any
    ) -> Any:
        if _SERVED.get():
            return found(session, service_name, region_name, *args, **options)
        region: str = region_name or session.get_config_variable("region") or region_by_default
        if args or options.get("aws_access_key_id"):
            given = options
        else:
            given = options | {name: defaults[name] for name in _CREDENTIALS}
        given["config"] = alone(given.get("config"))
        with served(now):
            client = found(session, service_name, region, *args, **given)
        made(client, service_name, region)
        return client

    botocore.session.Session.create_client = create_client
    try:
        yield
    finally:
        botocore.session.Session.create_client = found
