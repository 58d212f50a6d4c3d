"""V4 to V6: openings are the last close, the CTA is proved, equity is whole."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil

from monthclose.analysis.reduction_checks import given_back
from monthclose.ledger.accounts import RESULT, AccountClass
from monthclose.ledger.acquisitions import Acquisition, moved_into
from monthclose.ledger.balances import CarriedForward
from monthclose.ledger.book import Book, ClosedPosition, LastClose, Purchase
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.money import plain, rounded, total
from monthclose.ledger.periods import Period
from monthclose.ledger.purchases import Charge, PurchaseLayer
from monthclose.ledger.rates import ratio_of
from monthclose.ledger.stated import Stated
from monthclose.ledger.translations import Rollforward

type Compared = tuple[str, str, int, int]
"""What is compared: finding code, subject, expected, actual."""


def check_openings(book: Book, last: LastClose | None, *, kept: bool = False) -> CheckResult:
    """
    V4: opening equity, CTA and NCI are what the last close left.

    Against the close before when it is given: its closing figures when a fiscal year
    begins, the same openings within one. Otherwise against the openings the group loaded.
    Amounts are credit positive. Outsiders are rounded by component, and their opening in
    a new year is rounded anew: that much may differ, and no more. Where closes are *kept*, the
    last month of the year before is asked for.
    """
    asked = _unclosed(book, last) if kept else ()
    if last and not _same_year(book, last) and not _ended(book, last):
        last = None  # the year before was closed up to a month within it, and moved on since
    exact = list(_against_close(book, last) if last else _against_loaded(book))
    rounds = last is None or not _same_year(book, last)
    pairs = [pair for pair in exact if not (rounds and _only_rounding(pair))]
    findings = (*_findings("V4", book, pairs), *asked)
    return CheckResult(
        check="V4",
        severity=Severity.BLOCKING,
        weight=10,
        population=len(exact),
        tested=sum(abs(expected) for _, _, expected, _ in exact),
        unexplained=sum(abs(actual - expected) for _, _, expected, actual in pairs),
        currency=book.presentation,
        findings=findings,
        evidence={"last_close": last.period if last else "openings", "compared": len(exact)},
    )


def _only_rounding(pair: Compared) -> bool:
    """
    Whether rounding explains a difference of outsiders: half a cent a component.

    Retained earnings and CTA as they open are two; what they are compared with was
    rounded as the same two, the result and the CTA's movement.
    """
    return pair[0] == "opening-nci-differs" and 2 * abs(pair[3] - pair[2]) <= 6


def _same_year(book: Book, last: LastClose) -> bool:
    """Whether the last close is of the same fiscal year."""
    year = book.group.fiscal_year
    return year.start(Period.parse(book.period)) <= Period.parse(last.period)


def _ended(book: Book, last: LastClose) -> bool:
    """Whether the last close is of the month in which the fiscal year before ended."""
    start = book.group.fiscal_year.start(Period.parse(book.period))
    return Period.parse(last.period) == start.plus(-1)


def _unclosed(book: Book, last: LastClose | None) -> tuple[Finding, ...]:
    """What to close first, when a year before that the group was there in was not ended."""
    start = book.group.fiscal_year.start(Period.parse(book.period))
    if last:
        due = not _same_year(book, last) and not _ended(book, last)
    else:
        due = not _starts_there(book) or (bool(book.before) and str(start) == book.period)
    facts = {"due": str(start.plus(-1)), "period": book.period}
    asked = (Finding("V4", "year-unclosed", Severity.WARNING, book.group.code, facts=facts),)
    return asked if due else ()


def _against_loaded(book: Book) -> Iterator[Compared]:
    """
    Compare with the openings the group loaded, when the roll-forward starts from them.

    A company in the presentation currency is not translated: its retained earnings are
    those of its books, and they are held against the year before, or its openings.
    """
    chart = book.chart
    reserves = {
        account.code for account in chart.accounts if account.kind is AccountClass.RETAINED_EARNINGS
    }
    for translation in book.translations:
        position = book.facts.openings.get(translation.entity)
        if position is not None and position.retained is not None:
            lines = zip(translation.accounts, translation.amounts.tolist(), strict=True)
            opens = -sum(amount for account, amount in lines if account in reserves)
            moves = [each for each in book.facts.transfers if each.entity == translation.entity]
            opens -= moved_into(moves, reserves)
            restated = book.restatements.get(translation.entity)
            expected = position.retained + (restated.retained if restated else 0)
            yield "opening-equity-differs", translation.entity, expected, opens
    shown = {code for code, position in book.facts.openings.items() if position.nci is not None}
    for row in book.group.openings:
        equity = book.associates.get(row.entity)
        if row.entity in book.group.kept_on and row.entity in book.facts.openings:
            equity = None  # of the subsidiary it was
        if equity and chart.kind(row.account) is AccountClass.CTA and _starts_there(book):
            yield "opening-cta-differs", row.entity, -row.translated, equity.cta.opening
        if row.entity not in book.facts.openings or not _starts_there(book):
            continue
        if row.entity in book.group.stepped_on:
            continue  # of the associate it was
        kind = chart.kind(row.account)
        if kind is AccountClass.CTA:
            actual = book.facts.openings[row.entity].cta
            yield "opening-cta-differs", row.entity, -row.translated, actual
        elif kind is AccountClass.NCI and row.entity in shown:
            rolled = book.nci.get(row.entity)
            actual = rolled.opening if rolled else 0
            restated = book.restatements.get(row.entity)
            corrected = restated.retained_nci + restated.cta_nci if restated else 0
            yield "opening-nci-differs", row.entity, corrected - row.translated, actual
        elif kind is AccountClass.RETAINED_EARNINGS:
            carried = _carried(book, row.entity, row.account)
            if carried is not None:
                yield "opening-equity-differs", row.entity, -row.translated, -carried


def _starts_there(book: Book) -> bool:
    """Whether the month's roll-forward starts from the loaded openings."""
    first = book.group.first_period
    if not first:
        return True
    return book.group.fiscal_year.start(Period.parse(book.period)) <= Period.parse(first)


def _carried(book: Book, entity: str, account: str) -> int | None:
    """The translated amount an account was brought forward with, debit positive."""
    rates = book.facts.rates.get(entity)
    treatment = rates.treatments.get(account) if rates else None
    return treatment.translated if isinstance(treatment, CarriedForward) else None


def _against_close(book: Book, last: LastClose) -> Iterator[Compared]:
    """Compare with the close before, entity by entity."""
    same_year = _same_year(book, last)
    # A correction of prior periods moves the openings from what was closed, and by no more.
    # Within a year the month before has moved them already.
    before = {(position.entity, position.kept): position for position in last.positions}
    for now in book.left().positions:
        was = before.get((now.entity, now.kept))
        stepped = book.group.stepped_on.get(now.entity)
        if was is None or (stepped and last.period < str(Period.of(stepped)) <= book.period):
            continue  # an associate then, a subsidiary now
        corrected = _corrected(now, was if same_year else None)
        for code, then, opens in (
            ("opening-cta-differs", was.cta, now.cta),
            ("opening-equity-differs", was.retained, now.retained),
            ("opening-nci-differs", was.nci, now.nci),
        ):
            expected = then.opening if same_year else then.closing
            yield code, now.entity, expected + corrected[code], opens.opening
    beside = book.left().beside
    for name in dict.fromkeys([*last.beside, *beside]):
        left, opened = (by.get(name, Rollforward(0, 0)) for by in (last.beside, beside))
        expected = left.opening if same_year else left.closing
        yield "opening-beside-differs", name, expected, opened.opening


def _corrected(now: ClosedPosition, was: ClosedPosition | None) -> dict[str, int]:
    """What corrections of prior periods move an entity's openings by, credit positive."""
    moved = {"opening-cta-differs": 0, "opening-equity-differs": 0, "opening-nci-differs": 0}
    for position, sign in ((now, 1), (was, -1)):
        if position is not None and (each := position.restated) is not None:
            moved["opening-cta-differs"] += sign * each.cta
            moved["opening-equity-differs"] += sign * (each.retained - each.reserves)
            moved["opening-nci-differs"] += sign * (each.retained_nci + each.cta_nci)
    return moved


def check_cta_proof(book: Book) -> CheckResult:
    """
    V5: the movement of every CTA equals its proof from opening net assets and flows.

    A mapping or rate error can hide in the CTA without disturbing a total; the proof
    never looks at the other lines. Goodwill starts at what the cost of the investment
    leaves, so that too is proved: another consideration than the one that was paid would
    be goodwill at the closing rate, and CTA. Accepted: half a cent a rounded line.

    Source:
        IAS 21.41; IFRS 3.32.
    """
    findings: list[Finding] = []
    tested = unexplained = population = 0
    evidence: dict[str, str] = {}

    def look(code: str, subject: str, actual: int, proved: int, lines: int) -> None:
        nonlocal tested, unexplained, population
        population += 1
        tested += max(abs(actual), abs(proved))
        if 2 * abs(actual - proved) > lines:
            unexplained += abs(actual - proved) - lines // 2
            findings.append(
                Finding(
                    "V5",
                    code,
                    Severity.BLOCKING,
                    subject,
                    proved,
                    actual,
                    book.presentation,
                    {"lines": lines},
                )
            )

    for subject, movement, proved, lines in _proofs(book):
        evidence[subject] = f"{plain(movement)} {plain(proved)}"
        look("cta-unproved", subject, movement, proved, lines)
    for books in book.facts.restated:
        population += 1
        if books.unproved:
            actual, proved = books.monetary_result, books.proved
            findings.append(
                Finding(
                    "V5",
                    "monetary-result-unproved",
                    Severity.BLOCKING,
                    books.entity,
                    proved,
                    actual,
                    books.currency,
                )
            )
            unexplained += abs(actual - proved)
    for subject, left, proved, lines in _starts(book):
        look("purchase-unproved", subject, left, proved, lines)
    for subject, charged, due in _charged(book):
        look("charges-unproved", subject, charged, due, 0)
    return CheckResult(
        check="V5",
        severity=Severity.BLOCKING,
        weight=15,
        population=population,
        tested=max(tested, unexplained),
        unexplained=unexplained,
        currency=book.presentation,
        findings=tuple(findings),
        evidence=evidence,
    )


def _proofs(book: Book) -> Iterator[tuple[str, int, int, int]]:
    """Each CTA: whose, its movement, its proof, and how many lines were rounded."""
    for translation in book.translations:
        if translation.foreign:
            proof = translation.proof()
            yield (
                translation.entity,
                translation.cta.movement,
                proof.total,
                translation.rounded_lines,
            )
    yield from _reserved(book)
    yield from given_back(book)
    for item in book.reconciliation.items if book.reconciliation else ():
        yield f"{item.name} gaap", item.whole.cta, item.proof, item.rounded_lines
    for made in book.manual:
        yield f"{made.name} manual", made.cta.movement, made.proof, made.rounded_lines
    for entry in book.entries:
        # In the presentation currency nothing is retranslated: cost and pick-up are all there is.
        if entry.kind == "equity_pickup" and book.group.currencies[entry.entity] == entry.currency:
            cta = -sum(e.amount for e in entry.lines if e.account == book.chart.roles.cta)
            yield f"{entry.entity} {entry.reference}", cta, 0, 0
    for each in book.associates.values():
        subject = f"{each.holder} {each.investee}"
        yield subject, each.cta.movement, each.proof.total, each.rounded_amounts
    acquisitions = {each.id: each for each in book.facts.acquisitions}
    for purchase in book.purchases.values():
        if purchase.currency == book.presentation:
            continue
        of_it = purchase, acquisitions[purchase.acquisition]
        subject = f"{purchase.target} {purchase.acquisition}"
        goodwill, layer = purchase.goodwill_schedule, purchase.goodwill_layer
        if purchase.goodwill and layer is not None:
            proved = _layer_proof(book, *of_it, goodwill.opening, goodwill.charges, layer)
            yield subject, purchase.cta.movement, *proved
        schedule, layer = purchase.schedule, purchase.fair_value_layer
        if schedule is not None and layer is not None:
            net, charges = schedule.opening.net, schedule.charges
            proved = _layer_proof(book, *of_it, net, charges, layer)
            yield f"{subject} FVA", layer.cta.movement, *proved


def _reserved(book: Book) -> Iterator[tuple[str, int, int, int]]:
    """
    Exchange differences on net investments: what reached the CTA, and what was booked.

    Each month is one amount, rounded once on either road, so that nothing may differ.
    """
    if not book.facts.loans:
        return
    reached: dict[str, int] = {}
    for entry in book.entries:
        if entry.kind == "net_investment":
            into = sum(-e.amount for e in entry.lines if e.account == book.chart.roles.cta)
            reached[entry.reference] = reached.get(entry.reference, 0) + into
    booked: dict[tuple[str, str], int] = {}
    for loan in book.facts.loans:
        currency, key = book.group.currencies[loan.entity], (loan.entity, loan.id)
        months = loan.months or (Stated("", loan.amount, currency, loan.quote),)
        for each in months:
            factor = ratio_of(each.quote, currency, book.presentation) if each.quote else 1
            said = each.amount * factor if each.translated is None else each.translated
            booked[key] = booked.get(key, 0) + rounded(Fraction(-said))
    for (entity, loan_id), amount in booked.items():
        yield f"{entity} {loan_id}", reached.get(loan_id, 0), amount, 0


def _starts(book: Book) -> Iterator[tuple[str, int, int, int]]:
    """
    Goodwill (or, negative, a gain) at acquisition: what the cost left, and what was paid for.

    The cost of the investment is of the holder's books, the consideration of the records.
    Goodwill of the period in another currency is left out: its movement starts here.
    A crossed rate is rounded itself, in its tenth decimal: that much of the cost may differ.
    """
    acquisitions = {each.id: each for each in book.facts.acquisitions}
    for purchase in book.purchases.values():
        acquisition = acquisitions[purchase.acquisition]
        if purchase.currency != book.presentation:
            if acquisition.in_period and purchase.goodwill:
                continue
            rate = ratio_of(acquisition.quote, purchase.currency, book.presentation)
        else:
            rate = Fraction(1)
        gross = (abs(purchase.consideration) + abs(purchase.identifiable_net_assets)) * rate
        used = (acquisition.quote, acquisition.consideration_quote, acquisition.investment_quote)
        crossed = sum(ceil(gross / quote.value_e10) for quote in used if quote and quote.over)
        yield (
            f"{purchase.target} {purchase.acquisition}",
            purchase.goodwill_presentation - purchase.gain_presentation,
            rounded((purchase.goodwill - purchase.bargain_gain) * rate),
            3 + bool(purchase.schedule) + len(acquisition.equity) + ceil(rate) + crossed,
        )


def _charged(book: Book) -> Iterator[tuple[str, int, int]]:
    """What purchases charged to the result of the year, and what their months come to."""
    for purchase in book.purchases.values():
        schedule, subject = purchase.schedule, f"{purchase.target} {purchase.acquisition}"
        pair = (purchase.currency, book.presentation)
        for layer, charges, name in (
            (purchase.goodwill_layer, purchase.goodwill_schedule.charges, subject),
            (purchase.fair_value_layer, schedule.charges if schedule else (), f"{subject} FVA"),
        ):
            if layer is not None and charges:
                of_year = [each for each in charges if each.in_result]
                due = sum(rounded(each.amount * ratio_of(each.quote, *pair)) for each in of_year)
                yield name, layer.charged, due


def _layer_proof(
    book: Book,
    purchase: Purchase,
    acquisition: Acquisition,
    opening: int,
    charges: Iterable[Charge],
    layer: PurchaseLayer,
) -> tuple[int, int]:
    """
    Opening times the change of the closing rate, and each charge from its own rate on.

    Args:
        book: The close.
        purchase: Whose layer it is.
        acquisition: The same, with its rates.
        opening: Its net amount at the start, or at acquisition in the period; functional.
        charges: What took from it since acquisition.
        layer: As it was translated.

    Returns:
        The proof, and how many roundings the movement holds: its lines, and in the period
        of the purchase cost, outsiders, step-ups and each equity account, and the
        consideration, which was rounded in the target's currency.
    """
    of_target = book.facts.rates[purchase.target]
    pair = (purchase.currency, book.presentation)
    closing, lines = ratio_of(of_target.closing, *pair), layer.rounded_lines
    start = ratio_of(acquisition.quote if acquisition.in_period else of_target.opening, *pair)
    if acquisition.in_period and layer is purchase.goodwill_layer:
        lines += 1 + len(acquisition.equity) + ceil(start) + bool(purchase.schedule)
    exact = opening * (closing - start)
    for charge in charges:
        if charge.current:
            exact -= charge.amount * (closing - ratio_of(charge.quote, *pair))
    return rounded(exact), lines


def check_attribution(book: Book) -> CheckResult:
    """
    V6: the result of the income statement is that of equity, and its parts are the whole.

    Equity comes from its roll-forward, which starts at the openings; the accounts come
    from the layers. The two meet here only.
    """
    equity = book.equity
    pairs: list[Compared] = []
    if equity is not None:
        roles, chart = book.chart.roles, book.chart
        result = -total(book.consolidated[chart.of_kind(*RESULT)])
        profit_nci = sum(each.share_of_profit for each in book.nci.values())
        closed = dict(zip(chart.codes, book.closed.tolist(), strict=True))
        pairs = [
            ("result-differs", "result", result, equity.net_income_parent + profit_nci),
            (
                "retained-earnings-differ",
                roles.retained_earnings,
                -closed[roles.retained_earnings],
                equity.retained_closing,
            ),
            ("cta-differs", roles.cta, -closed[roles.cta], equity.cta_parent.closing),
            ("nci-differs", roles.nci, -closed[roles.nci], equity.nci_closing),
        ]
    return CheckResult(
        check="V6",
        severity=Severity.BLOCKING,
        weight=10,
        population=len(pairs),
        tested=sum(max(abs(expected), abs(actual)) for _, _, expected, actual in pairs),
        unexplained=sum(abs(actual - expected) for _, _, expected, actual in pairs),
        currency=book.presentation,
        findings=_findings("V6", book, pairs),
        evidence={f"{code} {subject}": plain(actual) for code, subject, _, actual in pairs},
    )


def _findings(check: str, book: Book, pairs: list[Compared]) -> tuple[Finding, ...]:
    """A blocking finding for every pair that differs."""
    return tuple(
        Finding(check, code, Severity.BLOCKING, subject, expected, actual, book.presentation)
        for code, subject, expected, actual in pairs
        if expected != actual
    )
