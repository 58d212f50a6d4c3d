"""What purchases brought and lost, as rows of a folder, the way `purchases` takes them back."""

from collections.abc import Mapping
from typing import Any

from monthclose.groupfolder.numbers import write_percent
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.entities import SHARE_UNIT
from monthclose.ledger.group import Group
from monthclose.ledger.money import plain


def term_cells(acquisition: Acquisition) -> dict[str, Any]:
    """The cells of an acquisition that say what it charges."""
    cells: dict[str, Any] = {
        "goodwill_life": acquisition.goodwill_life,
        "first_charge": acquisition.first_charge,
    }
    if acquisition.step_ups:
        cells["tax_rate_pct"] = write_percent(int(acquisition.tax_rate * SHARE_UNIT))
    return cells


def step_up_rows(group: Group, currencies: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """One row a step-up."""
    return [
        {
            "acquisition": bought.id,
            "id": each.id,
            "name": each.name,
            "amount": plain(each.amount, minor_digits(currencies[bought.target])),
            "life": each.life,
            "asset_account": each.asset_account,
            "accumulated_account": each.accumulated_account,
            "expense_account": each.expense_account,
        }
        for bought in group.acquisitions
        for each in bought.step_ups
    ]


def result_rows(group: Group, currencies: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """One row an account of what a company had earned before."""
    return [
        {
            "acquisition": bought.id,
            "account": account,
            "amount": plain(amount, minor_digits(currencies[bought.target])),
        }
        for bought in group.acquisitions
        for account, amount in bought.result.items()
    ]


def impairment_rows(group: Group, currencies: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """One row a loss on goodwill."""
    return [
        {
            "date": loss.on,
            "kind": "impairment",
            "entity": loss.entity,
            "amount": plain(loss.amount, minor_digits(currencies[loss.entity])),
            "reference": loss.acquisition,
        }
        for loss in group.impairments
    ]
