"""The classic mistakes of a consolidation, as changes of the engine's text."""

from dataclasses import dataclass


class NotThere(AssertionError):
    """The text that a mistake changes does not stand where it should, exactly once."""


@dataclass(frozen=True)
class Mistake:
    """
    One mistake.

    Attributes:
        id: Short, such as `M01`.
        says: What an accountant would call it.
        file: Where, below the package.
        right: The text as it stands, once.
        wrong: What replaces it.
        by: Files of tests that work its part by hand, below `tests`; (): the worked cases do.
    """

    id: str
    says: str
    file: str
    right: str
    wrong: str
    by: tuple[str, ...] = ()

    def apply(self, text: str) -> str:
        """Put the mistake into a module's text."""
        if text.count(self.right) != 1:
            raise NotThere(f"{self.id}: {text.count(self.right)} times in {self.file}")
        return text.replace(self.right, self.wrong)


_MONEY = "ledger/money.py"
_RATES = "ledger/rates.py"
_ALIKE = "consolidation/alike.py"
_TRANSLATION = "consolidation/translation.py"
_TREATMENTS = "consolidation/treatments.py"
_ELIMINATION = "consolidation/elimination.py"
_NCI = "consolidation/nci.py"
_ATTRIBUTION = "consolidation/attribution.py"
_FACTS = "consolidation/facts.py"
_MONTHS = "consolidation/months.py"
_TRANSFERS = "consolidation/transfers.py"
_MATCHING = "consolidation/matching.py"
_BETWEEN = "consolidation/intercompany.py"
_ASSOCIATES = "consolidation/associates.py"
_PROFITS = "consolidation/profits.py"
_DISPOSAL = "consolidation/disposal.py"
_PURCHASE = "consolidation/purchase.py"
_FAIR_VALUE = "consolidation/fair_value.py"
_CHAINS = "consolidation/chains.py"

_SEEDS = (
    (
        "half a cent rounded to the even cent",
        _MONEY,
        "whole + (2 * rest >= denominator)",
        "whole + (2 * rest + whole % 2 > denominator)",
    ),
    (
        "amounts cut off instead of rounded",
        _MONEY,
        "whole + (2 * rest >= denominator)",
        "whole",
    ),
    (
        "the mean of a month's quotes taken of their inverses",
        _RATES,
        "mean = round_ratio(sum(quote.value_e10 for quote in days), len(days))",
        "mean = len(days) * 10**20 // sum(10**20 // quote.value_e10 for quote in days)",
    ),
    (
        "assets and liabilities at the average rate",
        _ALIKE,
        "at_closing = _convert(due, closing, pair)",
        "at_closing = _convert(due, average, pair)",
    ),
    (
        "income and expense at the closing rate",
        _ALIKE,
        "at_average = _convert([each.movement for each in tables], average, pair)",
        "at_average = _convert([each.movement for each in tables], closing, pair)",
    ),
    (
        "the year to date at the average of the last month",
        _MONTHS,
        "        return _Due(balance, rates, opening, before)",
        "        return _Due(balance, rates, opening, None)",
    ),
    (
        "months of a year-to-date account at one average",
        _TREATMENTS,
        "convert_one(month.amount, month.quote, functional, presentation)",
        "convert_one(month.amount, treatment.months[-1].quote, functional, presentation)",
    ),
    (
        "capital at the closing rate instead of its layers",
        _TRANSLATION,
        "zip(on, treat(balance, account, each, rates, chart), strict=True)",
        "zip(on, [convert_one(one, rates.closing, balance.currency, rates.presentation)"
        " for one in each], strict=True)",
    ),
    (
        "parts of an account rounded one by one",
        _TREATMENTS,
        "        numerator = numerator * under + part.amount * over * denominator\n"
        "        denominator *= under\n",
        "        numerator += round_ratio(part.amount * over, under)\n",
    ),
    (
        "equity that was carried forward without what came on top",
        _TREATMENTS,
        "return treatment.translated + treatment.moved + parts_translated",
        "return treatment.translated",
    ),
    (
        "a transfer inside equity at the average of its month",
        _TRANSFERS,
        "covered = min(amount, max(0, held.functional))",
        "covered = 0",
    ),
    (
        "profit retained before an acquisition kept as the group's",
        _ATTRIBUTION,
        "return booked + self._cancelled.get((translation.entity, account), 0)",
        "return booked",
    ),
    (
        "the closing rate of the month before",
        _FACTS,
        'or quote_for(group, entity.currency, "closing", day),',
        'or quote_for(group, entity.currency, "closing", day.plus(-1)),',
    ),
    (
        "a dividend at the closing rate of its month",
        "consolidation/dividends.py",
        "    found = group.rates.historical(currency, group.presentation, dividend.on)\n",
        "    last = Period.of(dividend.on).last_day\n"
        "    found = group.rates.closing(currency, group.presentation, last)\n",
    ),
    (
        "the opening CTA forgotten",
        _TRANSLATION,
        "cta=Rollforward(start.cta, left_over - start.cta)",
        "cta=Rollforward(0, left_over)",
    ),
    (
        "goodwill kept at the rate of the acquisition",
        _FAIR_VALUE,
        "        goodwill_closing=sum(layer.lines.values()),\n        cta=layer.cta,\n",
        "        goodwill_closing=purchase.goodwill_presentation,\n"
        "        cta=Rollforward(0, 0),\n",
    ),
    (
        "outsiders measured at the consideration",
        _PURCHASE,
        "nci = share_of(identifiable, acquisition.nci_share)",
        "nci = share_of(consideration, acquisition.nci_share)",
    ),
    (
        "goodwill without the outsiders' part",
        _PURCHASE,
        "surplus = consideration + nci + acquisition.previously_held - identifiable",
        "surplus = consideration + acquisition.previously_held - identifiable",
    ),
    (
        "a bargain gain carried as negative goodwill",
        _PURCHASE,
        "goodwill, gains = max(surplus, 0), surplus < 0",
        "goodwill, gains = surplus, False",
    ),
    (
        "the bargain gain of an earlier year in this year's result",
        _ELIMINATION,
        "gain_account = roles.bargain_gain if acquisition.in_period else roles.retained_earnings",
        "gain_account = roles.bargain_gain",
    ),
    (
        "a foreign holder's investment left at the closing rate",
        _ELIMINATION,
        "    if now == 0:\n        return None, taken",
        "    if now:\n        return None, taken",
    ),
    (
        "dividends within the group left in income",
        _ELIMINATION,
        "lines.append(EntryLine(part.income_account, income, part.holder))",
        "lines.append(EntryLine(chart.roles.retained_earnings, income, part.holder))",
    ),
    (
        "dividends to outsiders charged to the parent",
        _ELIMINATION,
        "        lines.append(EntryLine(chart.roles.nci, outside, payer.entity))",
        "        lines.append(EntryLine(chart.roles.retained_earnings, outside, payer.entity))",
    ),
    (
        "outsiders without their part of the CTA",
        _NCI,
        "sum([share_of(each.cta, each.was) for each in before]) + share_of(cta, share),",
        "share_of(cta - cta, share),",
    ),
    (
        "outsiders without their part of the opening CTA",
        _NCI,
        "share_of(shared.retained, was), share_of(shared.cta_opening, was)",
        "share_of(shared.retained, was), 0",
    ),
    (
        "outsiders' losses stopped at nil",
        _NCI,
        "        + share_of(profit, share),\n",
        "        + max(0, share_of(profit, share)),\n",
    ),
    (
        "equity carried into a new year without last year's result",
        _FACTS,
        "account = retained if kind in RESULT or kind is AccountClass.DIVIDENDS else code",
        "account = retained if kind is AccountClass.DIVIDENDS else code",
    ),
    (
        "the CTA of a full goodwill kept by the parent",
        _NCI,
        'if purchase.goodwill_layer is not None and acquisition.nci_method == "fair_value":',
        'if purchase.goodwill_layer is not None and acquisition.nci_method == "nothing":',
    ),
    (
        "an intercompany difference of just the tolerance left standing",
        _MATCHING,
        "if gap * self.tolerance.denominator > larger",
        "if gap * self.tolerance.denominator >= larger",
    ),
    (
        "an intercompany difference in percent of the smaller side",
        _MATCHING,
        "gap, larger = abs(left - right), max(abs(left), abs(right))",
        "gap, larger = abs(left - right), min(abs(left), abs(right))",
    ),
    (
        "intercompany items compared after translation",
        _MATCHING,
        "    if left.currency and left.currency == right.currency:\n",
        "    if left.currency == 'none':\n",
    ),
    (
        "invoices of different numbers matched for their amounts",
        _MATCHING,
        "unnamed = [side for side in left if not side.reference]",
        "unnamed = left",
    ),
    (
        "intercompany differences hidden in the CTA",
        _BETWEEN,
        "return roles.difference_result if match.kind.flow else roles.difference_position",
        "return roles.cta",
    ),
    (
        "what an intercompany pair leaves posted nowhere",
        _BETWEEN,
        "if residual := match.residual:",
        "if residual := 0:",
    ),
    (
        "intercompany flows at the closing rate",
        _BETWEEN,
        "quote = known.average if item.kind.flow else known.closing",
        "quote = known.closing",
    ),
    (
        "exchange differences on a net investment left in the result",
        _BETWEEN,
        "lines=tuple(line for line in lines if line.amount),",
        "lines=(),",
    ),
    (
        "losses of an associate carried below nil",
        _ASSOCIATES,
        "self.carrying = max(0, was + by)",
        "self.carrying = was + by",
    ),
    (
        "dividends of an associate left in income",
        _ASSOCIATES,
        "*received.items()",
        "(roles.retained_earnings, equity.received)",
    ),
    (
        "an associate carried at the average rate",
        _ASSOCIATES,
        "closing = convert_one(standing.carrying, associate.closing, *pair)",
        "closing = convert_one(standing.carrying, associate.average, *pair)",
    ),
    (
        "all of the profit on sales to an associate eliminated",
        _ASSOCIATES,
        "net = associate.share * (1 - unrealised.tax_rate)",
        "net = 1 - unrealised.tax_rate",
    ),
    (
        "unrealised profit at the closing rate instead of that of the sale",
        _PROFITS,
        "fixed = convert_one(profit.amount, profit.sale_quote, profit.currency, presentation)",
        "fixed = convert_one(profit.buyer_amount, buyer.closing_quote, buyer.functional,"
        " presentation)",
    ),
    (
        "unrealised profit without deferred tax",
        _PROFITS,
        "tax, tax_before = share_of(fixed, profit.tax_rate), share_of(profit.opening, before)",
        "tax, tax_before = 0, 0",
    ),
    (
        "last year's unrealised profit never released",
        _PROFITS,
        "(cost, -profit.opening, seller),",
        "(chart.roles.retained_earnings, -profit.opening, seller),",
    ),
    (
        "a transfer inside equity takes all of the translated amount",
        _TRANSFERS,
        "taken = round_ratio(held.translated * covered, held.functional) if covered else 0",
        "taken = held.translated if covered else 0",
    ),
    (
        "step-ups without deferred tax",
        _PURCHASE,
        "return share_of(carrying, self.tax_rate)",
        "return 0",
    ),
    (
        "step-ups never charged",
        _PURCHASE,
        "if life is None or months <= 0:",
        "if life is None or months >= 0:",
    ),
    (
        "charges of step-ups at the closing rate",
        _FAIR_VALUE,
        "translated = convert_one(charge.amount, charge.quote, *pair)",
        "translated = convert_one(charge.amount, rates.closing, *pair)",
    ),
    (
        "goodwill and step-ups left at the opening rate",
        _FAIR_VALUE,
        "account: convert_one(amount, rates.closing, *pair)",
        "account: convert_one(amount, rates.opening, *pair)",
    ),
    (
        "charges of earlier years in this year's result",
        _FAIR_VALUE,
        "        if charge.in_result:\n",
        "        if charge is not None:\n",
    ),
    (
        "the CTA recycled at a sale left in equity",
        _DISPOSAL,
        "translated = {code: -standing[code].get(roles.cta, 0) for code in codes}",
        "translated = {code: 0 for code in codes}",
    ),
    (
        "outsiders forgotten when a company is sold",
        _DISPOSAL,
        "outside = {code: -standing[code].get(roles.nci, 0) for code in codes}",
        "outside = {code: 0 for code in codes}",
    ),
    (
        "a holder's outsiders share in what its investment bought",
        _CHAINS,
        "part = rounded(_identifiable(purchase) * share * rate)",
        "part = 0",
    ),
    (
        "outsiders of the lowest company by its direct share alone",
        _CHAINS,
        "share = theirs * bought",
        "share = bought",
    ),
)

MISTAKES = tuple(Mistake(f"M{number:02}", *seed) for number, seed in enumerate(_SEEDS, start=1))
"""Every one of them is noticed by a check, a worked case or a refusal."""
