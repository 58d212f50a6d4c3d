"""Tokens of many companies that end together are renewed a few at once."""

import asyncio
from contextlib import contextmanager
from typing import Any

from monthclose.connectors.turns import Turns
from monthclose.wiring.sources import RENEWALS
from monthclose.wiring.vault import StoredVault
from tests.connectors.fakes import FakeClock


class Record:
    """A record whose lock is free; counts how many hold a connection to the database."""

    held = most = 0

    @contextmanager
    def alone(self):
        Record.held += 1
        Record.most = max(Record.most, Record.held)
        yield True
        Record.held -= 1


async def renew(vault, asked):
    async with vault.alone():
        asked.append(vault.name)
        for _ in range(20):
            await asyncio.sleep(0)


def test_few_at_once_of_one_erp_and_everybody_in_turn():
    asked: list[str] = []

    async def go():
        gates = Turns()
        files: Any = None
        record: Any = Record()
        vaults = [
            StoredVault(files, record, f"{erp} {number}", "pull", erp, FakeClock())
            for number in range(12)
            for erp in ("bling", "contaazul")
        ]
        for vault in vaults:
            vault.gate = gates.of(f"renewals:{vault.erp}", RENEWALS)
        await asyncio.gather(*(renew(vault, asked) for vault in vaults))
        return [vault.name for vault in vaults]

    names = asyncio.run(go())
    assert sorted(asked) == sorted(names)
    assert (Record.held, Record.most) == (0, 2 * RENEWALS)
