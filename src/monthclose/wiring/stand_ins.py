"""The stand-ins of every neighbor, running for as long as somebody wants them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from monthclose.sandbox.papers import write_papers
from monthclose.sandbox.planted import Planted, plant
from monthclose.sandbox.server import Servers
from monthclose.sandbox.serving import Door, neighbors, read_faults
from monthclose.sandbox.world import World
from monthclose.wiring.filed import write_filed


@dataclass(frozen=True, slots=True)
class Wished:
    """
    What is to be served.

    Attributes:
        entities: How many companies.
        months: How many months up to June 2025; they begin with a January.
        seed: Another one gives other figures.
        faults: File of faults, or None.
        papers: Folder for what people send, or None.
        mistakes: Names of mistakes to make in the last month.
        real_limits: Whether the neighbors refuse what the real ones would for its rate.
        rm: Companies on TOTVS whose ledger is in RM.
    """

    entities: int = 7
    months: int = 6
    seed: int = 2025
    faults: Path | None = None
    papers: Path | None = None
    mistakes: tuple[str, ...] = ()
    real_limits: bool = False
    rm: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Running:
    """
    What is being served.

    Attributes:
        addresses: By name of the neighbor, such as `http://127.0.0.1:40213`.
        doors: The ways into the companies.
        planted: The mistakes that were made.
    """

    addresses: dict[str, str]
    doors: tuple[Door, ...]
    planted: tuple[Planted, ...] = ()


@contextmanager
def stand_ins(wished: Wished) -> Iterator[Running]:
    """
    Serve every neighbor of the sandbox group on loopback while the context lasts.

    Raises:
        RatesNotInstalled: the package with the rates is not there.
        FaultsUnreadable: the file of faults cannot be read.
        MistakeImpossible: a mistake cannot be made.
        NotOnTotvs: a company that is to be in RM is none of TOTVS's.
    """
    scripts = read_faults(wished.faults) if wished.faults else None
    world = World(wished.seed, wished.entities, wished.months)
    planted = tuple(plant(world, name) for name in wished.mistakes)
    if wished.papers:
        write_papers(world, wished.papers)
        write_filed(world.group, wished.papers)
    made = neighbors(world, scripts, limited=wished.real_limits, rm=wished.rm)
    with Servers(made.applications) as servers:
        yield Running({name: servers.url(name) for name in made.applications}, made.doors, planted)
