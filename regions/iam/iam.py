"""IAM: one for the whole world; it knows users, roles, policies and keys, and who a caller is.

Its records go to the trail of the region where it stands.
What does not belong here: what IAM knows (directory.py), any one action (operations/), and
sessions, which it can read but does not make (sts/).
Source: IAM User Guide; a session without a second factor is kept out as "Compare AWS STS
credentials" has it.
"""

from typing import Any, ClassVar, Final

from regions.iam.changes import IAM_CHANGES, AccessKey, Role, User
from regions.iam.directory import Directory
from regions.iam.errors import NoSuchEntity, SessionNotAllowed
from regions.iam.messages import (
    AddCredentials,
    AddedCredentials,
    ClearDirectory,
    Credential,
    Credentials,
    FindPrincipal,
    FindRole,
    FoundPrincipal,
    FoundRole,
    ListCredentials,
    NoSuchAccessKey,
    NoSuchPrincipal,
    NoSuchRole,
    Resolve,
    Resolved,
)
from regions.iam.operations import OPERATIONS
from regions.iam.operations.create_access_key import new_key
from regions.iam.principals import holder_of, named_by, session_of
from regions.iam.vault import Vault
from regions.names import partition
from regions.service.operation import Desk, Operation
from regions.service.service import Service
from regions.service.state import state_codec
from regions.sts.token import BATTERY, Tokens
from sim.actor import Request
from sim.promise import Promise
from sim.wire import Message

#: Names of the bytes under which secrets are sealed.
_VAULT: Final = ("iam", "access keys")
_KEY_BYTES: Final = 32
#: Principals whose sessions come from GetSessionToken.
_LONG_LIVED: Final = ("IAMUser", "Root")


class Iam(Service):
    """The one IAM of a world."""

    kind = "iam"
    service, source = "iam", "iam.amazonaws.com"
    after_year = ""
    operations = OPERATIONS
    codec = state_codec(IAM_CHANGES)
    inline: ClassVar[frozenset[type[Any]]] = frozenset(
        {Resolve, FindRole, FindPrincipal, ListCredentials}
    )

    def new_state(self) -> Directory:
        """Return a directory in which nobody is."""
        vault = Vault(self.battery(*_VAULT)(_KEY_BYTES), self.entropy("iam"))
        return Directory(partition(self.config.region), vault)

    def start(self) -> None:
        """Read the journal, and get ready to read tokens."""
        super().start()
        assert isinstance(self.state, Directory), "made by new_state"
        self.directory = self.state
        self.tokens = Tokens(self.battery(*BATTERY)(_KEY_BYTES))

    def authorize(self, desk: Desk, operation: Operation) -> None:
        """Refuse what no policy allows, and sessions that may never ask."""
        principal = desk.call.principal
        if principal.kind in _LONG_LIVED and principal.session_ns and not principal.mfa_ns:
            raise SessionNotAllowed("The security token included in the request is invalid")
        super().authorize(desk, operation)

    def receive(self, request: Request) -> None:
        """Answer what is no API call, from what is known now."""
        body = request.body
        if isinstance(body, Resolve):
            found = self._resolve(body)
            request.reply(NoSuchAccessKey(body.access_key_id) if found is None else found)
        elif isinstance(body, FindRole):
            role = self.directory.seek_arn(Role, body.arn)
            request.reply(NoSuchRole(body.arn) if role is None else _found(self.directory, role))
        elif isinstance(body, FindPrincipal):
            who = named_by(self.directory, body.arn)
            request.reply(
                NoSuchPrincipal(body.arn) if who is None else FoundPrincipal(principal=who)
            )
        else:
            request.reply(self._credentials())

    async def serve(self, request: Request) -> None:
        """Take an API call, or do what who runs the world wants."""
        if isinstance(request.body, AddCredentials):
            await self._add(request, request.body)
        elif isinstance(request.body, ClearDirectory):
            await self._change(list(self.directory.but_roots()))
            request.reply(self._credentials())
        else:
            await super().serve(request)

    def _resolve(self, asked: Resolve) -> Resolved | None:
        state, key_id = self.directory, asked.access_key_id
        key = state.keys.get(key_id)
        if key is not None:
            if not key.active:
                return None
            secret = state.vault.open(key.sealed, key_id)
            return Resolved(principal=holder_of(state, key), secret_access_key=secret)
        opened = self.tokens.open(asked.session_token) if asked.session_token else None
        if opened is None or opened[0].access_key_id != key_id:
            return None
        claims, secret = opened
        principal = session_of(state, claims)
        if principal is None:
            return None
        return Resolved(
            principal=principal,
            secret_access_key=secret,
            session_token=asked.session_token,
            expires_ns=claims.expires_ns,
        )

    async def _add(self, request: Request, asked: AddCredentials) -> None:
        state = self.directory
        try:
            if asked.user:
                state.find(User, asked.account, asked.user)
        except NoSuchEntity as error:
            request.refuse(error)
            return
        key, secret = new_key(state, asked.account, asked.user, self.calendar_ns)
        await self._change([key])
        request.reply(AddedCredentials(credential=_credential(key), secret_access_key=secret))

    async def _change(self, changes: list[Message]) -> None:
        """Take changes over that no API call makes, durably."""
        for change in changes:
            self.directory.apply(change)
        durable = Promise(self)
        self.journal.keep(changes, self.directory, lambda: durable.set(None))
        await durable.wait()

    def _credentials(self) -> Credentials:
        keys = sorted(self.directory.keys.values(), key=lambda key: key.created_ns)
        return Credentials(credentials=tuple(_credential(key) for key in keys))


def _found(directory: Directory, role: Role) -> FoundRole:
    return FoundRole(
        account=role.account,
        name=role.name,
        role_id=role.role_id,
        arn=directory.arn(role),
        trust=role.trust,
        max_session_s=role.max_session_s,
        tags=role.tags,
    )


def _credential(key: AccessKey) -> Credential:
    return Credential(
        access_key_id=key.access_key_id,
        account=key.account,
        user=key.user,
        active=key.active,
        created_ns=key.created_ns,
    )
