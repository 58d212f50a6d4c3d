"""V8 and W6: whether everything between group companies is gone, and what it left."""

from collections.abc import Iterator

from monthclose.ledger.accounts import POSITION, RESULT
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Method
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.intercompany import Cause, Item
from monthclose.ledger.money import plain
from monthclose.ledger.rates import convert_one
from monthclose.wording import Word


def check_intercompany(book: Book) -> CheckResult:
    """
    V8: no item without its other side, intercompany accounts at nil, net income untouched.

    Accounts that hold an intercompany kind are read off the consolidated figures, not off
    the eliminations. What stands there with associates stays; what items without another
    side explain is said once, item by item. A month without items has nothing to test
    here: W1 says what stands.

    Source:
        IFRS 10.B86(c); ASC 810-10-45-1.
    """
    items = [item for match in book.matches for item in match.items]
    items += [each.item for each in book.unmatched]
    findings = [
        Finding(
            "V8",
            "intercompany-unmatched",
            Severity.BLOCKING,
            each.item.id,
            0,
            each.item.translated,
            book.presentation,
            {
                "entity": each.item.entity,
                "partner": each.item.partner,
                "account": each.item.account,
                "reason": Word(each.reason.value),
            },
        )
        for each in book.unmatched
    ]
    if book.facts.items:
        findings += _standing(book)
    findings += _moved(book)
    return CheckResult(
        check="V8",
        severity=Severity.BLOCKING,
        weight=10,
        population=len(book.facts.items),
        tested=max(
            sum([abs(item.translated or 0) for item in items]),
            sum(abs(each.difference) for each in findings),
        ),
        unexplained=sum(abs(each.difference) for each in findings),
        currency=book.presentation,
        findings=tuple(findings),
        evidence={
            "items": len(book.facts.items),
            "matched": len(book.matches),
            "unmatched": len(book.unmatched),
            "standing": plain(sum([each.item.translated or 0 for each in book.unmatched])),
        },
    )


def _moved(book: Book) -> Iterator[Finding]:
    """Eliminations that touch net income or net assets: both sums are nil in a good one."""
    for entry in book.entries:
        if entry.kind != "intercompany":
            continue
        for code, kinds in (
            ("elimination-moves-result", RESULT),
            ("elimination-moves-assets", POSITION),
        ):
            moved = sum([e.amount for e in entry.lines if book.chart.kind(e.account) in kinds])
            if moved:
                sign = -1 if kinds is RESULT else 1  # a credit is profit
                yield Finding(
                    "V8", code, Severity.BLOCKING, entry.id, 0, sign * moved, book.presentation
                )
                break


def _standing(book: Book) -> Iterator[Finding]:
    """Intercompany accounts that hold more than associates and unmatched items explain."""
    explained: dict[str, int] = {}
    rounds: dict[str, int] = {}
    stays = [(each.item, each.item.translated or 0) for each in book.unmatched]
    stays += list(_with_associates(book))
    for item, amount in stays:
        explained[item.account] = explained.get(item.account, 0) + amount
        # An account that keeps some of its items was translated as a whole, they one by one.
        rounds[item.account] = rounds.get(item.account, len(book.translations)) + 1
    for account, amount in zip(book.chart.accounts, book.consolidated.tolist(), strict=True):
        if not account.intercompany:
            continue
        expected = explained.get(account.code, 0)
        if 2 * abs(amount - expected) > rounds.get(account.code, 0):
            yield Finding(
                "V8",
                "intercompany-left",
                Severity.BLOCKING,
                account.code,
                expected,
                amount,
                book.presentation,
            )


def _with_associates(book: Book) -> Iterator[tuple[Item, int]]:
    """What stands with companies that are not consolidated, translated; debit positive."""
    outside = {each.code for each in book.group.entities if each.method is Method.EQUITY}
    currencies = {each.entity: each.functional for each in book.translations}
    for item in book.facts.items:
        stranger = item.partner in outside or book.group.left_before(item.partner, item)
        if not stranger or item.entity not in currencies:
            continue
        quote, rates = item.quote, book.facts.rates.get(item.entity)
        if quote is None and rates is not None:
            quote = rates.average if item.kind.flow else rates.closing
        currency = currencies[item.entity]
        yield item, convert_one(item.amount, quote, currency, book.presentation)


def check_residuals(book: Book) -> CheckResult:
    """
    W6: what matched sides left that somebody has to clear.

    Documents that differ within the tolerance, and balances of one document that were
    translated apart, because one of the two did not remeasure it (IAS 21.23). Flows at
    average against a rate of their own, and cents, stand in the difference accounts and
    call for nobody: the evidence counts them.
    """
    counted = dict.fromkeys(Cause, 0)
    findings = []
    for match in book.matches:
        counted[match.cause] += 1
        apart = match.cause is Cause.FX and not match.kind.flow
        # Translated at the rates of two days, one document differs until the later books come.
        dates = match.cause is Cause.REPORTING_DATE and bool(match.difference)
        if match.cause is not Cause.AMOUNT and not apart and not dates:
            continue
        code = "intercompany-not-remeasured" if apart else "intercompany-residual"
        findings.append(
            Finding(
                "W6",
                "intercompany-other-date" if dates else code,
                Severity.WARNING,
                f"{match.a[0].id} {match.b[0].id}",
                0,
                match.residual,
                book.presentation,
                {"entity": match.a[0].entity, "partner": match.a[0].partner},
            )
        )
    population = len(book.matches)
    evidence = {cause.value: count for cause, count in counted.items() if count}
    return CheckResult(
        "W6",
        Severity.WARNING,
        0,
        population,
        population,
        len(findings),
        "",
        tuple(findings),
        evidence,
    )
