"""A translated balance taken apart: parts at their rates, own accounts, rows of a document."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from monthclose.ledger.accounts import POSITION, RESULT
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.adjustments import standing
from monthclose.ledger.balances import (
    AtRate,
    CarriedForward,
    Dated,
    Layer,
    Layers,
    Monthly,
    RawBalance,
    Source,
    Treatment,
)
from monthclose.ledger.group import Group
from monthclose.ledger.hyperinflation import Restated
from monthclose.ledger.journal import LayerName
from monthclose.ledger.lineage import Before, EntityMonth, LineageBroken, Node
from monthclose.ledger.mappings import EntityMapping
from monthclose.ledger.money import rounded, split
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, ratio_of
from monthclose.ledger.translations import Translation


class Origins:
    """
    Takes the translations of one group apart.

    Attributes:
        group: Names the mappings and the openings.
        before: The month that each month builds on; None: each stands alone.
        cut: Results up to an acquisition of the year, by company and account: they leave
            income and expense for a line of equity, before anything is translated.
    """

    def __init__(
        self,
        group: Group,
        before: Before | None,
        acquisitions: Iterable[Acquisition] = (),
        restated: Iterable[Restated] = (),
    ) -> None:
        self.group, self.before = group, before
        self.restated = {each.entity: each for each in restated}
        self.cut: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for each in acquisitions:
            if each.result:
                into = (each.accounts.result_before, sum(each.result.values()))
                for account, moved in (*((a, -m) for a, m in each.result.items()), into):
                    self.cut.setdefault((each.target, account), []).append((each.id, moved))

    def account(self, month: EntityMonth, account: str) -> Node | None:
        """
        What a company's account was translated from; None when it has no line.

        Raises:
            LineageBroken: the parts do not add up to what was translated.
        """
        translation = month.translation
        lines = _lines(translation, account)
        if not lines:
            return None
        amount = sum(int(translation.amounts[line]) for line in lines)
        functional = sum(int(translation.reported[line]) for line in lines)
        facts = {
            "entity": translation.entity,
            "account": account,
            "booked": functional,
            "functional": translation.functional,
        }
        if translation.entity in self.restated:
            return self._restated(month, account, amount, facts)
        treatment = month.rates.treatments.get(account) if month.rates else None
        booked = None
        children: list[Node]
        if translation.foreign and self._of_history(account, treatment):
            children = self._history(month, account, amount, treatment)
            booked = self._booked(month, account, None)
        else:
            children = []
            for line in lines:
                children += self._line(month, account, _partner(translation, line))
        return Node(
            "translated",
            Fraction(amount),
            translation.presentation,
            tuple(children),
            facts=facts,
            booked=booked,
        )

    def _restated(
        self, month: EntityMonth, account: str, amount: int, facts: Mapping[str, Any]
    ) -> Node:
        """An account of restated books: what the restatement came to, and what the books show."""
        translation, of_it = month.translation, self.restated[month.translation.entity]
        children: list[Node] = []
        if self.group.chart.kind(account) in POSITION | RESULT:
            said = {**facts, "index": of_it.index, "month": str(of_it.period)}
            leaf = Node("indexed", Fraction(facts["booked"]), translation.functional, facts=said)
            part = _part(translation, translation.closing_quote, (leaf,))
            where = f"{translation.entity} {account}"
            children = _close(_rounded(translation, [part]), amount, translation, where)
        return Node(
            "restated",
            Fraction(amount),
            translation.presentation,
            tuple(children),
            facts=facts,
            booked=self._booked(month, account, None),
        )

    def _of_history(self, account: str, treatment: Treatment | None) -> bool:
        """Whether an account is translated whole, from records and not from its lines."""
        if isinstance(treatment, (Layers, CarriedForward, Monthly)):
            return True
        return self.group.chart.kind(account) not in POSITION | RESULT and treatment is None

    def _history(
        self, month: EntityMonth, account: str, amount: int, treatment: Treatment | None
    ) -> list[Node]:
        """The parts of an account that is translated whole."""
        translation = month.translation
        found: list[Node] = []
        if isinstance(treatment, CarriedForward):
            if treatment.translated:
                found.append(self._carried(translation, account, treatment.translated))
            if treatment.moved:
                facts = {"account": account, "entity": translation.entity}
                moved = Fraction(treatment.moved)
                found.append(Node("moved", moved, translation.presentation, facts=facts))
            found += _layers(translation, treatment.history)
        if isinstance(treatment, Layers):
            found += _layers(translation, treatment.parts)
        if isinstance(treatment, Monthly):
            for each in treatment.months:
                record = _record(translation, each.amount, each.period)
                part = _part(translation, each.quote, (record,))
                found += _rounded(translation, [part])
        return _close(found, amount, translation, f"{translation.entity} {account}")

    def _carried(self, translation: Translation, account: str, amount: int) -> Node:
        """What an earlier close or the openings left of an account."""
        rows = self.group.openings_of.get(translation.entity, ())
        row = next((r for r in rows if (r.account, r.translated) == (account, amount)), None)
        facts: dict[str, Any] = {"entity": translation.entity, "account": account}
        if row is not None:
            facts |= {"booked": row.functional or 0, "functional": translation.functional}
        kind = "opening" if row else "carried"
        return Node(kind, Fraction(amount), translation.presentation, facts=facts)

    def _line(self, month: EntityMonth, account: str, partner: str) -> list[Node]:
        """The parts of one line: at a rate of its own, at closing, or month by month."""
        translation, rates = month.translation, month.rates
        line = _find(translation, account, partner)
        if line is None:
            return []
        amount = int(translation.amounts[line])
        if rates is None:
            facts = {"entity": translation.entity, "account": account}
            return [Node("opening", Fraction(amount), translation.presentation, facts=facts)]
        if not translation.foreign:
            return [self._booked(month, account, partner)] if amount else []
        treatment = rates.treatments.get(account)
        where = f"{translation.entity} {account}"
        if isinstance(treatment, AtRate):
            return self._at(month, account, partner, treatment.quote, amount, where)
        if self.group.chart.kind(account) in POSITION:
            return self._at(month, account, partner, rates.closing, amount, where)
        earlier = None
        if self.before is not None:
            earlier = self.before(translation.entity, translation.period)
        found = self._line(earlier, account, partner) if earlier else []
        was = sum((each.amount for each in found), Fraction(0))
        movement = self._movement(month, earlier, account, partner)
        items: list[Node] = []
        if isinstance(treatment, Dated) and line == _lines(translation, account)[0]:
            for part in treatment.parts:
                items += _rounded(translation, [_layer(translation, part)])
            dated = sum(part.amount for part in treatment.parts)
            if dated:
                less = Node(
                    "dated_apart", Fraction(-dated), translation.functional, facts={"where": where}
                )
                movement = (*movement, less)
        rest = []
        if any(each.amount for each in movement):
            rest = [_part(translation, rates.average, movement)]
        made = [*items, *_rounded(translation, rest)]
        made = _close(made, amount - was, translation, where)
        if made:
            facts = {"month": translation.period}
            total = Fraction(amount) - was
            made = [Node("month", total, translation.presentation, tuple(made), facts=facts)]
        return [*found, *made]

    def _at(
        self,
        month: EntityMonth,
        account: str,
        partner: str,
        quote: Quote | None,
        amount: int,
        where: str,
    ) -> list[Node]:
        """A whole line at one rate."""
        booked = self._booked(month, account, partner)
        if not booked.amount:
            return []
        part = _part(month.translation, quote, (booked,))
        return _close(_rounded(month.translation, [part]), amount, month.translation, where)

    def _movement(
        self, month: EntityMonth, earlier: EntityMonth | None, account: str, partner: str
    ) -> tuple[Node, ...]:
        """What a result line moved by since the month before, functional currency."""
        now = self._booked(month, account, partner)
        if earlier is None:
            return (now,)
        was = self._booked(earlier, account, partner)
        less = Node(
            "less", -was.amount, was.currency, (was,), Fraction(-1), {"month": was.facts["month"]}
        )
        return tuple(each for each in (now, less) if each.amount)

    def _booked(self, month: EntityMonth, account: str, partner: str | None) -> Node:
        """What the books show of an account (of one partner, or all): rows of the balance."""
        translation = month.translation
        reported = sum(
            int(translation.reported[line])
            for line in _lines(translation, account)
            if partner is None or _partner(translation, line) == partner
        )
        rows: tuple[Node, ...] = ()
        if month.raw is not None:
            mapping = self.group.mappings.get(translation.entity)
            rows = tuple(rows_of(month.raw, mapping, account, partner))
            rows += tuple(self._cut_off(translation, account, partner))
            rows += tuple(self._policy(translation, account, partner))
        if translation.entity in self.restated:  # the books say what it was before that
            reported = int(sum((row.amount for row in rows), Fraction(0)))
        facts = {"entity": translation.entity, "account": account, "month": translation.period}
        if partner:
            facts["partner"] = partner
        if sum((row.amount for row in rows), Fraction(0)) != reported and month.raw is not None:
            found = sum((row.amount for row in rows), Fraction(0))
            raise LineageBroken(f"{translation.entity} {account}", reported, found)
        return Node("booked", Fraction(reported), translation.functional, rows, facts=facts)

    def _policy(
        self, translation: Translation, account: str, partner: str | None
    ) -> Iterable[Node]:
        """Policy entries that stand on an account in a month, each with its reason."""
        entries = self.group.adjustments_of.get((translation.entity, LayerName.POLICY), ())
        if not entries or partner:
            return
        calendar = (Period.parse(translation.period), self.group.fiscal_year, self.group.chart)
        for each, on, amount in standing(entries, *calendar):
            if on == account and amount:
                facts = {"entry": each.id, "month": each.period, "note": each.reason}
                yield Node("policy", Fraction(amount), translation.functional, facts=facts)

    def _cut_off(
        self, translation: Translation, account: str, partner: str | None
    ) -> Iterable[Node]:
        """What an acquisition of the period took off an account, or brought to it."""
        cut = self.cut.get((translation.entity, account), ())
        facing = [_partner(translation, line) for line in _lines(translation, account)]
        # Of an account with partners the line without one gives first.
        gives = "" if "" in facing or not facing else facing[0]
        if partner is None or partner == gives:
            for acquisition, moved in cut:
                facts = {"acquisition": acquisition}
                yield Node("cut_off", Fraction(moved), translation.functional, facts=facts)


def cta_parts(translation: Translation) -> Node:
    """
    A company's CTA, debit positive: as it opened, and why it moved since.

    What the proof leaves is the cents of the lines; more than they can leave is named
    `unproved`, and the validation reports it.

    Source:
        IAS 21.41.
    """
    currency = translation.presentation
    closing = -Fraction(translation.cta.closing)
    facts: dict[str, Any] = {"entity": translation.entity}
    parts = []
    if translation.cta.opening:
        opening = -Fraction(translation.cta.opening)
        parts.append(Node("cta_opening", opening, currency, facts=facts))
    if translation.foreign:
        pair = (translation.functional, currency)
        now = ratio_of(translation.closing_quote, *pair)
        rated = [flow for flow in translation.flows if flow.translated is None]
        moves = [
            (
                "opening_net_assets",
                translation.opening_net_assets,
                translation.opening_quote,
                translation.growth,
            ),
            *((flow.label, flow.amount, flow.quote, flow.growth) for flow in rated),
        ]
        rates = [(each, ratio_of(each[2], *pair)) for each in moves if each[1]]
        rates += [
            ((each.label, each.amount, None, each.growth), Fraction(each.translated, each.amount))
            for each in translation.flows
            if each.translated is not None  # capital that left at the average of its history
        ]
        for (label, amount, quote, growth), was in rates:
            factor = was - growth * now
            record = _record(translation, amount, label)
            said = {"label": label, "quote": quote, "closing": translation.closing_quote}
            moved = factor * amount
            parts.append(Node("cta_part", moved, currency, (record,), factor, said))
    rest = closing - sum((part.amount for part in parts), Fraction(0))
    if rest:
        within = 2 * abs(rest) <= translation.rounded_lines
        parts.append(Node("rounding" if within else "unproved", rest, currency))
    return Node("cta", closing, currency, tuple(parts), facts=facts)


def rows_of(
    raw: RawBalance, mapping: EntityMapping | None, account: str, partner: str | None = None
) -> Iterable[Node]:
    """The lines of a balance as sent that went to an account, each with its row."""
    partners = raw.partners or ("",) * len(raw.accounts)
    for line, (own, facing) in enumerate(zip(raw.accounts, partners, strict=True)):
        if partner is not None and facing != partner:
            continue
        amount = int(raw.amounts[line])
        facts = _source(raw, line) | {"own": own, "entity": raw.entity, "month": raw.period}
        if mapping is None:
            if own == account:
                yield Node("row", Fraction(amount), raw.currency, facts=facts)
            continue
        targets = mapping.targets.get(own, ())
        parts: tuple[int, ...] = (amount,)
        if len(targets) > 1:
            parts = split(amount, tuple(target.share for target in targets))
        for target, part in zip(targets, parts, strict=True):
            if target.account == account:
                said = facts | {"share": target.share, "whole": amount, "mapping": mapping.version}
                yield Node("row", Fraction(part), raw.currency, facts=said)


def _source(raw: RawBalance, line: int) -> dict[str, Any]:
    """The document of a line, its hash, its row, and its column where one is known."""
    source = raw.source or Source("")
    known = len(source.rows) == len(raw.accounts)
    listed = {"answers": source.answers, "papers": source.papers, "basis": raw.basis.value}
    return {
        "document": source.name,
        "sha256": source.sha256,
        "row": int(source.rows[line]) if known else 0,
        # A table of balances has one column that counts, and the reader calls it so.
        "column": "closing" if known else "",
        **(listed if source.answers else {}),
    }


def _lines(translation: Translation, account: str) -> list[int]:
    return [place for place, code in enumerate(translation.accounts) if code == account]


def _partner(translation: Translation, line: int) -> str:
    return translation.partners[line] if translation.partners else ""


def _find(translation: Translation, account: str, partner: str) -> int | None:
    """The line of an account and partner; None when there is none."""
    lines = _lines(translation, account)
    return next((each for each in lines if _partner(translation, each) == partner), None)


def _record(translation: Translation, amount: int, label: str) -> Node:
    """An amount that a record states, functional currency."""
    return Node("record", Fraction(amount), translation.functional, facts={"label": label})


def _part(translation: Translation, quote: Quote | None, children: tuple[Node, ...]) -> Node:
    """An exact part: functional amounts at one rate."""
    factor = ratio_of(quote, translation.functional, translation.presentation)
    amount = factor * sum((child.amount for child in children), Fraction(0))
    return Node("part", amount, translation.presentation, children, factor, {"quote": quote})


def _layer(translation: Translation, part: Layer) -> Node:
    """A dated part of an account at the rate of its day."""
    return _part(translation, part.quote, (_record(translation, part.amount, part.label),))


def _layers(translation: Translation, parts: Sequence[Layer]) -> list[Node]:
    """Dated parts, rounded once together."""
    return _rounded(translation, [_layer(translation, part) for part in parts])


def _rounded(translation: Translation, parts: list[Node]) -> list[Node]:
    """Exact parts and what one rounding of their sum adds or takes."""
    exact = sum((part.amount for part in parts), Fraction(0))
    cent = rounded(exact) - exact
    return [*parts, Node("rounding", cent, translation.presentation)] if cent else parts


def _close(found: list[Node], amount: Fraction | int, of: Translation, where: str) -> list[Node]:
    """The parts of an amount, once they are seen to add up to it."""
    total = sum((each.amount for each in found), Fraction(0))
    if total != amount:
        raise LineageBroken(f"{where}, {of.period}", Fraction(amount), total)
    return found
