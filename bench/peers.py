"""
Peers that are programs of their own: `python -m bench.peers 66 500 [VENV]`.

hledger where it is installed, and Tryton from an environment beside the project: VENV is made
when it is not there yet, and `trytond-account-consolidation` installed into it. What cannot be
had is skipped, and said. Both add up at one rate of a day, Tryton a small group only; see what
each leaves out where it is measured. Compared are the accounts of assets and liabilities that
no entry touches.
"""

import json
import subprocess
import sys
import venv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import median

from bench import in_hledger
from bench.made import CAPITAL, CTA, DIVIDENDS, PRESENTATION, RATES, RETAINED, Made, make_group

PACKAGE = "trytond-account-consolidation"
SCRIPT = Path(__file__).with_name("in_tryton.py")
DIGITS = Fraction(1, 10**6)
"""Tryton keeps six decimals of a rate."""

LARGEST = (12, 100)
"""Entities and accounts that Tryton gets: 66 x 500 were not booked within nine minutes."""

EQUITY = {CAPITAL, RETAINED, DIVIDENDS, CTA}


def as_json(made: Made, repeats: int) -> str:
    """The group as Tryton's side reads it; equity stands with the liabilities."""
    kinds = {account.code: account.kind.value for account in made.group.chart.accounts}
    quotes = {
        currency: Decimal(quote.value) if quote.base == PRESENTATION else 1 / Decimal(quote.value)
        for currency, (_, _, quote, _) in RATES.items()
    }
    return json.dumps(
        {
            "repeats": repeats,
            "quotes": {"USD": "1"} | {code: f"{each:.6f}" for code, each in quotes.items()},
            "companies": [
                {
                    "code": balance.entity,
                    "currency": balance.currency,
                    "lines": [
                        (code, "liability" if code in EQUITY else kinds[code], amount)
                        for code, amount in zip(
                            balance.accounts, balance.amounts.tolist(), strict=True
                        )
                    ],
                }
                for balance in made.balances
            ],
        }
    )


def python_of(home: Path) -> str | None:
    """Python of an environment that has Tryton; None, with the reason printed: it cannot be had."""
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    asked = [str(python), "-m", "pip", "install", "--quiet", PACKAGE]
    done = subprocess.run(asked, check=False, capture_output=True, text=True)
    if done.returncode:
        print(f"Tryton: skipped, {PACKAGE} cannot be installed: {done.stderr.strip()[-300:]}")
        return None
    return str(python)


def measure_tryton(python: str, made: Made, repeats: int = 3) -> tuple[float, int]:
    """Median of its runs, and how many accounts came out as the engine's."""
    given = as_json(made, repeats)
    done = subprocess.run(
        [python, str(SCRIPT)], check=True, input=given, stdout=subprocess.PIPE, text=True
    )
    answer = json.loads(done.stdout)
    # Assets are debit positive with it, and liabilities credit positive.
    kinds = {account.code: account.kind.value for account in made.group.chart.accounts}
    found = {
        code: Fraction(amount) * (-100 if kinds[code] == "liability" else 100)
        for code, amount in answer["amounts"].items()
    }
    return median(answer["seconds"]), in_hledger.check(made, found, DIGITS)


def lines(entities: int, accounts: int, home: str = "") -> list[str]:
    """What each of them took, or why it was skipped; *home*: where Tryton's environment is."""
    said = []
    if (measured := in_hledger.measure(entities, accounts)) is None:
        said.append("hledger: skipped, it is not installed")
    else:
        said.append(_told("hledger", *measured))
    if not home:
        said.append("Tryton: skipped, no folder was named for its environment")
    elif python := python_of(Path(home)):
        made = make_group(min(entities, LARGEST[0]), min(accounts, LARGEST[1]))
        told = _told("Tryton", *measure_tryton(python, made))
        said.append(f"{told}; {len(made.balances)} x {len(made.balances[0].accounts)}")
    return said


def _told(name: str, seconds: float, compared: int) -> str:
    return f"{name}: {seconds:.2f} s, {compared} accounts as the engine has them"


if __name__ == "__main__":
    print(*lines(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:4]), sep="\n")
