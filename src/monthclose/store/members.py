"""The people of a portfolio: who they are, what they may do, which companies are theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from monthclose.ledger.errors import CloseError
from monthclose.store.bulk import fetch
from monthclose.store.errors import NotGranted
from monthclose.store.session import acting

ROLES = ("admin", "manager", "analyst", "read-only")


class MemberUnknown(CloseError):
    """Nobody of that login belongs to the portfolio."""

    code = "member-unknown"

    def __init__(self, login: str) -> None:
        super().__init__(login=login)


class LoginRefused(CloseError):
    """A login that somebody has, or that none can be."""

    code = "login-refused"

    def __init__(self, login: str) -> None:
        super().__init__(login=login)


class RoleUnknown(CloseError):
    """There is no role of that name."""

    code = "role-unknown"

    def __init__(self, role: str) -> None:
        super().__init__(role=role, known=list(ROLES))


@dataclass(frozen=True, slots=True)
class Member:
    """
    A person in a portfolio.

    Attributes:
        id: Of the user.
        login: By which the person acts.
        name: In full.
        role: `admin`, `manager`, `analyst` or `read-only`.
        active: Whether the person may act.
        group_read: Whether the group's figures are shown.
        group_write: Whether the group's figures may be made.
        reads: Codes of the companies that are shown; an admin alone is told others'.
        writes: Codes of those that may be written.
    """

    id: UUID
    login: str
    name: str
    role: str
    active: bool
    group_read: bool
    group_write: bool
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """
    The people of a portfolio, as one of them sees and changes them.

    Attributes:
        engine: Of the application's role.
        user: Who acts.
        tenant: The portfolio.
    """

    engine: Engine
    user: UUID
    tenant: UUID

    def all(self) -> tuple[Member, ...]:
        """Everybody, by login."""
        with acting(self.engine, self.user) as session:
            return self._read(session)

    def add(self, login: str, name: str, email: str, role: str) -> Member:
        """
        Make a person a member with a role, and a user where there is none of that login.

        Raises:
            LoginRefused, RoleUnknown: what was given names nobody.
            NotGranted: the person acting is no admin.
        """
        if role not in ROLES:
            raise RoleUnknown(role)
        with acting(self.engine, self.user) as session:
            found = session.scalar(text("select public.find_user(:l)"), {"l": login})
            if found is None:
                try:
                    found = session.scalar(
                        text("select public.create_user(:l, :n, :m)"),
                        {"l": login, "n": name or login, "m": email or None},
                    )
                except IntegrityError:
                    raise LoginRefused(login) from None
            self._call(session, "select public.set_role(:t, :u, :r)", found, r=role)
            return self._one(session, login)

    def grant(self, login: str, entities: Sequence[str], *, write: bool, read: bool = True) -> int:
        """
        Grant companies, or take them back.

        Args:
            login: Of a member.
            entities: Codes; none: all of the portfolio.
            write: Whether figures may be written too.
            read: Whether to grant; otherwise they are taken back.

        Returns:
            How many companies.

        Raises:
            MemberUnknown, NotGranted, RoleCannotWrite: it cannot be granted.
        """
        with acting(self.engine, self.user) as session:
            member = self._one(session, login)
            rows = fetch(
                session,
                "select code, id from portfolio_entities where tenant_id = %(t)s",
                t=self.tenant,
            )
            ids = dict(rows)
            if not set(entities) <= ids.keys():
                raise NotGranted
            chosen = [ids[code] for code in entities] if entities else list(ids.values())
            self._call(
                session,
                "select public.grant_entities(:t, :u, :e, :r, :w)",
                member.id,
                e=chosen,
                r=read,
                w=write and read,
            )
        return len(chosen)

    def grant_group(self, login: str, *, write: bool, read: bool = True) -> None:
        """Grant the group's figures, or take them back."""
        with acting(self.engine, self.user) as session:
            member = self._one(session, login)
            statement = "select public.grant_group(:t, :u, :r, :w)"
            self._call(session, statement, member.id, r=read, w=write and read)

    def set_active(self, login: str, *, active: bool) -> Member:
        """Let a member act, or no longer: tokens end with the next request."""
        with acting(self.engine, self.user) as session:
            member = self._one(session, login)
            self._call(session, "select public.set_active(:t, :u, :a)", member.id, a=active)
        return replace(member, active=active)

    def _call(self, session: Session, statement: str, target: UUID, **facts: Any) -> None:
        """Call one of the functions that change rights."""
        session.execute(text(statement), {"t": self.tenant, "u": target, **facts})

    def _one(self, session: Session, login: str) -> Member:
        """The member of a login."""
        for each in self._read(session):
            if each.login == login:
                return each
        raise MemberUnknown(login)

    def _read(self, session: Session) -> tuple[Member, ...]:
        """Everybody, with what each was granted as far as it may be told."""
        people = fetch(session, "select * from public.members_of(%(t)s)", t=self.tenant)
        grants = fetch(
            session,
            "select g.user_id, e.code, g.can_read, g.can_write from public.grants_of(%(t)s) as g"
            "  join portfolio_entities as e on e.id = g.entity_id order by e.code",
            t=self.tenant,
        )
        told = [
            (
                *row,
                tuple(code for user, code, read, _ in grants if user == row[0] and read),
                tuple(code for user, code, _, write in grants if user == row[0] and write),
            )
            for row in people
        ]
        return tuple(Member(*each) for each in told)
