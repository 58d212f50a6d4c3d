"""A parent under equity pick-up at the group's own figures owns what the group's owners own."""

from random import Random

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.money import plain
from monthclose.ledger.parity import parity_of
from monthclose.ledger.periods import Period
from tests.equity_method.folders import rows, settings, write
from tests.equity_method.test_pickups import CHART

MONTHS = [str(Period(2024, 10).plus(place)) for place in range(14)]


def drawn(folder, seed: int):
    """P, A held to 80 % and B to 60 %, in reais, over fourteen months; the report is in dollars."""
    draw = Random(seed)
    held = {"A": draw.choice((60, 80, 100)), "B": 60}
    earned = {code: {m: 5 * draw.randint(-40_00, 90_00) for m in MONTHS} for code in held}
    paid = {code: 5 * draw.randint(0, 20_00) for code in held}
    day = {"A": "2024-12", "B": "2025-10"}
    pickups, events, tables = [], [], {}
    invested = {code: 1000_00 * share // 100 for code, share in held.items()}
    carried, cash, earlier, picked = dict(invested), 5000_00 - sum(invested.values()), 0, 0
    results = dict.fromkeys(held, 0)
    kept = dict.fromkeys(held, 0)
    out = dict.fromkeys(held, 0)
    for month in MONTHS:
        if month == MONTHS[12]:
            earlier, picked = earlier + picked, 0
            for code in held:
                kept[code] += results[code] - out[code]
                results[code] = out[code] = 0
        lines = []
        for code, share in held.items():
            result = earned[code][month]
            theirs = result * share // 100
            results[code] += result
            picked, carried[code] = picked + theirs, carried[code] + theirs
            pickups.append(f"{month},P,ACQ-{code},{plain(theirs)}")
            if day[code] == month and paid[code]:
                part = paid[code] * share // 100
                carried[code], cash, out[code] = carried[code] - part, cash + part, paid[code]
                events.append(f"{month}-15,dividend,{code},{plain(part)},P")
                if part != paid[code]:
                    events.append(f"{month}-15,dividend,{code},{plain(paid[code] - part)},")
            whole = 1000_00 + kept[code] + results[code] - out[code]
            lines += [
                f"{code},1010,{plain(whole)}",
                f"{code},3000,-1000.00",
                f"{code},3300,{plain(-kept[code])}",
                f"{code},3350,{plain(out[code])}",
                f"{code},4000,{plain(-results[code])}",
            ]
        lines += [
            f"P,1010,{plain(cash)}",
            f"P,1700,{plain(carried['A'])}",
            f"P,1300,{plain(carried['B'])}",
            "P,3000,-5000.00",
            f"P,3300,{plain(-earlier)}",
            f"P,4410,{plain(-picked)}",
        ]
        name = f"balances_{month.replace('-', '_')}"
        tables[name] = rows("entity,account,closing", lines)
    rates = [f"{m},BRL,USD,0.{draw.randint(1500, 2500)},{kind}"
             for m in MONTHS for kind in ("closing", "average")]  # fmt: skip
    rates += [f"{m}-15,BRL,USD,0.{draw.randint(1500, 2500)},historical" for m in day.values()]
    return write(
        folder,
        group=settings("USD", "2024-10") + "fiscal_year_end = 9\n",
        chart=CHART,
        entities="code,name,currency,method\nP,Parent,BRL,parent\nA,A,BRL,full\nB,B,BRL,full",
        ownership=rows("holder,investee,percent,from",
                       [f"P,{code},{share},2024-10-01" for code, share in held.items()]),
        rates=rows("date,base,quote,value,kind", [*rates, "2024-10-01,BRL,USD,0.20,historical",
                    "2024-09,BRL,USD,0.20,closing"]),
        openings="entity,account,functional,translated\nP,3000,-5000.00,-1000.00\nP,3400,,0.00",
        acquisitions=rows(
            "id,acquirer,target,date,kind,consideration,investment_account,investment,nci,"
            "nci_percent,share_capital",
            [
                f"ACQ-{code},P,{code},2024-10-01,formation,{plain(invested[code])},{account},"
                f"{plain(invested[code])},"
                f"{'none,' if share == 100 else f'proportionate,{100 - share}'},-1000.00"
                for (code, share), account in zip(held.items(), ("1700", "1300"), strict=True)
            ],
        ),
        events=rows("date,kind,entity,amount,holder", events),
        pickups=rows("period,holder,acquisition,amount", pickups),
        **tables,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_both_roads_give_net_assets_profit_and_cta(tmp_path, seed: int):
    """Within what each month and line was rounded by; nothing blocks, over a year's end."""
    found = read_group(drawn(tmp_path / "g", seed))
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    last = None
    for place, month in enumerate(MONTHS, start=1):
        book = engine.consolidate(month)
        assert [str(each) for each in validate(book, last).blocking] == [], month
        last = book.left()
        compared = parity_of(book)
        assert len(compared) == 3
        assert all(abs(each.difference) <= 1 + place for each in compared), (month, compared)
