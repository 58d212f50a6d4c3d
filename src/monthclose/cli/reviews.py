"""Commands on what waits for a second person: shown, and decided one by one or by the hundred."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from monthclose.cli.call import FAILURE, OK, Call
from monthclose.cli.pulled import error_payload
from monthclose.cli.switching import agreed
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.money import Money
from monthclose.store.decisions import SHORTEST, Decided, Decisions, Waits
from monthclose.store.errors import OwnWork
from monthclose.wiring.build import open_desk
from monthclose.wording import say

SHOWN = 100
"""Things of one kind that are printed when it was asked for; `--json` has all."""

FEW = 5
"""Of each kind that are shown when no kind was asked for."""

FACT = 40
"""Characters of a fact that are printed."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """
    What is to be decided, as the command line names it.

    Attributes:
        ids: Beginnings of ids.
        kind: Only of this kind, or empty.
        entity: Only of this company, or empty.
        everything: Whether all that waits is meant.
        sure: Whether nobody has to be asked.
    """

    ids: Sequence[str]
    kind: str = ""
    entity: str = ""
    everything: bool = False
    sure: bool = False

    @property
    def by_name(self) -> bool:
        """Whether each is named, so that nothing is decided that nobody has seen."""
        return bool(self.ids)


def run_review_list(how: Call, kind: str, user: str, portfolio: str) -> int:
    """Show what waits for a second person."""
    with open_desk(how.settings(), user, portfolio) as desk:
        waiting = desk.decisions.waiting(kind)
    if not waiting:
        how.out.say("review-none")
    else:
        table = Table(box=None, pad_edge=False)
        for key in ("id", "kind", "what", "by"):
            table.add_column(say(f"cli.review-{key}", how.lang))
        kinds = Counter(each.kind for each in waiting)
        most = SHOWN if kind else FEW
        # What waits alone is seen first: an import submits hundreds of one kind.
        for name in sorted(kinds, key=lambda each: (kinds[each], each)):
            for each in [each for each in waiting if each.kind == name][:most]:
                what = Text(_told(each))
                table.add_row(str(each.id)[: SHORTEST + 2], each.kind, what, each.by)
        how.out.console.print(table)
        for name, count in sorted(kinds.items()):
            if count > most:
                how.out.say("review-more", "dim", count=count - most, kind=name)
    how.answer({"waiting": [_waits(each) for each in waiting]})
    return OK


def run_review(
    how: Call, chosen: Chosen, reason: str, user: str, portfolio: str, *, approve: bool
) -> int:
    """Approve or reject what waits; what the person had a part in is left to somebody else."""
    if not (chosen.ids or chosen.kind or chosen.entity or chosen.everything):
        how.err.say("review-which", "bold red")
        return FAILURE
    with open_desk(how.settings(), user, portfolio) as desk:
        decisions = desk.decisions
        found = decisions.choose(chosen.ids, chosen.kind, chosen.entity)
        if chosen.by_name and len(found) == 1:
            decisions.decide(found[0], approve=approve, reason=reason)
            done: tuple[Decided, ...] = (Decided(found[0]),)
        else:
            if not chosen.by_name:
                _say_summary(how, decisions, found)
            key = "review-sure-approve" if approve else "review-sure-reject"
            asked = bool(found) and not (chosen.by_name or chosen.sure)
            if asked and not agreed(how, say(f"cli.{key}", how.lang, count=len(found))):
                how.err.say("not-confirmed", "yellow")
                return FAILURE
            done = decisions.decide_all(found, approve=approve, reason=reason)
    _say_decided(how, done, approve=approve)
    how.answer(
        {
            "approved" if approve else "rejected": [
                _waits(each.waits) for each in done if each.error is None
            ],
            "skipped": [
                {**_waits(each.waits), **error_payload(each.error, how.lang)}
                for each in done
                if each.error is not None
            ],
        }
    )
    return _code(done, chosen)


def _code(done: Sequence[Decided], chosen: Chosen) -> int:
    """Own work among many is left to somebody else; anything else that fails is a failure."""
    errors = [each.error for each in done if each.error is not None]
    own = all(isinstance(each, OwnWork) for each in errors)
    some = len(errors) < len(done) or not done
    return OK if not errors or (own and some and not chosen.by_name) else FAILURE


def _say_summary(how: Call, decisions: Decisions, found: Sequence[Waits]) -> None:
    """How many things of each kind and company, and what they add up to."""
    if not found:
        how.out.say("review-none")
    counts = Counter((each.kind, each.entity or "–") for each in found)
    for (kind, entity), count in sorted(counts.items()):
        how.out.say("review-count", kind=kind, entity=entity, count=count)
    for (kind, currency), total in sorted(decisions.totals(found).items()):
        size = Money(int(total.scaleb(minor_digits(currency))), currency)
        how.out.say("review-total", "bold", kind=kind, size=size)


def _say_decided(how: Call, done: Sequence[Decided], *, approve: bool) -> None:
    """What was decided, the first of each kind by name, and what was not and why."""
    key, shown = "review-approved" if approve else "review-rejected", Counter[str]()
    decided = [each.waits for each in done if each.error is None]
    for waits in decided:
        shown[waits.kind] += 1
        if shown[waits.kind] <= FEW:
            how.out.say(key, "green", kind=waits.kind, what=_told(waits))
    for kind, count in sorted(shown.items()):
        if count > FEW:
            how.out.say(f"{key}-more", "green", kind=kind, count=count - FEW)
    said = Counter(each.error.message(how.lang) for each in done if each.error is not None)
    for message, count in said.items():
        how.err.say("review-skipped", "yellow", count=count, said=message)


def _told(waits: Waits) -> str:
    """What waits, in a line: the company, and each fact with its column."""
    facts = [f"{name} {value[:FACT]}" for name, value in waits.facts.items()]
    return " · ".join([waits.entity, *facts] if waits.entity else facts)


def _waits(waits: Waits) -> dict[str, Any]:
    return {
        "id": str(waits.id),
        "kind": waits.kind,
        "entity": waits.entity,
        "facts": dict(waits.facts),
        "submitted_by": waits.by,
        "submitted_at": waits.at.isoformat(timespec="seconds"),
    }
