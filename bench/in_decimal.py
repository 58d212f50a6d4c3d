"""
The same close in plain `Decimal` objects, as one would write it first.

A balance is a dictionary from account to `Decimal`; each line is divided or multiplied by its
rate at 34 digits and rounded to cents, half up (which in this module means away from zero).
It does what the engine does: lines translated with their CTA and what caused it, books held
against the records, entries with reason and standard that must balance, purchases with their
layers, outsiders through chains with their roll-forwards, six layers added up, the group's
changes in equity; and, asked for afterwards as of the engine, the proof of every CTA. None of
the engine's arithmetic is used.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext

from bench.decimal_lines import CENT, Translated, cents, convert, prove, translate
from bench.decimal_records import NIL, NO_RATE, Bought, Company, Declared, Document, Records
from bench.full import BEFORE, LIFE, TAX_RATE
from bench.made import CAPITAL, DIVIDENDS, RETAINED
from bench.outcome import Outcome, without_nil

TAX = Decimal(TAX_RATE.numerator) / Decimal(TAX_RATE.denominator)
DIFFERENCE, GOODWILL, IMPAIRMENT = "1990", "1600", "6220"
PLANT, CHARGED, TAX_DUE, CHARGE, RELEASE = "1590", "1595", "2500", "6215", "6910"
FOR_GOODWILL, FOR_STEP_UPS = "GOODWILL", "FVA"
DIGITS = Context(prec=34)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry, debit positive."""

    account: str
    amount: Decimal
    entity: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced entry with its reason."""

    name: str
    layer: str
    reason: str
    standard: str
    lines: list[Line]

    def __post_init__(self) -> None:
        if sum([line.amount for line in self.lines], NIL):
            raise ValueError(f"{self.name} does not balance")


@dataclass(slots=True)
class Theirs:
    """What outsiders of one company share in, and what moves between levels."""

    acquired: Decimal = NIL
    cancelled: Decimal = NIL
    retained: Decimal = NIL
    profit: Decimal = NIL
    cta_opening: Decimal = NIL
    cta_movement: Decimal = NIL
    between: Decimal = NIL
    paid: Decimal = NIL


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase equation: functional figures, then those of the presentation currency."""

    name: str
    identifiable: Decimal
    outsiders: Decimal
    goodwill: Decimal
    goodwill_presentation: Decimal
    goodwill_closing: Decimal
    cta_opening: Decimal
    cta_movement: Decimal


@dataclass(frozen=True, slots=True)
class Outsiders:
    """The roll-forward of one company's outsiders, credit positive; its opening holds their CTA."""

    opening: Decimal
    cta_opening: Decimal
    profit: Decimal
    cta: Decimal
    dividends: Decimal
    between: Decimal

    @property
    def closing(self) -> Decimal:
        return self.opening + self.profit + self.cta + self.dividends + self.between


type Layers = dict[str, dict[str, Decimal]]
type Changes = dict[str, dict[str, Decimal]]


@dataclass
class Closed:
    """All that a close gives."""

    translated: dict[str, Translated]
    purchases: list[Purchase] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    nci: dict[str, Outsiders] = field(default_factory=dict)
    layers: Layers = field(default_factory=dict)
    changes: Changes = field(default_factory=dict)


def consolidate(records: Records) -> Closed:
    """Translate, match, eliminate, carry layers, attribute, add up."""
    with localcontext(DIGITS):
        return _Close(records).closed()


def translate_lines(records: Records) -> None:
    """Translate and add up the lines alone: no entries, nothing attributed."""
    with localcontext(DIGITS):
        totals: dict[str, Decimal] = defaultdict(Decimal)
        for company in records.companies:
            translate(company, records, totals)


class _Close:
    """One close: what was translated so far, what outsiders share in, the entries."""

    def __init__(self, records: Records) -> None:
        self.records, self.nci, self.cta = records, records.nci, records.cta
        self.companies = {each.code: each for each in records.companies}
        self.totals: dict[str, Decimal] = defaultdict(Decimal)
        self.theirs: dict[str, Theirs] = defaultdict(Theirs)
        self.carried: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.cta_opening = self.cta_movement = NIL
        self.made = Closed(
            {each.code: translate(each, records, self.totals) for each in records.companies}
        )

    def closed(self) -> Closed:
        made, records = self.made, self.records
        for bought in records.bought:
            made.purchases.append(self._buy(bought))
        self._check_investments()
        self._pay_dividends()
        self._match()
        for code, each in made.translated.items():
            if each.company.outside:
                made.nci[code] = self._attribute(each)
        made.layers = self._layers()
        made.changes = self._changes()
        return made

    def _enter(self, name: str, layer: str, why: tuple[str, str], *lines: Line) -> None:
        if kept := [line for line in lines if line.amount]:
            self.made.entries.append(Entry(name, layer, *why, kept))

    def _buy(self, each: Bought) -> Purchase:
        """Cancel an investment against the equity it bought; carry what it brought."""
        target, holder = self.companies[each.target], self.companies[each.acquirer]
        tax = cents(each.plant * TAX)
        equity, layer = convert(each.equity, each.rate), convert(each.plant - tax, each.rate)
        identifiable = -each.equity + each.plant - tax
        theirs = cents(identifiable * each.outsiders)
        outside = convert(theirs, each.rate)
        left = each.cost + outside + equity - layer
        part, above = self.theirs[each.target], self.theirs[each.acquirer]
        part.cancelled -= equity
        part.acquired += outside
        self._enter(
            f"INV-{each.name}",
            "elimination",
            ("investment against equity", "IFRS 10.B86(b)"),
            Line(CAPITAL, -equity, each.target),
            Line(FOR_STEP_UPS, layer, each.target),
            Line(FOR_GOODWILL, left, each.target),
            Line(each.account, -each.cost, each.acquirer),
            Line(self.nci, -outside, each.target),
        )
        if holder.foreign:
            self._to_cost(each, holder, above)
        self.carried[each.acquirer, each.account] += each.carried
        if holder.outside:
            moved = convert(identifiable * holder.outside * (1 - each.outsiders), each.rate)
            above.acquired -= moved
            part.acquired += moved
        price = each.consideration + theirs - identifiable
        lost = convert(each.loss, target.average)
        now, was = convert(price - each.loss, target.closing), convert(price, target.opening)
        opening, movement = was - left, now + lost - was
        if not each.purchase:
            above.cta_opening += opening  # a foundation has none: cents of its rounding
        self._enter(
            f"GW-{each.name}",
            "ppa",
            ("goodwill at the closing rate", "IAS 21.47"),
            Line(GOODWILL, now, each.target),
            Line(IMPAIRMENT, lost, each.target),
            Line(FOR_GOODWILL, -left, each.target),
            Line(self.cta, -opening - movement, each.target),
        )
        self.cta_opening += opening
        self.cta_movement += movement
        if each.plant:
            self._carry(each, target, layer, tax)
        return Purchase(each.name, identifiable, theirs, price, left, now, opening, movement)

    def _to_cost(self, each: Bought, holder: Company, above: Theirs) -> None:
        """Take an investment back to what it cost: an account is translated once."""
        before = self.carried[each.acquirer, each.account]
        upto = before + each.carried
        now = convert(upto, holder.closing) - convert(before, holder.closing) - each.cost
        was = convert(upto, holder.opening) - convert(before, holder.opening) - each.cost
        self._enter(
            f"RET-{each.name}",
            "elimination",
            ("retranslation of an investment", "IAS 21.39(a)"),
            Line(each.account, -now, each.acquirer),
            Line(self.cta, now, each.acquirer),
        )
        above.cta_opening -= was
        above.cta_movement -= now - was
        self.cta_opening -= was
        self.cta_movement -= now - was

    def _carry(self, each: Bought, target: Company, layer: Decimal, tax: Decimal) -> None:
        """The step-up at closing, its charges, and what outsiders have of both."""
        was, now = (cents(each.plant * months / LIFE) for months in (BEFORE, BEFORE + 1))
        tax_was, tax_now = (cents((each.plant - charged) * TAX) for charged in (was, now))
        prior = convert(was, each.before) - convert(tax - tax_was, each.before)
        charge = convert(now - was, target.average)
        release = convert(tax_was - tax_now, target.average)
        standing = [
            Line(account, convert(amount, target.closing), each.target)
            for account, amount in ((PLANT, each.plant), (CHARGED, -now), (TAX_DUE, -tax_now))
        ]
        stands = sum([line.amount for line in standing], NIL)
        stood = sum([convert(a, target.opening) for a in (each.plant, -was, -tax_was)], NIL)
        cta, cta_was = stands - layer + prior + charge - release, stood - layer + prior
        self._enter(
            f"FV-{each.name}",
            "ppa",
            ("step-ups at the closing rate", "IAS 21.47"),
            *standing,
            Line(CHARGE, charge, each.target),
            Line(RELEASE, -release, each.target),
            Line(RETAINED, prior, each.target),
            Line(FOR_STEP_UPS, -layer, each.target),
            Line(self.cta, -cta, each.target),
        )
        part = self.theirs[each.target]
        part.retained -= prior
        part.profit -= charge - release
        part.cta_opening += cta_was
        part.cta_movement += cta - cta_was
        self.cta_opening += cta_was
        self.cta_movement += cta - cta_was

    def _check_investments(self) -> None:
        """What holders carry is what the records say they bought."""
        for (code, account), amount in self.carried.items():
            if self.companies[code].lines[account] != amount:
                raise ValueError(f"{code} {account}: investments of {amount} are recorded")

    def _pay_dividends(self) -> None:
        """Cancel what was declared against what holders booked of it."""
        declared: dict[str, list[Declared]] = defaultdict(list)
        for dividend in self.records.dividends:
            declared[dividend.payer].append(dividend)
        for code, each in self.made.translated.items():
            if code == self.records.parent:
                continue
            dividends = declared.get(code, [])
            if sum([d.amount for d in dividends], NIL) != each.company.lines[DIVIDENDS]:
                raise ValueError(f"{code}: dividends are not those declared")
            for dividend in dividends:
                self._pay(dividend, each)

    def _pay(self, dividend: Declared, each: Translated) -> None:
        """One dividend; what outsiders of its holder have of it moves up to them."""
        payer, holder = dividend.payer, self.companies[dividend.holder]
        paid = each.lines[DIVIDENDS]
        received = convert(dividend.received, holder.received or NO_RATE)
        moved = cents(received * holder.outside)
        self._enter(
            f"DIV-{payer}",
            "elimination",
            ("dividend within the group", "IFRS 10.B86(c)"),
            Line(dividend.account, received, holder.code),
            Line(DIVIDENDS, -paid, payer),
            Line(self.nci, paid - received, payer),
        )
        self.theirs[payer].paid += paid - received
        self.theirs[payer].between -= moved
        self.theirs[holder.code].profit -= received
        self.theirs[holder.code].between += moved

    def _match(self) -> None:
        """Pair what has one reference, and cancel both sides where the documents agree."""
        waiting: dict[tuple[str, frozenset[str]], Document] = {}
        cancelled: dict[tuple[str, str], list[tuple[Decimal, Decimal]]] = defaultdict(list)
        why = ("balances within the group", "IFRS 10.B86(c)")
        for each in self.records.documents:
            key = (each.reference, frozenset((each.entity, each.partner)))
            other = waiting.pop(key, None)
            if other is None:
                waiting[key] = each
                continue
            if each.document + other.document:
                continue
            lines, residual = [], NIL
            for side in (each, other):
                amount = convert(side.amount, self.companies[side.entity].closing)
                cancelled[side.entity, side.account].append((side.amount, amount))
                lines.append(Line(side.account, -amount, side.entity))
                residual += amount
            lines.append(Line(DIFFERENCE, residual, each.entity))
            self._enter(f"IC-{each.reference}", "elimination", why, *lines)
        for (code, account), gone in cancelled.items():
            each_line = self.made.translated[code].lines[account]
            if self.companies[code].lines[account] != sum([booked for booked, _ in gone], NIL):
                continue
            # An account is translated as a whole, its documents one by one.
            rest = each_line - sum([amount for _, amount in gone], NIL)
            if 2 * abs(rest) <= CENT * (len(gone) + 1):
                lines = [Line(account, -rest, code), Line(DIFFERENCE, rest, code)]
                self._enter(f"ICR-{code}-{account}", "elimination", why, *lines)

    def _attribute(self, each: Translated) -> Outsiders:
        """Give outsiders their part, each component rounded once."""
        code, share = each.company.code, each.company.outside
        part, opening = self.theirs[code], each.company.opening_cta
        standing = cents((each.lines[CAPITAL] + part.cancelled) * share)
        retained = cents((part.retained - each.lines[RETAINED]) * share)
        profit = cents((part.profit + each.profit) * share)
        cta_was = cents((part.cta_opening + opening) * share)
        cta = cents((part.cta_movement + each.cta - opening) * share)
        self._enter(
            f"CAP-{code}",
            "nci",
            ("capital of outsiders", "IFRS 10.22"),
            Line(CAPITAL, -standing, code),
            Line(self.nci, standing, code),
        )
        self._enter(
            f"NCI-{code}",
            "nci",
            ("what outsiders have earned", "IFRS 10.B94"),
            Line(RETAINED, retained + profit, code),
            Line(self.cta, cta_was + cta, code),
            Line(self.nci, -retained - profit - cta_was - cta, code),
        )
        was = part.acquired - standing + retained + cta_was
        return Outsiders(was, cta_was, profit, cta, -part.paid, part.between)

    def _layers(self) -> Layers:
        """Translated balances and entries, by layer and account."""
        layers: Layers = {"translation": self.totals}
        for entry in self.made.entries:
            accounts = layers.setdefault(entry.layer, defaultdict(Decimal))
            for line in entry.lines:
                accounts[line.account] += line.amount
        for layer, accounts in layers.items():
            if sum(accounts.values(), NIL):
                raise ValueError(f"layer {layer} does not balance")
        return layers

    def _changes(self) -> Changes:
        """What moved the equity of owners and outsiders, and where it opened."""
        made, result = self.made, self.records.result
        nci = made.nci.values()
        profit = sum([each.profit for each in made.translated.values()], NIL)
        for layer, accounts in made.layers.items():
            if layer != "translation":
                profit -= sum([a for code, a in accounts.items() if code in result], NIL)
        opening = self.cta_opening - sum([each.cta_opening for each in nci], NIL)
        opening += sum([each.company.opening_cta for each in made.translated.values()], NIL)
        movement = self.cta_movement - sum([each.cta for each in nci], NIL)
        for each in made.translated.values():
            movement += each.cta - each.company.opening_cta
        theirs = sum([each.profit for each in nci], NIL)
        paid = self.companies[self.records.parent].lines[DIVIDENDS]
        capital, retained = (
            -sum([accounts.get(code, NIL) for accounts in made.layers.values()], NIL)
            for code in (CAPITAL, RETAINED)
        )
        moves = {
            "result": {"retained": profit - theirs, "nci": theirs},
            "translation": {"cta": movement, "nci": sum([each.cta for each in nci], NIL)},
            "dividends": {
                "retained": -paid,
                "nci": sum([each.dividends + each.between for each in nci], NIL),
            },
        }
        closing = {
            "share-capital": capital,
            "retained": retained + profit - paid,
            "cta": opening + movement,
            "nci": sum([each.closing for each in nci], NIL),
        }
        reported = {
            part: amount - sum([row.get(part, NIL) for row in moves.values()], NIL)
            for part, amount in closing.items()
        }
        return {"reported": reported, **moves, "closing": closing}


def prove_all(closed: Closed) -> dict[str, Decimal]:
    """Prove the movement of every CTA."""
    with localcontext(DIGITS):
        return {code: prove(each)[1] for code, each in closed.translated.items()}


def outcome_of(closed: Closed) -> Outcome:
    """What the other ways of doing the work have to agree with; not part of the peer's time."""
    accounts: dict[str, Decimal] = defaultdict(Decimal)
    details: dict[str, Decimal] = {}
    for layer, amounts in closed.layers.items():
        for account, amount in amounts.items():
            accounts[account] += amount
            details[f"{layer} {account}"] = amount
    for each in closed.purchases:
        details[f"goodwill {each.name}"] = each.goodwill_closing
        details[f"goodwill CTA {each.name}"] = each.cta_movement
    for code, theirs in closed.nci.items():
        details[f"nci opening {code}"] = theirs.opening
        details[f"nci profit {code}"] = theirs.profit
        details[f"nci cta {code}"] = theirs.cta
        details[f"nci dividends {code}"] = theirs.dividends
        details[f"nci between {code}"] = theirs.between
    for row, parts in closed.changes.items():
        details |= {f"{row} {part}": amount for part, amount in parts.items()}
    details |= {f"proof {code}": amount for code, amount in prove_all(closed).items()}
    return Outcome(
        accounts=without_nil({account: minor(amount) for account, amount in accounts.items()}),
        cta={code: minor(each.cta) for code, each in closed.translated.items()},
        nci={code: minor(each.closing) for code, each in closed.nci.items()},
        details=without_nil({name: minor(amount) for name, amount in details.items()}),
    )


def minor(amount: Decimal) -> int:
    """An amount in minor units."""
    return int(amount.scaleb(2))
