"""``nines policy explain``: why a call to the key service is allowed or denied.

What does not belong here: the engine (regions/policy/), and the files (scenarios/inquiry.py).
"""

import json
from pathlib import Path
from typing import Any, Final

import click

from scenarios.commands.shared import PROMISE_BROKEN, PROMISES_HOLD, InputError, Load, write

_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.command("policy", short_help="Say why a call is allowed or denied.")
@click.argument("what", type=click.Choice(["explain"]))
@click.option("--principal", metavar="ARN", required=True,
              help="A user, role, role's session or account's root; or a service, such as"
              " sqs.amazonaws.com.")
@click.option("--action", metavar="ACTION", required=True, help="Such as kms:Decrypt.")
@click.option("--key", metavar="KEY", default="",
              help="Id, ARN or alias of the key; with files, an ARN.")
@click.option("--region", metavar="REGION", default="", help="By default the key's.")
@click.option("--context", multiple=True, metavar="NAME=VALUE",
              help="A pair of the encryption context; may be given again.")
@click.option("--parameter", multiple=True, metavar="NAME=JSON",
              help="A parameter of the action, such as PendingWindowInDays=7; may be given again.")
@click.option("--condition", multiple=True, metavar="KEY=VALUE",
              help="A condition key, such as aws:SourceVpce=vpce-1; may be given again.")
@click.option("--via", metavar="SERVICE", default="",
              help="A service that calls for the principal, such as s3.")
@click.option("--source-ip", metavar="ADDRESS", default="", help="The caller's address.")
@click.option("--source-arn", metavar="ARN", default="",
              help="The resource on whose behalf a service calls.")
@click.option("--grant-token", multiple=True, metavar="TOKEN",
              help="A grant token that comes with the call; may be given again.")
@click.option("--key-policy", type=_FILE, metavar="FILE",
              help="Take everything from files: the key's policy, or - for the default one.")
@click.option("--identity-policy", multiple=True, type=_FILE, metavar="FILE",
              help="With --key-policy: a policy of the principal; may be given again.")
@click.option("--session-policy", multiple=True, type=_FILE, metavar="FILE",
              help="With --key-policy: a policy of the principal's session; may be given again.")
@click.option("--boundary", type=_FILE, metavar="FILE",
              help="With --key-policy: the principal's permissions boundary.")
@click.option("--grants", type=_FILE, metavar="FILE",
              help="With --key-policy: grants on the key, as ListGrants answers.")
@click.option("--key-tag", multiple=True, metavar="NAME=VALUE",
              help="With --key-policy: a tag of the key; may be given again.")
@click.option("--principal-tag", multiple=True, metavar="NAME=VALUE",
              help="With --key-policy: a tag of the principal; may be given again.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              default=Path(".nines/serve"), show_default=True,
              help="Without --key-policy: the data folder of the running server that is asked.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def command(_load: Load, /, what: str, *, as_json: bool, **options: Any) -> int:  # noqa: ARG001 - explain is all it does
    """Say whether a call is allowed, which statement or grant decides, and why the others do not.

    A running `nines serve` is asked, or with --key-policy only files are read:

    \b
    nines policy explain --action kms:Decrypt --key alias/orders \\
      --principal arn:aws:iam::123456789012:user/ana
    nines policy explain --action kms:Encrypt --key-policy key.json \\
      --principal arn:aws:iam::123456789012:role/app --identity-policy app.json

    The exit status is 0 if it is allowed, 1 if it is denied.
    """  # noqa: D301 - click reads the real backspace
    from scenarios import inquiry  # noqa: PLC0415 - `nines --help` need not wait

    try:
        found = inquiry.answer(options)
    except inquiry.QuestionError as error:
        raise InputError(str(error)) from error
    write(json.dumps(found, indent=2) + "\n" if as_json else _told(found, options))
    return PROMISES_HOLD if found["allowed"] else PROMISE_BROKEN


def _told(found: dict[str, Any], options: dict[str, Any]) -> str:
    action = options["action"]
    verdict = "allowed" if found["allowed"] else "denied"
    on = "" if found["resource"] == "*" else f" on {found['resource']}"
    lines = [f"{verdict}: {action}{on} for {found['principal']}"]
    if found["message"]:
        lines.append(f"  {found['message']}")
    if found["decisive"]:
        lines += ["", "what decides"]
        lines += [_line(one) for one in found["decisive"]]
    if found["others"]:
        lines += ["", "what else there is"]
        lines += [_line(one) for one in found["others"]]
    return "\n".join(lines) + "\n"


def _line(one: dict[str, Any]) -> str:
    does = "applies" if one["applies"] else "does not apply"
    why = f": {one['why']}" if one["why"] else ""
    return f"  {one['where']}, {one['name']}: {one['effect']}, {does}{why}"
