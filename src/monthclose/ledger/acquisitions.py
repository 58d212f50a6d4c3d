"""What was bought or founded, at what value; what was paid in and paid out since."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from monthclose.ledger.errors import CloseError
from monthclose.ledger.pickups import EquityPickup
from monthclose.ledger.rates import Quote


class UnusableLife(CloseError):
    """A useful life below one month, over which nothing can be spread."""

    code = "useful-life-unusable"

    def __init__(self, subject: str, months: int) -> None:
        super().__init__(subject=subject, months=months)


class AcquisitionKind(StrEnum):
    """How control came about, or significant influence."""

    FORMATION = "formation"
    PURCHASE = "purchase"
    STEP = "step"
    ASSOCIATE = "associate"


class NciMethod(StrEnum):
    """How outsiders were measured at acquisition (IFRS 3.19)."""

    NONE = "none"
    PROPORTIONATE = "proportionate"
    FAIR_VALUE = "fair_value"


@dataclass(frozen=True, slots=True)
class StepUp:
    """
    What the fair value of an asset exceeded its book amount by (IFRS 3.18).

    Attributes:
        id: Unique in its acquisition, such as `CUST`.
        amount: Minor units of the target's currency; positive: the asset is worth more.
        life: Useful life in months from the acquisition; None: never charged, like land.
        asset_account: Where the gross amount stands.
        accumulated_account: Where what was charged so far stands, credit.
        expense_account: Where the charge goes.
        name: What it is, for the reader.
    """

    id: str
    amount: int
    life: int | None
    asset_account: str
    accumulated_account: str
    expense_account: str
    name: str = ""

    def __post_init__(self) -> None:
        if self.life is not None and self.life < 1:
            raise UnusableLife(self.id, self.life)


@dataclass(frozen=True, slots=True)
class ChargedPeriod:
    """
    Months charged together, and the average they are translated at (IAS 21.40).

    Attributes:
        label: What they are called, such as `2025-01`.
        months: How many.
        quote: Their average; None: the target is in the presentation currency.
        of_year: Of months before the roll-forward began, whether they are of its fiscal
            year: the result of the year so far holds them.
    """

    label: str
    months: int
    quote: Quote | None
    of_year: bool = False


@dataclass(frozen=True, slots=True)
class Impairment:
    """
    A loss on goodwill (IAS 36.90, ASC 350-20-35-8B).

    Attributes:
        amount: The part recognised: minor units of the target's currency, positive.
        quote: Rate it is translated at.
        in_period: Whether it is of the period being closed, not of an earlier one.
        month: Its month, after whose charge it counts; empty: before any charge of its period.
        of_year: As of a period that is charged.
        on: Its day, where it is known.
    """

    amount: int
    quote: Quote | None
    in_period: bool
    month: str = ""
    of_year: bool = False
    on: date | None = None


@dataclass(frozen=True, slots=True)
class GoodwillLoss:
    """
    A loss on the goodwill of an acquisition, on its day; never reversed (IAS 36.124).

    Attributes:
        acquisition: Id of the acquisition.
        entity: Code of the company whose goodwill it is, the target.
        amount: The part recognised: minor units of the target's currency, positive.
        on: Its day.
    """

    acquisition: str
    entity: str
    amount: int
    on: date


@dataclass(frozen=True, slots=True)
class PurchaseAccounts:
    """The accounts that a purchase needs beside those of its step-ups."""

    deferred_tax: str = "2500"
    deferred_tax_result: str = "6910"
    impairment: str = "6220"
    amortisation: str = "6230"
    result_before: str = "3310"


@dataclass(frozen=True, slots=True)
class Acquisition:
    """
    How a holder came to its shares in a target, and what it carries them at.

    Amounts of the target are in its functional currency, those of the investment in
    the holder's; all in minor units.

    Attributes:
        id: Unique in the group, such as `ACQ-VELA`.
        acquirer: Code of the holder.
        target: Code of the company.
        kind: Founded or bought.
        on: The day of control.
        in_period: Whether that day lies in the period being closed.
        quote: Rate of that day, target's currency to presentation currency.
        consideration: What was given, positive.
        consideration_currency: ISO 4217; empty: the target's.
        consideration_quote: Converts it into the target's currency.
        nci_method: How outsiders were measured.
        nci_share: Direct share of outsiders, for the proportionate method.
        nci_amount: Their fair value, in the target's currency, positive.
        equity: The target's equity at that day by account, debit positive.
        investment_account: Where the holder carries its shares.
        investment: What it carries, positive, in the holder's currency.
        investment_historical: The same at the day's rate in presentation currency;
            None: *investment* at *investment_quote*.
        investment_quote: Rate of that day, holder's currency to presentation currency.
        result: Income and expense of the target's year up to that day, by account, debit
            positive: part of the equity acquired, not of the group's result (IFRS 10.B88).
        previously_held: Fair value of the interest held before, target's currency, positive.
        step_ups: Fair value of its assets beyond their book amounts.
        tax_rate: Of the deferred tax on them (IAS 12.19).
        prior_periods: Months charged before the period, in order.
        current_periods: Months charged in the period, in order.
        impairments: Losses on its goodwill.
        goodwill_life: Months over which goodwill is amortised (ASC 350-20-35-63); None: it is not.
        first_charge: First month that is charged; empty: by the day of control.
        accounts: Where deferred tax and charges on goodwill go.
        pickup: What equity pick-up made of it in the holder's books; None: it is at cost.
    """

    id: str
    acquirer: str
    target: str
    kind: AcquisitionKind
    on: date | None = None
    in_period: bool = False
    quote: Quote | None = None
    consideration: int = 0
    consideration_currency: str = ""
    consideration_quote: Quote | None = None
    nci_method: NciMethod = NciMethod.NONE
    nci_share: Fraction = Fraction(0)
    nci_amount: int = 0
    equity: Mapping[str, int] = field(default_factory=dict)
    investment_account: str = ""
    investment: int = 0
    investment_historical: int | None = None
    investment_quote: Quote | None = None
    result: Mapping[str, int] = field(default_factory=dict)
    previously_held: int = 0
    step_ups: tuple[StepUp, ...] = ()
    tax_rate: Fraction = Fraction(0)
    prior_periods: tuple[ChargedPeriod, ...] = ()
    current_periods: tuple[ChargedPeriod, ...] = ()
    impairments: tuple[Impairment, ...] = ()
    goodwill_life: int | None = None
    first_charge: str = ""
    accounts: PurchaseAccounts = field(default_factory=PurchaseAccounts)
    pickup: EquityPickup | None = None

    def __post_init__(self) -> None:
        if self.goodwill_life is not None and self.goodwill_life < 1:
            raise UnusableLife(self.id, self.goodwill_life)


@dataclass(frozen=True, slots=True)
class Contribution:
    """Capital paid in on a day: minor units of the entity's currency, positive."""

    entity: str
    account: str
    amount: int
    on: date
    quote: Quote | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """
    An amount moved from one equity account to another, such as profit to the legal reserve.

    Attributes:
        entity: Code of the company.
        source: The account it leaves, debited.
        account: The account it goes to, credited.
        amount: Minor units of the company's currency, positive.
        on: Its day.
        reference: Tells two of one day apart.
        translated: What it takes along, minor units of the presentation currency,
            positive: never translated, but part of what the source was translated at.
            None: not resolved.
    """

    entity: str
    source: str
    account: str
    amount: int
    on: date
    reference: str = ""
    translated: int | None = None


def moved_into(transfers: Collection[Transfer], accounts: Iterable[str]) -> int:
    """What transfers brought into *accounts* on balance, presentation currency, credit positive."""
    if not transfers:
        return 0
    within = frozenset(accounts)
    return sum(
        ((each.account in within) - (each.source in within)) * (each.translated or 0)
        for each in transfers
    )


@dataclass(frozen=True, slots=True)
class Received:
    """
    A holder's part of a dividend.

    Attributes:
        holder: Code of the company that received it.
        amount: Minor units of its currency, positive.
        quote: Rate of the declaration date, holder's currency to presentation currency.
        income_account: Where the holder booked it.
        paid: The same in minor units of the payer's currency; None: *amount* when both keep
            one currency, else not known.
    """

    holder: str
    amount: int
    quote: Quote | None
    income_account: str
    paid: int | None = None


@dataclass(frozen=True, slots=True)
class Dividend:
    """
    A dividend declared in the period.

    Attributes:
        payer: Code of the company.
        amount: The whole dividend, minor units of the payer's currency, positive.
        quote: Rate of the declaration date (ASC 830-30-45; IAS 21.22).
        on: Declaration date.
        received: What group companies booked; the rest goes to outsiders. Of interest on
            equity gross: tax withheld is an expense or an asset of the recipient.
        account: Where the payer booked interest on equity (JCP), an account of the result
            from which it goes to dividends; empty: it is among its dividends.
    """

    payer: str
    amount: int
    quote: Quote | None
    on: date | None = None
    received: tuple[Received, ...] = ()
    account: str = ""


@dataclass(frozen=True, slots=True)
class OpeningBalance:
    """
    One account of one entity as the last close before the first month left it.

    Attributes:
        entity: Short code.
        account: Equity, CTA or NCI account; income or expense when the first month does
            not open a fiscal year.
        functional: Minor units of the entity's currency, debit positive; None for CTA and NCI.
        translated: Minor units of the presentation currency, debit positive.
    """

    entity: str
    account: str
    functional: int | None
    translated: int
