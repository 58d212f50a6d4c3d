"""The classic mistakes of dated records, each with the tests that work its part by hand."""

from tests.mistakes.catalogue import Mistake
from tests.mistakes.shares import SHARES

_C = "consolidation/"
_GROUP_CASH = _C + "group_cash.py"
_COMPANY_CASH = _C + "company_cash.py"
_YEARS = _C + "own_years.py"
_ASSOCIATES = _C + "associate_months.py"
_PICKUPS = _C + "pickup_months.py"
_REVERSAL = _C + "pickups.py"
_PART = _C + "partial_disposal.py"
_CHANGES = _C + "changes.py"
_STOCK = _C + "unrealised.py"
_INDEXED = _C + "indexed.py"
_GAAP = _C + "gaap.py"
_FACTS = _C + "facts.py"
_STATED = _C + "movements.py"
_METRICS = "analysis/metrics.py"
_MRR = "analysis/mrr.py"

CASH = ("consolidation/test_group_cash.py", "consolidation/test_company_cash.py")
TOLD_CASH = ("worked/test_told_cash.py",)
SOLD_CASH = ("changes/test_cash.py",)
INTEREST = ("consolidation/test_interest_on_equity.py",)
YEARS = ("consolidation/test_own_years.py",)
RESERVES = ("consolidation/test_recognised.py",)
ASSOCIATES = ("equity_method/test_associates.py",)
PICKUPS = ("equity_method/test_pickups.py",)
CHAINED = ("changes/test_chain.py",)
BELOW = ("changes/test_subgroup.py", "changes/test_part_above.py")
CHANGES = ("changes/test_by_hand.py", "changes/test_golden.py")
STEPS = ("changes/test_step.py",)
STOCK = ("consolidation/test_unrealised_months.py",)
ASSETS = ("consolidation/test_asset_sales.py",)
TOLD = ("worked/test_told_golden.py",)
INDEXED = ("consolidation/test_indexed.py",)
GAAP = ("consolidation/test_gaap.py",)
BRIDGE = ("consolidation/test_bridge.py",)
METRICS = ("analysis/test_metrics.py",)
CASES = ()

_SEEDS = (
    # Cash flows.
    (
        "a dividend paid at the average instead of its day",
        _COMPANY_CASH,
        "self._dated(DIVIDENDS_LINE, declared + unpaid, parts)",
        "self._dated(DIVIDENDS_LINE, declared + unpaid, [])",
        TOLD_CASH,
    ),
    (
        "exchange differences on foreign cash left among the flows",
        _COMPANY_CASH,
        "            remeasured += amount\n",
        "            remeasured += 0\n",
        CASH,
    ),
    (
        "closing cash at the average rate",
        _COMPANY_CASH,
        "(now, self.rates.closing)):",
        "(now, self.average)):",
        CASH,
    ),
    (
        "cash of a company bought counted as if the group had opened with it",
        _GROUP_CASH,
        "                acquired += year.opening[1]\n",
        "                acquired += 0\n",
        CASH,
    ),
    (
        "cash of a company sold still there",
        _GROUP_CASH,
        "            self.left += cash\n",
        "            self.left += 0\n",
        SOLD_CASH,
    ),
    (
        "dividends to outsiders shown as paid within the group",
        _GROUP_CASH,
        "outside = self._paid_outside(year, amount)",
        "outside = 0",
        CASH,
    ),
    (
        "shares sold to outsiders under investing",
        _GROUP_CASH,
        "SOLD if isinstance(event, Disposal) else TRADED",
        "SOLD",
        SOLD_CASH,
    ),
    (
        "depreciation written off counted twice",
        _COMPANY_CASH,
        "self._add(WRITTEN_OFF_LINE, moved, left - translated)",
        "self._add(WRITTEN_OFF_LINE, moved, left)",
        CASH,
    ),
    (
        "balances within the group left in working capital",
        _GROUP_CASH,
        "for kept in (year.intragroup, year.declared):",
        "for kept in (year.declared,):",
        CASH,
    ),
    # Interest on equity, own fiscal years, reserves.
    (
        "interest on equity under equity pick-up taken off the investment twice",
        _C + "dividends.py",
        "return not (dividend.account and group.chart.kind(part.income_account) in RESULT)",
        "return True",
        INTEREST,
    ),
    (
        "what a company earned before the group's year added to it",
        _YEARS,
        "lines[account] = lines.get(account, 0) + sign * amount",
        "lines[account] = lines.get(account, 0) + amount",
        YEARS,
    ),
    (
        "a company's own year turned a month late",
        _YEARS,
        "start, its = group.fiscal_year.start(month), own.start(month)",
        "start, its = group.fiscal_year.start(month), own.start(month).plus(1)",
        YEARS,
    ),
    (
        "other comprehensive income at the rate of the last day of its month",
        _FACTS,
        "quote = group.rates.historical(entity.currency, group.presentation, paid.on)",
        "quote = group.rates.closing("
        "entity.currency, group.presentation, Period.of(paid.on).last_day)",
        RESERVES,
    ),
    (
        "outsiders without their part of other comprehensive income",
        _C + "nci.py",
        "{a: share_of(each.recognised, was) + each.later for",
        "{a: 0 * each.later for",
        RESERVES,
    ),
    # Associates and equity pick-up.
    (
        "an associate's months all at the share of the last day",
        _ASSOCIATES,
        "share = self._share(max(month.first_day, bought))",
        "share = self._share(end.last_day)",
        ASSOCIATES,
    ),
    (
        "the CTA of an associate forgotten when a year opens",
        _ASSOCIATES,
        "last.losses, result, last.oci.closing, last.cta.closing)",
        "last.losses, result, last.oci.closing, 0)",
        ASSOCIATES,
    ),
    (
        "what an associate is carried at as a year opens at the average",
        _ASSOCIATES,
        'closing = self._quote("closing", start.plus(-1))',
        'closing = self._quote("average", start.plus(-1))',
        ASSOCIATES,
    ),
    (
        "losses of an associate not made up for in the next year",
        _ASSOCIATES,
        "_Start(last.carrying, last.losses, result,",
        "_Start(last.carrying, 0, result,",
        ASSOCIATES,
    ),
    (
        "equity pick-up of earlier years left in the result",
        _PICKUPS,
        "if Period.parse(each.period) < self.year:\n                prior += part.amount",
        "if Period.parse(each.period) < self.first:\n                prior += part.amount",
        PICKUPS,
    ),
    (
        "dividends under equity pick-up not put back",
        _REVERSAL,
        "current, received = together(pickup.current), together(pickup.dividends)",
        "current, received = together(pickup.current), 0",
        PICKUPS,
    ),
    (
        "the reserve that equity pick-up brought counted as retranslation",
        _REVERSAL,
        "    rest -= pickup.reserve_presentation\n",
        "    rest -= 0\n",
        PICKUPS,
    ),
    # Changes of ownership.
    (
        "shares sold without their part of the CTA",
        _PART,
        "cta_reattributed=share_of(day.cta, part),",
        "cta_reattributed=0,",
        CHANGES,
    ),
    (
        "all of a month's result before a sale in the middle of it",
        _C + "day.py",
        "result = round_ratio(whole * change.on.day, month.last_day.day)",
        "result = whole",
        CHANGES,
    ),
    (
        "a company sold at the rate of the month's end",
        _FACTS,
        "closing=rate_of_sale(group, entity, period)\n        or ",
        "closing=",
        CHANGES,
    ),
    (
        "a sale of an earlier year forgotten",
        _CHANGES,
        "settled += (event, *passed_below(group, change, event, scope))",
        "settled += ()",
        CHANGES,
    ),
    (
        "what was paid for a company sold left in the CTA of its holder",
        _CHANGES,
        "cost -= _historical(group, bought)",
        "cost -= 0 * _historical(group, bought)",
        ("changes/test_years.py",),
    ),
    (
        "the CTA of an associate not recycled when control is gained",
        _C + "step.py",
        "cta_recycled=equity.cta.closing,",
        "cta_recycled=0,",
        STEPS,
    ),
    (
        "goodwill without the interest held before control",
        _C + "dated_steps.py",
        "previously_held=rounded(exact / ratio_of(of_target, bought, group.presentation)),",
        "previously_held=0,",
        STEPS,
    ),
    # Profit within the group.
    (
        "stock of last year at the average of the month it was counted in",
        _STOCK,
        "_sale_quote(group, was, was.sold))",
        "_sale_quote(group, was, was.period))",
        STOCK,
    ),
    (
        "the CTA that stock of last year held forgotten",
        _STOCK,
        "opening_cta = opening - convert_one(was.buyer_amount, closing, currency, presentation)",
        "opening_cta = 0 * convert_one(was.buyer_amount, closing, currency, presentation)",
        STOCK,
    ),
    (
        "the profit in an asset released from the month after",
        _STOCK,
        "month.month - first.month + 1\n",
        "month.month - first.month\n",
        ASSETS,
    ),
    (
        "the gain on an asset taken out again in every year",
        _STOCK,
        "gain=sale.amount if opened is None else 0,",
        "gain=sale.amount,",
        ASSETS,
    ),
    # Net investments, corrections, hyperinflation.
    (
        "exchange differences of earlier years taken out of this year's result",
        _C + "net_investments.py",
        "amount, months=months, opened=opened",
        "amount, months=months, opened=False",
        ("consolidation/test_beside_books_years.py",),
    ),
    (
        "a correction at the average of the month that found it",
        _C + "corrections.py",
        "quote = _quote_of(group, entity, each.origin)",
        "quote = _quote_of(group, entity, each.since)",
        TOLD,
    ),
    (
        "a correction's year a month early",
        _C + "corrections.py",
        "range(-11, 1)",
        "range(-12, 0)",
        TOLD,
    ),
    (
        "a correction kept from outsiders",
        _C + "restatement.py",
        "retained_nci=share_of(adjustment, share),",
        "retained_nci=0,",
        TOLD,
    ),
    (
        "income and expense of earlier months not restated",
        _INDEXED,
        "self._add(key, move * self._factor(month))",
        "self._add(key, move)",
        INDEXED,
    ),
    (
        "what a restated asset is used up by charged as booked",
        _INDEXED,
        "self.used += (worth * part - books) * self._factor(month)",
        "self.used += 0",
        INDEXED,
    ),
    (
        "equity restated from a month too late",
        _INDEXED,
        "self._add((account, \"\"), was * self._factor(self.opened))",
        "self._add((account, \"\"), was * self._factor(self.opened.plus(1)))",
        INDEXED,
    ),
    # The bridge to the other framework.
    (
        "differences opening with what the first month brought",
        _GAAP,
        "before, now = layer.stood(first.plus(-1)), layer.stood(month)",
        "before, now = layer.stood(first), layer.stood(month)",
        GAAP,
    ),
    (
        "outsiders' part of a month at the share as the year opened",
        _GAAP,
        "- shares[each.month] * each.translated",
        "- shares[opened] * each.translated",
        GAAP,
    ),
    (
        "the opening effect of a difference before tax",
        _C + "bridge.py",
        "    opening -= share_of(opening, rate)\n",
        "    opening -= 0\n",
        BRIDGE,
    ),
    # Metrics.
    (
        "exchange rates counted as expansion",
        _MRR,
        "(at_rate(subscriptions, who, month, end) for month in (start, end))",
        "(at_rate(subscriptions, who, month, month) for month in (start, end))",
        METRICS,
    ),
    (
        "customers that came back counted as new",
        _MRR,
        "had = who.before > 0 or any(mrr > 0 for mrr in who.mrr[:end])",
        "had = False",
        METRICS,
    ),
    (
        "gross retention lifted by expansion",
        _METRICS,
        "kept = self._exact(cohort, lambda step: min(step.own))",
        "kept = min(now, then)",
        METRICS,
    ),
    (
        "net new ARR at two rates",
        _METRICS,
        "total_at(self.contracts, _NOW - QUARTER, _NOW))",
        "total_at(self.contracts, _NOW - QUARTER, _NOW - QUARTER))",
        METRICS,
    ),
    # The statement of changes in equity, and the closed form of outsiders.
    (
        "the CTA that passes to outsiders shown as income of the owners",
        _STATED,
        "equity.cta_parent.movement + equity.cta_reattributed,",
        "equity.cta_parent.movement,",
        ("changes/test_by_hand.py", "changes/test_drawn.py"),
    ),
    (
        "a correction stated as all the owners'",
        _STATED,
        "sum(one.retained_parent for one in each)",
        "sum(one.retained for one in each)",
        TOLD,
    ),
    (
        "the closed form of outsiders with what their company holds of others",
        "analysis/nci_checks.py",
        "form.shared -= sum(int(translation.amounts[line]) for line in lines.get(account, ()))",
        "form.shared -= 0",
        CASES,
    ),
    (
        "the closed form of outsiders with their seller's unrealised profit",
        "analysis/nci_checks.py",
        "(profit.seller, share_of(fixed, profit.tax_rate) - fixed),",
        "(profit.seller, 0),",
        ("changes/test_drawn.py",),
    ),
    (
        "a part of what is recycled given to outsiders of the seller",
        _C + "chain_sales.py",
        "lost.gain_before_recycling - disposal.separate_gain",
        "lost.gain - disposal.separate_gain",
        CHAINED,
    ),
    (
        "the price of shares without the part of the seller's outsiders",
        _PART,
        "passed=share_of(sale.proceeds, above),",
        "passed=0,",
        CHAINED,
    ),
    (
        "what a seller's outsiders had below gone with the company",
        _C + "chain_sales.py",
        "return Above(theirs, below, rest, share_of(cta, theirs))",
        "return Above(theirs, {}, whole, share_of(cta, theirs))",
        CHAINED,
    ),
    (
        "investments of a company of which a part is sold counted twice for outsiders",
        _C + "attribution.py",
        "day.net_assets + stood + held.net_assets,",
        "day.net_assets + stood,",
        BELOW,
    ),
    (
        "of a company sold with its holder the seller's outsiders given the holder's share",
        _C + "chain_sales.py",
        "theirs * reach[code] * shared",
        "theirs * reach[disposal.entity] * shared",
        BELOW,
    ),
    *SHARES,
)  # fmt: skip

DATED = tuple(
    Mistake(f"D{number:02}", *seed[:4], by=seed[4]) for number, seed in enumerate(_SEEDS, start=1)
)
"""Every one of them makes a figure that was worked by hand another one."""
