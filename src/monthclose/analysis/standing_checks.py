"""Warnings: what was left standing, and what looks odd though it ties."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import ceil

from monthclose.ledger.accounts import CONTRIBUTED, AccountClass
from monthclose.ledger.acquisitions import Dividend
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Method, interests_on
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.money import share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, convert_one, ratio_of
from monthclose.ledger.rules import Rule
from monthclose.ledger.translations import Translation

_SIDES = {
    AccountClass.ASSET: 1,
    AccountClass.EXPENSE: 1,
    AccountClass.LIABILITY: -1,
    AccountClass.INCOME: -1,
}
"""The side that balances of a class stand on: a debit is positive."""


def check_intercompany_standing(book: Book) -> CheckResult:
    """
    W1: intercompany accounts and partner lines that no elimination cancelled.

    They are said, not hidden: both sides of a group-internal balance still stand in the
    figures, and total assets and revenue are larger than the group's own by that much.
    Of a month with intercompany items, V8 says what its accounts keep.
    """
    chart = book.chart
    standing: dict[str, int] = {}
    for account, amount in zip(chart.accounts, book.consolidated.tolist(), strict=True):
        if account.intercompany and amount and not book.facts.items:
            standing[account.code] = amount
    for translation in book.translations:
        for code, partner, amount in zip(
            translation.accounts, translation.partners, translation.amounts.tolist(), strict=False
        ):
            if partner and amount and not chart[code].intercompany:
                standing[code] = standing.get(code, 0) + amount
    for entry in book.entries:
        if entry.kind == "intercompany":
            for line in entry.lines:
                if line.account in standing:
                    standing[line.account] += line.amount
    return _warnings(book, "W1", "intercompany-standing", standing)


def check_capital_standing(book: Book) -> CheckResult:
    """
    W2: capital of subsidiaries that no acquisition cancelled, by entity, credit positive.

    An account of capital is rounded once with all its parts, and each acquisition cancels
    a part that was rounded alone: half a cent for each of them is no difference.
    """
    chart = book.chart
    parents = {e.code for e in book.group.entities if e.method is Method.PARENT}
    standing: dict[str, int] = {}
    for translation in book.translations:
        if translation.entity in parents:
            continue
        for line in chart.slots(translation.accounts, translation.entity).other.tolist():
            if chart.kind(translation.accounts[line]) in CONTRIBUTED:
                amount = int(translation.amounts[line])
                standing[translation.entity] = standing.get(translation.entity, 0) + amount
    for entry in book.entries:
        for line in entry.lines:
            if line.entity in standing and chart.kind(line.account) in CONTRIBUTED:
                standing[line.entity] += line.amount
    parts: dict[str, int] = {}
    for acquisition in book.facts.acquisitions:
        parts[acquisition.target] = parts.get(acquisition.target, 1) + len(acquisition.equity)
    findings = tuple(
        Finding(
            "W2",
            "capital-differs" if entity in parts else "capital-standing",
            Severity.WARNING,
            entity,
            0,
            -amount,  # capital is a credit
            book.presentation,
        )
        for entity, amount in standing.items()
        if 2 * abs(amount) > parts.get(entity, 0)
    )
    return CheckResult.warning("W2", len(standing), findings)


def check_plausible_rates(book: Book, rules: Mapping[str, Rule]) -> CheckResult:
    """
    W3: a rate that looks odd, though it is there.

    It lies outside the closing rates of the month before and its own, or outside the daily
    quotes of the month; or it is the mean of fewer days than `thin_average.days`: part of the
    month was not loaded. A closing rate `rate_jump.times` that of the month before, or less
    than it by as much, may be turned over or of another pair.
    """
    outside: dict[str, int] = {}
    thin: dict[str, Quote] = {}
    beyond: dict[str, tuple[Quote, Quote, Quote]] = {}
    jumped: dict[str, tuple[Quote, Quote]] = {}
    times = rules["rate_jump.times"].at(book.period) if _dated(book) else None
    fewest = int(rules["thin_average.days"].at(book.period)) if _dated(book) else 0
    for translation in book.translations:
        rates = book.facts.rates.get(translation.entity)
        if rates is None:
            continue
        if rates.average and 0 < rates.average.days < fewest:
            thin[translation.entity] = rates.average
        before = rates.previous or rates.opening
        if not (before and rates.closing and rates.average):
            continue
        pair = (translation.functional, translation.presentation)
        if found := _beyond_days(book, translation, rates.average):
            beyond[translation.entity] = found
        if any({q.base, q.quote} != {*pair} for q in (before, rates.closing, rates.average)):
            continue  # V9 says so
        ends: list[Fraction] = [ratio_of(before, *pair), ratio_of(rates.closing, *pair)]
        if times is not None and max(ends) > Fraction(times) * min(ends):
            jumped[translation.entity] = before, rates.closing
        if not min(ends) <= ratio_of(rates.average, *pair) <= max(ends):
            outside[translation.entity] = 0
    findings = [Finding("W3", "average-outside", Severity.WARNING, entity) for entity in outside]
    for entity, (was, now) in jumped.items():
        facts = {"rate": now.value, "was": was.value}
        findings.append(Finding("W3", "closing-jumped", Severity.WARNING, entity, facts=facts))
    for entity, quote in thin.items():
        said = {"rate": quote.value, "on": quote.on, "days": quote.days}
        findings.append(Finding("W3", "average-thin", Severity.WARNING, entity, facts=said))
    for entity, (quote, lowest, highest) in beyond.items():
        facts = {"rate": quote.value, "lowest": lowest.value, "highest": highest.value}
        findings.append(Finding("W3", "average-beyond", Severity.WARNING, entity, facts=facts))
    return CheckResult.warning("W3", len(book.translations), tuple(findings))


def _beyond_days(
    book: Book, translation: Translation, average: Quote
) -> tuple[Quote, Quote, Quote] | None:
    """An average that was loaded as such, with the month's extremes that it lies outside of."""
    if average.days or not _dated(book):
        return None
    pair = (translation.functional, translation.presentation)
    month = book.group.reported(translation.entity, Period.parse(book.period))
    days = book.group.rates.days(*pair, month)
    if not days:
        return None
    lowest, highest = (choose(days, key=lambda each: each.value_e10) for choose in (min, max))
    same = (lowest.base, lowest.quote) == (average.base, average.quote)
    if not same or lowest.value_e10 <= average.value_e10 <= highest.value_e10:
        return None
    return average, lowest, highest


def _dated(book: Book) -> bool:
    """Whether the period is a month; a worked case names it by a label."""
    return book.period[:4].isdecimal()


def check_signs(book: Book) -> CheckResult:
    """
    W4: outsiders below nil, cash that is a credit, and balances against their class.

    Assets and expenses are debits, liabilities and income credits, those marked `contra` the
    other way round. A chart that marks none does not say what is usual, and is not asked.
    """
    findings = [
        Finding("W4", "nci-negative", Severity.WARNING, code, 0, each.closing, book.presentation)
        for code, each in book.nci.items()
        if each.closing < 0
    ]
    for account, amount in zip(book.chart.accounts, book.closed.tolist(), strict=True):
        if account.cash and amount < 0:
            findings.append(
                Finding(
                    "W4",
                    "cash-negative",
                    Severity.WARNING,
                    account.code,
                    0,
                    amount,
                    book.presentation,
                )
            )
    findings += _contrary(book)
    return CheckResult.warning("W4", len(book.nci) + len(book.chart.accounts), tuple(findings))


def _contrary(book: Book) -> Iterator[Finding]:
    """Accounts of the group whose balance is on the other side than their class has it."""
    chart = book.chart
    if not any(account.contra for account in chart.accounts):
        return
    roles = chart.roles
    either = (roles.difference_position, roles.difference_result)
    for account, amount in zip(chart.accounts, book.consolidated.tolist(), strict=True):
        side = _SIDES.get(account.kind, 0) * (-1 if account.contra else 1)
        if amount * side < 0 and not account.cash and account.code not in either:
            yield Finding(
                "W4", "sign-contrary", Severity.WARNING, account.code, None, amount,
                book.presentation,
            )  # fmt: skip


def _booked(book: Book, holders: set[str]) -> dict[tuple[str, str], int]:
    """What each account of some companies holds, functional, credit positive."""
    booked: dict[tuple[str, str], int] = {}
    for translation in book.translations:
        if translation.entity not in holders:
            continue
        for account, amount in zip(
            translation.accounts, translation.reported.tolist(), strict=True
        ):
            key = (translation.entity, account)
            booked[key] = booked.get(key, 0) - amount
    return booked


def check_dividends(book: Book) -> CheckResult:
    """
    W5: dividends between group companies, from the side that their elimination does not see.

    What holders did not receive is the outsiders', so a wrong amount received would be
    theirs; it is held against their share. And what is eliminated at a holder has to stand
    in its books. Accepted: half a cent for each amount that was rounded, in its currency.
    """
    received: dict[tuple[str, str], int] = {}
    for dividend in book.facts.dividends:
        for part in dividend.received:
            key = (part.holder, part.income_account)
            received[key] = received.get(key, 0) + part.amount
    bought = [*book.facts.acquisitions]
    for associate in book.facts.associates:
        bought += associate.acquisitions
        for paid in associate.distributions:  # the equity method takes them out of income
            key = (associate.holder, paid.account)
            received[key] = received.get(key, 0) + paid.booked
    booked = _booked(book, {holder for holder, _ in received})
    for acquisition in bought:
        if acquisition.pickup and acquisition.pickup.dividends:
            # Under equity pick-up they reduced the investment; the reversal makes them income.
            key = (acquisition.acquirer, book.chart.roles.dividend_income)
            taken = sum(each.amount for each in acquisition.pickup.dividends)
            booked[key] = booked.get(key, 0) + taken
    currencies = book.group.currencies
    findings = [
        Finding(
            "W5",
            "dividend-income-short",
            Severity.WARNING,
            f"{holder} {account}",
            amount,
            booked.get((holder, account), 0),
            currencies.get(holder, ""),
        )
        for (holder, account), amount in received.items()
        if booked.get((holder, account), 0) < amount
    ]
    shares = list(_outsiders_dividends(book))
    findings += [
        Finding(
            "W5",
            "dividend-outsiders-differ",
            Severity.WARNING,
            payer,
            theirs,
            got,
            book.presentation,
        )
        for payer, theirs, got, rounds in shares
        if 2 * abs(got - theirs) > rounds
    ]
    return CheckResult.warning("W5", len(received) + len(shares), tuple(findings))


def _outsiders_dividends(book: Book) -> Iterator[tuple[str, int, int, int]]:
    """
    By payer: outsiders' share of its dividends, what they got, and how many roundings.

    In a chain their indirect share stays in the group, with the holder: what leaves it is
    what others hold directly.
    """
    held: dict[str, Fraction] = {}
    for interest in book.facts.interests:
        held[interest.investee] = held.get(interest.investee, Fraction(0)) + interest.share
    declared: dict[str, list[Dividend]] = {}
    for dividend in book.facts.dividends:
        declared.setdefault(dividend.payer, []).append(dividend)
    account = book.chart.roles.dividends
    paid = {
        entry.entity: sum(-line.amount for line in entry.lines if line.account == account)
        for entry in book.entries
        if entry.kind == "dividend"
    }
    for payer, dividends in declared.items():
        if payer not in book.nci or payer not in paid:
            continue
        theirs = share_of(paid[payer], 1 - held.get(payer, Fraction(0)))
        if payer in book.group.touching:
            theirs = sum(_at_its_day(book, dividend) for dividend in dividends)
        rounds = 2 + sum(_rounds(book, dividend) for dividend in dividends)
        yield payer, theirs, -book.nci[payer].dividends, rounds


def _at_its_day(book: Book, dividend: Dividend) -> int:
    """Outsiders' part of a dividend by what they held on the day it was declared."""
    shares = interests_on(book.group.interests, dividend.on)
    held = sum((each.share for each in shares if each.investee == dividend.payer), Fraction(0))
    currency = book.group.currencies[dividend.payer]
    amount = convert_one(dividend.amount, dividend.quote, currency, book.presentation)
    return share_of(amount, 1 - held)


def _rounds(book: Book, dividend: Dividend) -> int:
    """How many half cents rounding explains: each part once translated, once in its currency."""
    currencies, presentation = book.group.currencies, book.presentation
    pairs = [(currencies[dividend.payer], dividend.quote)] * (1 + len(dividend.received))
    pairs += [(currencies[part.holder], part.quote) for part in dividend.received]
    return sum(1 + ceil(ratio_of(quote, each, presentation)) for each, quote in pairs)


def _warnings(book: Book, check: str, code: str, standing: dict[str, int]) -> CheckResult:
    """A warning for every amount that is left standing."""
    findings = tuple(
        Finding(check, code, Severity.WARNING, subject, 0, amount, book.presentation)
        for subject, amount in standing.items()
        if amount
    )
    return CheckResult.warning(check, len(standing), findings)
