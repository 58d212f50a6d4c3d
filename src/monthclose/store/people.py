"""Which portfolio a person means."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, select

from monthclose.ledger.errors import CloseError
from monthclose.store.session import acting
from monthclose.store.tables import portfolios


class NoPortfolio(CloseError):
    """The person belongs to no portfolio yet."""

    code = "portfolio-none"

    def __init__(self) -> None:
        super().__init__()


class PortfolioUnknown(CloseError):
    """There is no portfolio of that code, or the person does not belong to it."""

    code = "portfolio-unknown"

    def __init__(self, portfolio: str, known: list[str]) -> None:
        super().__init__(portfolio=portfolio, known=known)


class PortfolioUnclear(CloseError):
    """The person belongs to several portfolios, and named none."""

    code = "portfolio-unclear"

    def __init__(self, known: list[str]) -> None:
        super().__init__(known=known)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A portfolio: its id, its code, its name, the currency it reports in."""

    id: UUID
    code: str
    name: str
    presentation: str


def portfolios_of(engine: Engine, user: UUID) -> list[Portfolio]:
    """The portfolios a person belongs to, in order of their codes."""
    p = portfolios.c
    with acting(engine, user) as session:
        rows = session.execute(
            select(p.id, p.code, p.name, p.presentation_currency).order_by(p.code)
        )
        return [Portfolio(*row) for row in rows]


def portfolio_of(engine: Engine, user: UUID, code: str = "") -> UUID:
    """
    The portfolio of that code, or the only one the person belongs to.

    Raises:
        NoPortfolio: there is none yet.
        PortfolioUnknown: none of the person's has that code.
        PortfolioUnclear: several, and none was named.
    """
    found = portfolios_of(engine, user)
    known = [each.code for each in found]
    if code:
        for each in found:
            if each.code == code:
                return each.id
        raise PortfolioUnknown(code, known or ["–"])
    if not found:
        raise NoPortfolio
    if len(found) > 1:
        raise PortfolioUnclear(known)
    return found[0].id
