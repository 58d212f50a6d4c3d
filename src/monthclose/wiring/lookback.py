"""Looks back at a month that was closed: what a figure came from, what moved between versions."""

import re
from dataclasses import dataclass
from pathlib import Path

from monthclose.analysis.differences import Difference, Figures, differ, figures_of
from monthclose.analysis.lineage import explain
from monthclose.analysis.metric_lineage import MRR_FIGURES, explain_metric
from monthclose.close.metrics import measure_month
from monthclose.close.steps import EntityDesk, inputs_hash
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book
from monthclose.ledger.errors import CloseError
from monthclose.ledger.lineage import Node
from monthclose.ledger.periods import Period
from monthclose.ledger.runs import CloseInputs, VersionRecord
from monthclose.store.versions import StoredVersions
from monthclose.wiring.build import VERSION, Desk

_LABEL = re.compile(r"(\d{4}-\d{2})(?:@([1-9]\d{0,8}))?", re.ASCII)


class VersionUnreadable(CloseError):
    """A text that is neither a month nor a version of one."""

    code = "version-unreadable"

    def __init__(self, text: str) -> None:
        super().__init__(text=text[:40])


class VersionNotRepeated(CloseError):
    """The stored inputs of a version give other figures than those stored."""

    code = "version-not-repeated"

    def __init__(self, label: str, stored: str, found: str, code: str) -> None:
        super().__init__(label=label, stored=stored[:16], found=found[:16], code=code, ours=VERSION)


class InputsNotRepeated(CloseError):
    """What a version keeps is not what its close read."""

    code = "inputs-not-repeated"

    def __init__(self, label: str, stored: str, found: str) -> None:
        super().__init__(label=label, stored=stored[:16], found=found[:16])


class OtherMonths(CloseError):
    """Two versions that are not of the same month."""

    code = "versions-of-other-months"

    def __init__(self, was: str, now: str) -> None:
        super().__init__(was=was, now=now)


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """
    A figure taken apart.

    Attributes:
        label: `2025-06@1`, or `2025-06` for a folder.
        book: The close it is of.
        tree: Where it came from.
    """

    label: str
    book: Book
    tree: Node


def version_of(text: str) -> tuple[str, int | None]:
    """
    Read `2025-06@1` as month and number; a month alone has no number.

    Raises:
        VersionUnreadable: it is neither.
        NotAPeriod: there is no such month.
    """
    found = _LABEL.fullmatch(text)
    if found is None:
        raise VersionUnreadable(text)
    Period.parse(found[1])
    return found[1], int(found[2]) if found[2] else None


def explain_stored(desk: Desk, label: str, figure: str, entity: str = "") -> Explained:
    """
    Take a figure of a stored version apart.

    The book is made again from the inputs that the version keeps, and has to have the hash
    of the figures as they were stored.

    Raises:
        VersionUnreadable, NotAPeriod: *label* names no version.
        VersionUnknown: there is no such version; which there are.
        NotGranted: the person does not see the portfolio whole.
        InputsNotRepeated: what it keeps is not what the close read.
        VersionNotRepeated: the inputs give other figures.
        FigureUnknown: there is no such figure; which there are.
    """
    version, engine, book = read_version(desk, label)
    return Explained(version.label, book, _explain(engine, book, figure, entity))


def _explain(engine: ConsolidationEngine, book: Book, figure: str, entity: str) -> Node:
    """A figure of the book, or of its metrics."""
    if figure not in book.chart and figure in MRR_FIGURES:
        return explain_metric(book, measure_month(engine, book), figure, entity)
    return explain(book, figure, entity, engine.month_before)


def read_version(desk: Desk, label: str) -> tuple[VersionRecord, ConsolidationEngine, Book]:
    """
    Read a stored version, and make its book again.

    Raises:
        VersionUnreadable, NotAPeriod: *label* names no version.
        VersionUnknown: there is no such version; which there are.
        NotGranted: the person does not see the portfolio whole.
        InputsNotRepeated: what it keeps is not what the close read.
        VersionNotRepeated: the inputs give other figures.
    """
    period, number = version_of(label)
    versions = StoredVersions(desk.database.engine, desk.user, desk.tenant)
    version = _read(versions, period, number)
    engine, book = remake(version.inputs, period)
    if book.digest != version.result_hash:
        raise VersionNotRepeated(version.label, version.result_hash, book.digest, version.code)
    return version, engine, book


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """
    Two versions of a month.

    Attributes:
        was: The one that comes first.
        now: The one that it is held against.
        difference: What moved, and why.
    """

    was: VersionRecord
    now: VersionRecord
    difference: Difference


def compare_stored(desk: Desk, was: str, now: str) -> Compared:
    """
    Say what moved between two stored versions of a month, and why.

    Args:
        desk: Open.
        was: The earlier one, such as `2025-06@1`.
        now: The later one; a month alone is its current version.

    Raises:
        OtherMonths: they are of two months.
        VersionUnknown: one of them is not there; which there are.
        InputsNotRepeated: what a version keeps is not what its close read.
        CloseError: a version can no longer be made from its inputs.
    """
    (period, first), (other, second) = version_of(was), version_of(now)
    if period != other:
        raise OtherMonths(was, now)
    versions = StoredVersions(desk.database.engine, desk.user, desk.tenant)
    one, two = _read(versions, period, first), _read(versions, period, second)

    def remade(inputs: CloseInputs) -> Figures:
        return figures_of(remake(inputs, period)[1])

    return Compared(one, two, differ((one.inputs, one.figures), (two.inputs, two.figures), remade))


def _read(versions: StoredVersions, period: str, number: int | None) -> VersionRecord:
    """Read a version back, and hold its inputs against their hash: nothing else would show it."""
    version = versions.version(period, number)
    found = inputs_hash(version.inputs, period, version.code)
    if found != version.input_hash:
        raise InputsNotRepeated(version.label, version.input_hash, found)
    return version


def explain_folder(folder: Path, period: str, figure: str, entity: str = "") -> Explained:
    """
    Take a figure of a group folder's month apart, in memory.

    Raises:
        GroupFolderInvalid: the folder has mistakes.
        CloseError: the month cannot be closed, or there is no such figure.
    """
    Period.parse(period)
    found = read_group(folder)
    engine, book = remake(CloseInputs(found.group, found.balances), period)
    return Explained(period, book, _explain(engine, book, figure, entity))


def remake(inputs: CloseInputs, period: str) -> tuple[ConsolidationEngine, Book]:
    """
    Close a month from its inputs, in memory.

    Raises:
        CloseError: it cannot be closed, and why.
    """
    desk = EntityDesk(inputs, period, clock=lambda: 0.0)
    _, failures = desk.work()
    if failures:
        raise failures[0][1]
    return desk.engine, desk.engine.consolidate(period)
