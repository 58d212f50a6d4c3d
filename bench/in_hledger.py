"""
What hledger does of the work, if it is installed; see `bench.peers`.

It reads a journal, values every balance at one rate of a day (`-X USD`), and adds up. One
rate for every account: no average for the result, none of the equity's own, so no CTA; and
nothing is eliminated or attributed. Compared is what both do: each account of assets and
liabilities that no entry touches, added up at the closing rate. hledger rounds the sum of a
currency once, the engine each line, so a cent a company is no difference.
"""

import shutil
import subprocess
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.made import NAMED, PERIOD, RATES, Made, make_group
from bench.measure import NotEqual, timed
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import POSITION

DAY = "2025-01-31"


def written(made: Made) -> str:
    """The group as a journal: the closing rates, then a transaction for each company."""
    closing = {currency: quotes[2] for currency, quotes in RATES.items()}
    # Its prices only multiply, so that reais are written turned over, as exact as it allows.
    lines = [f"P {DAY} BRL {Decimal(1) / Decimal(closing['BRL'].value):.28f} USD"]
    lines += [f"P {DAY} EUR {closing['EUR'].value} USD", ""]
    for balance in made.balances:
        lines.append(f"{DAY} {balance.entity}")
        for account, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True):
            value = f"{Decimal(amount).scaleb(-2):.2f} {balance.currency}"
            lines.append(f"    a{account}  {value}")
        lines.append("")
    return "\n".join(lines)


def balances(journal: Path) -> dict[str, Fraction]:
    """Let hledger add up, and read what it printed: minor units by account."""
    command = ["hledger", "balance", "-f", str(journal), "-X", "USD", "-N", "--flat", "-O", "csv"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = {}
    for line in done.stdout.splitlines()[1:]:
        name, amount = line.replace('"', "").split(",", 1)
        found[name[1:]] = Fraction(amount.replace("USD", "").replace(",", "").strip() or "0") * 100
    return found


def check(made: Made, found: dict[str, Fraction], inexact: Fraction = Fraction(0)) -> int:
    """
    Compare with the engine, account by account.

    Args:
        made: The group.
        found: What a peer says, minor units by account, debit positive.
        inexact: Part of the amounts by which the peer's rates are off.

    Returns:
        How many accounts were compared.

    Raises:
        NotEqual: an account differs by more than a cent a company, and what rates explain.
    """
    engine = ConsolidationEngine(made.group)
    for balance in made.balances:
        engine.load_trial_balance(balance)
    book = engine.consolidate(PERIOD, made.facts)
    compared = [
        account.code
        for account in book.chart.accounts
        if account.kind in POSITION and account.code not in NAMED and account.code in found
    ]
    sizes: dict[str, int] = {}
    for balance in made.balances:
        for code, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True):
            sizes[code] = sizes.get(code, 0) + abs(amount)
    for code in compared:
        bound = len(made.balances) + inexact * sizes[code]
        if abs(found[code] - book.figure(code)) > bound:
            raise NotEqual(f"{code}: {float(found[code])}, {book.figure(code)}")
    return len(compared)


def measure(entities: int, accounts: int, repeats: int = 5) -> tuple[float, int] | None:
    """Median of its runs, its start and reading included; None: it is not installed."""
    if shutil.which("hledger") is None:
        return None
    made = make_group(entities, accounts)
    with TemporaryDirectory() as home:
        journal = Path(home) / "made.journal"
        journal.write_text(written(made))
        runs = [timed(balances, journal) for _ in range(repeats)]
    return median(seconds for seconds, _ in runs), check(made, runs[-1][1])
