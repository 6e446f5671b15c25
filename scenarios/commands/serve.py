"""``nines serve``: the regions on the wall clock, behind the real AWS wire.

What does not belong here: what serves (regions/live/).
"""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from scenarios.commands.shared import (
    PROMISES_HOLD,
    InputError,
    Integer,
    Load,
    check_writable,
    complain,
    write,
)


class Port(Integer):
    """A TCP port; 0 is any that is free."""

    name, lowest, highest = "port", 0, 65_535


class Speed(click.ParamType[float]):
    """How many times faster than the wall clock."""

    name = "speed"

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> float:
        """Return the factor."""
        try:
            number = float(value)
        except ValueError:
            number = 0.0
        if not 1 <= number <= 1e6:
            raise InputError(f"speed {value!r} is not a number from 1 to 1000000")
        return number


@click.command("serve", short_help="Run the regions behind the real AWS wire.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              default=Path(".nines/serve"), show_default=True, help="Where everything is kept.")
@click.option("--port", type=Port(), default=4599, show_default=True, metavar="N",
              help="For all services and regions; 0: any that is free.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST",
              help="Where to listen.")
@click.option("--regions", default="", metavar="R,R",
              help="By default those of the data folder, or three.")
@click.option("--auth", type=click.Choice(["sigv4", "off"]), default="sigv4", show_default=True,
              help="off: whoever says which account he is, is its root.")
@click.option("--fsync", type=click.Choice(["always", "batch"]), default="always",
              show_default=True,
              help="batch: a power loss of this machine may cost the last 5 ms.")
@click.option("--realistic", is_flag=True,
              help="Eventual reads, request quotas, and a safe that takes hours to open.")
@click.option("--speed", type=Speed(), default=1.0, metavar="N",
              help="The calendar goes so many times faster than the wall clock.")
@click.option("--admin-port", type=Port(), default=0, metavar="N",
              help="Of the admin interface; by default any that is free.")
@click.option("--unsupported", default="", metavar="S,S",
              help="Services whose calls leave no events, such as sns.")
@click.option("--allow-reset", is_flag=True, help="Let POST /reset clear all state.")
@click.option("--log", "log_file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
              metavar="FILE", help="JSON lines of every answer; -: standard error.")
@click.option("--tls-cert", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Serve HTTPS with this certificate (PEM).")
@click.option("--tls-key", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The certificate's key, if it is not in the same file.")
@click.pass_obj
def command(_load: Load, /, **options: Any) -> int:
    """Serve KMS, CloudTrail and what they need to real clients, until Ctrl-C.

    boto3, the AWS CLI and the AWS Encryption SDK work unchanged: set the lines that are printed
    at the start. Data survives kill -9; a second start on the same folder goes on with it.

    Without the extra `serve` (pip install 'elevennines[serve]') there are no Prometheus metrics
    and no --log; everything else is there. Queries of event data stores are not modelled, so the
    extra `query` adds nothing yet.
    """
    from regions.live import serve  # noqa: PLC0415 - `nines --help` need not wait
    from regions.live.instance import Instance, NotServing  # noqa: PLC0415
    from regions.live.journal import Journal  # noqa: PLC0415
    from regions.live.settings import Settings, SettingsError  # noqa: PLC0415
    from regions.root_key import RootKeyError  # noqa: PLC0415
    from scenarios.places import impossible  # noqa: PLC0415
    from sim.data_folder import DataFolderError  # noqa: PLC0415

    settings = Settings(
        data=options["data"],
        regions=tuple(name for name in options["regions"].split(",") if name),
        fsync=options["fsync"],
        auth=options["auth"],
        realistic=options["realistic"],
        speed=options["speed"],
        host=options["host"],
        port=options["port"],
        admin_port=options["admin_port"],
        tls_certificate=options["tls_cert"],
        tls_key=options["tls_key"],
        allow_reset=options["allow_reset"],
        unsupported=tuple(name for name in options["unsupported"].split(",") if name),
        environment=dict(os.environ),
    )
    try:
        with _log(options["log_file"]) as stream:
            journal = Journal(stream)
            instance = Instance(settings, lambda error: _report(journal, error))
            body = partial(
                serve.serve,
                instance,
                lambda port: _greet(instance, port),
                impossible=impossible,
                journal=journal,
            )
            try:
                instance.world.run(body)
            finally:
                instance.close()
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed; expected `pip install 'elevennines[serve]'`"
        ) from error
    except (DataFolderError, RootKeyError, SettingsError, NotServing) as error:
        raise InputError(str(error)) from error
    return PROMISES_HOLD


@contextmanager
def _log(path: Path | None) -> Iterator[TextIO | None]:
    """Yield where log lines go; None: nowhere."""
    if path is None or str(path) == "-":
        yield None if path is None else sys.stderr
        return
    check_writable(path)
    with path.open("a", encoding="utf-8", buffering=1) as stream:
        yield stream


def _report(journal: Any, error: BaseException) -> None:
    """Say that an actor failed; a supervisor starts it again."""
    journal.happened("actor-failed", error=type(error).__name__)
    complain(f"an actor failed and is started again: {type(error).__name__}: {error}")
    traceback.print_exception(error, file=sys.stderr)


def _greet(instance: Any, port: int) -> None:
    """Print what a client needs."""
    settings = instance.settings
    scheme = "http" if settings.tls_certificate is None else "https"
    region = next(iter(instance.topology.regions))
    write(
        f"# serving {', '.join(instance.topology.regions)} from {instance.data}; stop with Ctrl-C\n"
        f"export AWS_ENDPOINT_URL={scheme}://{settings.host}:{port}\n"
        f"{_key_lines(instance.first_key)}"
        f"export AWS_DEFAULT_REGION={region}\n"
    )


def _key_lines(key: Any) -> str:
    """Return the lines that name an access key; a secret is told once."""
    if key is None:  # Whoever says which account he is, is believed.
        return "export AWS_ACCESS_KEY_ID=123456789012\nexport AWS_SECRET_ACCESS_KEY=none\n"
    if not key.access_key_id:
        return (
            "# the root of 123456789012 has no access key that works;\n"
            "# `nines credentials add --account 123456789012` makes one\n"
        )
    named = f"export AWS_ACCESS_KEY_ID={key.access_key_id}\n"
    if not key.secret_access_key:
        return (
            f"{named}# its secret was printed at the first start; "
            "`nines credentials add --account 123456789012` makes another key\n"
        )
    return f"{named}export AWS_SECRET_ACCESS_KEY={key.secret_access_key}\n"
