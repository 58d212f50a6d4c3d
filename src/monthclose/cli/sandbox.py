"""The command that serves the sandbox group's neighbors until it is stopped."""

from collections.abc import Callable
from threading import Event

from monthclose.cli.call import OK, Call
from monthclose.ledger.money import plain
from monthclose.wiring.erps import PARTS
from monthclose.wiring.stand_ins import Running, Wished, stand_ins


def until_interrupted() -> None:
    """Wait for ever; Ctrl-C ends it."""
    Event().wait()


def run_sandbox(how: Call, wished: Wished, wait: Callable[[], None] = until_interrupted) -> int:
    """Serve, say where and with which made-up credentials, and wait for Ctrl-C."""
    with stand_ins(wished) as running:
        _show(how, running)
        try:
            wait()
        except KeyboardInterrupt:
            how.out.say("sandbox-stopped", "dim")
    return OK


def _show(how: Call, running: Running) -> None:
    """Print addresses and credentials."""
    for name, address in running.addresses.items():
        doors = [door for door in running.doors if door.server == name]
        path = doors[0].path if doors else ""
        how.out.say("sandbox-address", "bold", name=name, address=address + path)
        for door in doors:
            # What is typed; tokens come from the grant, and are in the JSON.
            secrets = " ".join(f"{part}={door.secrets[part]}" for part in PARTS[door.erp])
            told = "".join(f" --set {name}={value}" for name, value in door.settings.items())
            how.out.say(
                "sandbox-door",
                erp=door.erp,
                entity=door.entity,
                company=door.company,
                address=running.addresses[door.server] + door.path,
                settings=told,
            )
            how.out.say("sandbox-secrets", "dim", secrets=secrets)
    for made in running.planted:
        out = ", ".join(f"{account} {plain(amount)}" for account, amount in made.out_by)
        how.out.say(
            "sandbox-planted",
            "yellow",
            name=made.name,
            entity=made.entity,
            period=made.period,
            accounts=out,
        )
    banks = {"bcb": running.addresses["bcb"], "sgs": running.addresses["bcb"]}
    banks["ecb"] = running.addresses["ecb"]
    how.out.say(
        "sandbox-environment",
        allow=",".join(url.partition("//")[2] for url in running.addresses.values()),
        rates=",".join(f"{name}={url}" for name, url in banks.items()),
    )
    how.out.say("sandbox-running", "dim")
    how.answer(
        {
            "addresses": running.addresses,
            "companies": [
                {
                    "entity": door.entity,
                    "erp": door.erp,
                    "company": door.company,
                    "base_url": running.addresses[door.server] + door.path,
                    "cnpj": door.cnpj,
                    "since": door.since,
                    "secrets": dict(door.secrets),
                    "settings": dict(door.settings),
                }
                for door in running.doors
            ],
            "mistakes": [
                {
                    "name": made.name,
                    "entity": made.entity,
                    "period": made.period,
                    "out_by": {account: plain(amount) for account, amount in made.out_by},
                }
                for made in running.planted
            ],
        }
    )
