"""The group's equity rolled forward from its openings, beside the accounts."""

from monthclose.consolidation.aggregation import Posted, line_amount
from monthclose.consolidation.associates import bought_as_associates
from monthclose.consolidation.worksheet import Worksheet
from monthclose.ledger.accounts import RESULT, AccountClass
from monthclose.ledger.acquisitions import moved_into
from monthclose.ledger.equity import EquityRollforward
from monthclose.ledger.events import Derecognition
from monthclose.ledger.journal import LayerName
from monthclose.ledger.translations import Rollforward


def roll_equity(sheet: Worksheet, entries: Posted) -> EquityRollforward:
    """
    Roll the group's equity forward from its openings, not from the closing balances.

    Args:
        sheet: After the last step.
        entries: All of them, added up.

    Returns:
        Minor units of the presentation currency, credit positive.

    Source:
        IAS 1.106; V6 holds the accounts against it.
    """
    chart, roles = sheet.chart, sheet.chart.roles
    attributed, before = entries[LayerName.NCI], 0
    result = 0
    for layer, accounts in entries.items():
        if layer is not LayerName.NCI:
            before += accounts.get(roles.retained_earnings, 0)
        result -= sum(each for code, each in accounts.items() if chart.kind(code) in RESULT)
    profit_nci = sum(each.share_of_profit for each in sheet.nci.values())
    cta_nci = sum(each.share_of_cta for each in sheet.nci.values())
    translations = sheet.translations.values()
    retained = -before - sum(
        line_amount(each, roles.retained_earnings, chart) for each in translations
    )
    retained -= attributed.get(roles.retained_earnings, 0) - profit_nci
    result += sum(each.net_income for each in translations)
    dividends = -line_amount(sheet.translations[sheet.parent], roles.dividends, chart)
    causes = [each.cta for each in translations]
    causes += [each.cta for bought in sheet.purchases.values() for each in bought.layers]
    causes += sheet.retranslated
    causes += [each.cta for each in sheet.attributable]
    causes += [Rollforward(0, moved) for moved in sheet.reserved.values()]
    reattributed = sum(each.cta_reattributed for each in sheet.changes)
    gone = [each for each in sheet.changes if isinstance(each, Derecognition)]
    causes.append(Rollforward(0, -sum(each.cta_recycled for each in gone) - reattributed))
    transactions = sum(each.adjustment for each in sheet.changes)
    retained -= transactions
    transfers = moved_into(sheet.facts.transfers, (roles.retained_earnings,))
    transfers += sheet.capitalised_outside + sheet.reserved_outside
    transfers += sum(sum(each.released.values()) for each in gone)
    transfers += sum(each.oci_released for each in sheet.associates.values())
    retained -= transfers
    reserves = chart.codes_of(AccountClass.OCI)
    recognised = sum(sheet.came(each, account) for each in translations for account in reserves)
    # Of holders' own reserves the reversal of equity pick-up took out what it had brought.
    bought = (*sheet.facts.acquisitions, *bought_as_associates(sheet.facts.associates))
    recognised -= sum(e.pickup.reserve_moved_presentation for e in bought if e.pickup)
    opening_cta_nci = attributed.get(roles.cta, 0) - cta_nci
    return EquityRollforward(
        retained_opening=retained,
        net_income_parent=result - profit_nci,
        dividends_parent=dividends,
        transfers_parent=transfers,
        retained_closing=retained + result - profit_nci + dividends + transfers + transactions,
        transactions_parent=transactions,
        cta_reattributed=reattributed,
        cta_parent=Rollforward(
            sum(each.opening for each in causes) - opening_cta_nci,
            sum(each.movement for each in causes) - cta_nci,
        ),
        nci_opening=sum(each.opening for each in sheet.nci.values()),
        nci_closing=sum(each.closing for each in sheet.nci.values()),
        oci_parent=recognised - sum(each.share_of_oci for each in sheet.nci.values()),
    )
