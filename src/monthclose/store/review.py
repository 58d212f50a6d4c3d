"""What an import submits, keeps, submits again or withdraws, of what a second person approves."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Table, case
from sqlalchemy.orm import Session

from monthclose.ledger.errors import CloseError

IN_FORCE = ("submitted", "approved")
"""A run takes what is submitted; a lock needs it approved."""

REPLACED = "an import says otherwise"


class ApprovedStands(CloseError):
    """An import says otherwise than what was approved or reversed, and has the same code."""

    code = "import-approved-stands"

    def __init__(self, kind: str, subject: str) -> None:
        super().__init__(kind=kind, subject=subject)


@dataclass(frozen=True, slots=True)
class Stored:
    """A reviewed row: its id, how far its review is, the hash of its content if it has one."""

    id: UUID
    status: str
    hash: bytes = b""

    @property
    def in_force(self) -> bool:
        """Whether a run takes it."""
        return self.status in IN_FORCE


def settle[Key](
    session: Session, table: Table, stored: Mapping[Key, Stored], wanted: Collection[Key]
) -> tuple[list[Key], int]:
    """
    Bring reviewed rows to what an import says, rows being told apart by what they say.

    Args:
        session: Its user is a manager.
        table: Of the rows.
        stored: All there are, whatever became of their review.
        wanted: What there should be.

    Returns:
        What is missing, to be inserted as submitted; and how many rows changed.

    Raises:
        ApprovedStands: one that is wanted was approved and then reversed.
    """
    wanted = set(wanted)
    again: list[UUID] = []
    for key in wanted & stored.keys():
        if stored[key].status == "reversed":
            raise ApprovedStands(table.name, str(key))
        if not stored[key].in_force:
            again.append(stored[key].id)
    if again:
        session.execute(table.update().where(table.c.id.in_(again)).values(status="submitted"))
    gone = withdraw(session, table, [each for key, each in stored.items() if key not in wanted])
    return [key for key in wanted if key not in stored], len(again) + gone


def withdraw(session: Session, table: Table, rows: Iterable[Stored]) -> int:
    """Take back what is in force: what was submitted is rejected, what was approved reversed."""
    ids = [each.id for each in rows if each.in_force]
    if ids:
        status = table.c.status
        session.execute(
            table.update()
            .where(table.c.id.in_(ids))
            .values(
                status=case((status == "submitted", "rejected"), else_="reversed"),
                decision_reason=REPLACED,
            )
        )
    return len(ids)
