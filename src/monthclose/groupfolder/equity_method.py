"""What holders record of companies by the equity method: from checked lines to nouns."""

from collections.abc import Mapping
from typing import Any

from monthclose.groupfolder.columns import Known, Sheet
from monthclose.ledger.accounts import AccountClass, Chart
from monthclose.ledger.acquisitions import AcquisitionKind, OpeningBalance
from monthclose.ledger.associates import AssociateMonth
from monthclose.ledger.entities import Method
from monthclose.ledger.pickups import PickupMonth

OPENINGS = (AccountClass.ASSET, AccountClass.CTA, AccountClass.OCI)
"""What an associate may open with: its carrying amount, and what of it is CTA and OCI."""


def associates_in(sheet: Sheet) -> frozenset[str]:
    """Codes of the companies by the equity method, also in a line that is otherwise wrong."""
    pairs = zip(sheet.values["code"], sheet.values["method"], strict=True)
    return frozenset(code for code, method in pairs if code and method == Method.EQUITY)


def read_associate_months(sheet: Sheet, known: Known) -> tuple[AssociateMonth, ...]:
    """Read what associates earned; a company that is consolidated sends its balance."""
    found = []
    for line, row in sheet.rows():
        turned = known.stepped | known.kept
        if known.entities is not None and row["entity"] not in known.associates | turned:
            sheet.report(line, "entity", "associate-consolidated", text=row["entity"])
            continue
        found.append(AssociateMonth(row["entity"], row["period"], row["result"], row["oci"] or 0))
    return tuple(found)


def check_associate(sheet: Sheet, line: int, row: Mapping[str, Any], known: Known) -> None:
    """Of companies by the equity method shares are bought as of an associate, and of no other."""
    if known.entities is None or row["target"] not in known.entities:
        return
    bought = row["kind"] == AcquisitionKind.ASSOCIATE
    both = row["target"] in known.stepped | known.kept
    if not both and bought != (row["target"] in known.associates):
        code = "associate-consolidated" if bought else "associate-kind"
        sheet.report(line, "target" if bought else "kind", code, text=row["target"])
    if bought and row["nci"] not in (None, "none"):
        sheet.report(line, "nci", "value-unexpected", why=row["kind"])


def read_pickups(sheet: Sheet, known: Known) -> tuple[PickupMonth, ...]:
    """Read what holders booked by equity pick-up, each of what it acquired."""
    found = []
    for line, row in sheet.rows():
        acquisition, holder = row["acquisition"], row["holder"]
        bought = (known.acquisitions or {}).get(acquisition)
        if bought and bought.acquirer not in (None, holder):
            sheet.report(line, "holder", "pickup-holder", text=holder, holder=bought.acquirer)
        else:
            found.append(
                PickupMonth(
                    holder,
                    acquisition,
                    row["period"],
                    row["amount"],
                    row["reserve"] or 0,
                    row["translated"],
                )
            )
    return tuple(found)


def read_opening(
    sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None, known: Known
) -> OpeningBalance | None:
    """
    Read where an associate stood: what it is carried at, and what of it is CTA and OCI.

    A credit stands for losses not recognised so far; nothing is carried then.
    """
    account, functional, translated = row["account"], row["functional"], row["translated"]
    kind = chart.kind(account) if chart is not None and account in chart else None
    if kind is not None and kind not in OPENINGS:
        wanted = sorted(each.value for each in OPENINGS)
        sheet.report(line, "account", "account-class", text=account, wanted=wanted)
    elif kind is AccountClass.ASSET and functional is None:
        sheet.report(line, "functional", "value-needed", why=kind)
    elif kind in (AccountClass.CTA, AccountClass.OCI) and functional is not None:
        sheet.report(line, "functional", "value-unexpected", why=kind)
    elif kind is AccountClass.ASSET and functional <= 0 and translated:
        sheet.report(line, "translated", "associate-nothing-carried")
    elif (
        kind is AccountClass.ASSET
        and functional > 0
        and (known.entities or {}).get(row["entity"]) == known.presentation
        and functional != translated
    ):
        sheet.report(line, "translated", "opening-differs", currency=known.presentation)
    else:
        return OpeningBalance(row["entity"], account, functional, translated)
    return None
