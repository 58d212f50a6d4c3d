"""The demonstration: a made-up group, by the same roads as any other, from ERP to workbook."""

from typing import Any

from monthclose.cli.call import Call
from monthclose.cli.closing import close_shown, import_shown
from monthclose.cli.pulled import show_pulled
from monthclose.close.runner import CloseOutcome
from monthclose.ledger.extractions import Outcome
from monthclose.wiring.build import Desk, open_desk
from monthclose.wiring.database import OPERATOR
from monthclose.wiring.demo import Connected, DemoGroup, connected, write_demo

WELL = (Outcome.TAKEN, Outcome.STANDING)


def run_demo(how: Call, entities: int, *, real_limits: bool = False) -> int:
    """Close a month of a group that the product makes itself, end to end."""
    settings = how.settings()
    group = write_demo(settings, entities)
    how.out.say("demo-folder", path=group.folder, count=entities)
    with open_desk(settings, "", portfolio=None) as desk:
        how.out.say("demo-database", where=desk.where)
        payload: dict[str, Any] = {
            "folder": str(group.folder),
            "import": import_shown(how, desk, group.folder),
        }
        if group.stands(desk):
            how.out.say("demo-stands", period=group.period, count=entities)
            code, closed = close_shown(how, desk, group.period)
        else:
            code, closed = _read_and_closed(how, desk, group, payload, real_limits=real_limits)
    how.out.say("demo-next", "dim", period=group.period)
    how.answer(payload | closed)
    return code


def _read_and_closed(
    how: Call, desk: Desk, group: DemoGroup, payload: dict[str, Any], *, real_limits: bool
) -> tuple[int, dict[str, Any]]:
    """Connect every company, close the month with what is read, add to *payload* what was done."""
    with connected(desk, group, real_limits=real_limits) as made:
        how.out.say(
            "demo-connected",
            count=len(group.world.members),
            erps=", ".join(sorted({each.erp for each in group.world.members.values()})),
            hosts=len(made.let_in),
            operator=OPERATOR,
            manager=desk.login,
        )
        how.out.say("demo-papers", papers=made.papers, quotes=made.quotes)

        def shown(outcome: CloseOutcome) -> None:
            _say_read(how, group.period, made, outcome)

        code, closed = close_shown(how, desk, group.period, pull=True, shown=shown)
        payload["connected"] = {
            "let_in": list(made.let_in),
            "papers": made.papers,
            "quotes": made.quotes,
            "faults": made.faults,
        }
    return code, closed


def _say_read(how: Call, period: str, made: Connected, outcome: CloseOutcome) -> None:
    """What was read, in a line; company by company only where something went wrong."""
    how.out.say(
        "demo-pulled",
        period=period,
        count=sum(each.outcome in WELL for each in outcome.extractions),
        answers=sum(each.documents for each in outcome.extractions),
        seconds=f"{outcome.reading_s:.1f}",
        faults=made.faults,
    )
    if wrong := [each for each in outcome.extractions if each.outcome not in WELL]:
        show_pulled(how, wrong)
