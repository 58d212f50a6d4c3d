"""The tale of P and S once more: control of S goes, and P keeps a part of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, Roles, chart_of
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.associates import AssociateMonth
from monthclose.ledger.changes import ChangeKind
from monthclose.ledger.periods import Period
from tests.changes.tale import MONTHS, WITH_GAIN, Deal, Tale

ASSOCIATE, ASSET, SHARE, RESERVE = "1751", "1760", "4400", "3510"
KEPT = chart_of(
    (
        *WITH_GAIN.accounts,
        Account(ASSOCIATE, "Associates", AccountClass.ASSET),
        Account(ASSET, "Shares", AccountClass.ASSET),
        Account(SHARE, "Share of associates", AccountClass.INCOME),
        Account(RESERVE, "Reserves of associates", AccountClass.OCI),
    ),
    Roles(associate_result=SHARE, associate_oci=RESERVE),
)
SALE = Deal(ChangeKind.DISPOSAL, "2025-06-17", "50", "850.00", "1000.00")


class KeptTale(Tale):
    """
    P sells shares of its 80 % of S on a day and keeps the rest.

    An associate stays in its books at the part of the cost; a financial asset at fair value.
    """

    def __init__(
        self,
        *,
        owner: str,
        owned: str,
        deal: Deal = SALE,
        associate: bool = True,
        account: str = "",
        recorded: Mapping[str, int] | None = None,
    ) -> None:
        kept = 80 - int(deal.percent)
        shares = {"2025-01-01": "80", deal.day: str(kept)}
        super().__init__([deal], owner=owner, owned=owned, shares=shares)
        (plain,) = self.changes
        fair = self.investment * 53 // 100
        cost = self.investment * kept // 80 if associate else None
        account = account or (ASSOCIATE if associate else ASSET)
        carried = fair if cost is None else cost
        change = replace(
            plain,
            gain=plain.proceeds + carried - plain.cost,
            retained_fair_value=fair,
            retained_cost=cost,
            retained_account=account,
        )
        self.changes = [change]
        on = date.fromisoformat(deal.day)
        month = Period.of(on)
        earned = tuple(
            AssociateMonth("S", each, amount, amount // 4)
            for each, amount in (recorded if recorded is not None else self.earned(month)).items()
        )
        acquisitions = self.group.acquisitions
        if associate:
            acquisitions += (
                Acquisition(
                    id="KEPT-S",
                    acquirer="P",
                    target="S",
                    kind=AcquisitionKind.ASSOCIATE,
                    on=on,
                    consideration=fair,
                    consideration_currency=owner,
                    equity={"3000": -60000, "3300": -70000},
                    investment_account=account,
                    investment=carried,
                ),
            )
        self.group = replace(
            self.group,
            chart=KEPT,
            changes=(change,),
            acquisitions=acquisitions,
            associate_months=earned if associate else (),
        )
        self.engine = ConsolidationEngine(self.group)
        for made in self.books():
            self.engine.load_trial_balance(made)

    @staticmethod
    def earned(month: Period) -> dict[str, int]:
        """What S earns since the day, and each month afterwards."""
        places = [place for place, each in enumerate(MONTHS) if each >= str(month)]
        return {
            MONTHS[place]: 1700 + 900 * (place % 4) - 2500 * (place % 3 == 0) for place in places
        }
