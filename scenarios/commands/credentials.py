"""``nines credentials``: the access keys of a running server.

What does not belong here: what an access key is (regions/iam/).
"""

from pathlib import Path

import click

from scenarios.commands.shared import PROMISES_HOLD, InputError, Load, write


@click.command("credentials", short_help="List a running server's access keys, or add one.")
@click.argument("what", type=click.Choice(["list", "add"]), default="list")
@click.option("--account", metavar="N", help="Of a key to add: twelve digits.")
@click.option("--user", metavar="NAME", default="",
              help="An IAM user of the account; by default its root.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              default=Path(".nines/serve"), show_default=True, help="The server's data folder.")
@click.pass_obj
def command(_load: Load, /, what: str, account: str | None, user: str, data: Path) -> int:
    """List access keys without their secrets, or add one and print its secret once."""
    from scenarios.admin_client import ask  # noqa: PLC0415 - `nines --help` need not wait

    if what == "list":
        if account or user:
            raise InputError("`nines credentials list` shows all; expected no --account or --user")
        for key in ask(data, "GET", "/credentials"):
            who = f"user {key['user']}" if key["user"] else "root"
            write(f"{key['access_key_id']}  {key['account']}  {who}  {key['status']}\n")
        return PROMISES_HOLD
    if not account:
        raise InputError("`nines credentials add` makes a key; expected --account N")
    made = ask(data, "POST", "/credentials", {"account": account, "user": user})
    write(
        f"export AWS_ACCESS_KEY_ID={made['access_key_id']}\n"
        f"export AWS_SECRET_ACCESS_KEY={made['secret_access_key']}\n"
    )
    return PROMISES_HOLD
