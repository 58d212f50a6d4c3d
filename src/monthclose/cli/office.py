"""Commands on people: who they are and what they may see and change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from monthclose.cli.call import OK, Call
from monthclose.store.members import Member
from monthclose.wiring.build import open_desk
from monthclose.wiring.database import OPERATOR
from monthclose.wording import say


@dataclass(frozen=True, slots=True)
class Granted:
    """
    What somebody is granted.

    Attributes:
        login: Of a member.
        entities: Codes; none: all, unless the group alone is meant.
        of_group: Whether the group's figures are meant.
        write: Whether figures may be written too.
        revoke: Whether it is taken back.
    """

    login: str
    entities: Sequence[str]
    of_group: bool
    write: bool
    revoke: bool


def run_user_add(how: Call, who: tuple[str, str, str, str], user: str, portfolio: str) -> int:
    """Make a person, by login, name, address and role, a member of the portfolio."""
    settings = how.settings()
    with open_desk(settings, user or settings.user or OPERATOR, portfolio) as desk:
        member = desk.members.add(*who)
    how.out.say("user-added", "green", login=member.login, role=member.role)
    how.answer(_member(member))
    return OK


def run_user_list(how: Call, user: str, portfolio: str) -> int:
    """Show the people of the portfolio."""
    settings = how.settings()
    with open_desk(settings, user or settings.user or OPERATOR, portfolio) as desk:
        members = desk.members.all()
    table = Table(box=None, pad_edge=False)
    for key in ("login", "name", "role", "reads", "writes", "of-group"):
        table.add_column(say(f"cli.user-{key}", how.lang))
    for each in members:
        group = "rw" if each.group_write else "r" if each.group_read else "–"
        style = "" if each.active else "dim strike"
        counts = (str(len(each.reads)), str(len(each.writes)))
        cells = (each.login, each.name, each.role, *counts, group)
        table.add_row(*(Text(cell, style=style) for cell in cells))
    how.out.console.print(table)
    how.answer({"users": [_member(each) for each in members]})
    return OK


def run_user_grant(how: Call, granted: Granted, user: str, portfolio: str) -> int:
    """Grant companies, or the group's figures, or take them back."""
    settings, read, count = how.settings(), not granted.revoke, 0
    with open_desk(settings, user or settings.user or OPERATOR, portfolio) as desk:
        if granted.of_group:
            desk.members.grant_group(granted.login, write=granted.write, read=read)
        if granted.entities or not granted.of_group:
            count = desk.members.grant(
                granted.login, granted.entities, write=granted.write, read=read
            )
    key = "user-granted" if read else "user-revoked"
    how.out.say(key, "green", login=granted.login, count=count)
    how.answer(
        {
            "login": granted.login,
            "companies": count,
            "group": granted.of_group,
            "revoked": granted.revoke,
        }
    )
    return OK


def run_user_active(how: Call, login: str, active: bool, user: str, portfolio: str) -> int:
    """Let a person act, or no longer."""
    settings = how.settings()
    with open_desk(settings, user or settings.user or OPERATOR, portfolio) as desk:
        member = desk.members.set_active(login, active=active)
    how.out.say("user-enabled" if active else "user-disabled", "green", login=login)
    how.answer(_member(member))
    return OK


def _member(each: Member) -> dict[str, Any]:
    return {
        "login": each.login,
        "name": each.name,
        "role": each.role,
        "active": each.active,
        "group_read": each.group_read,
        "group_write": each.group_write,
        "reads": list(each.reads),
        "writes": list(each.writes),
    }
