"""Exchange rates from a table into the database."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monthclose.groupfolder.files import LARGEST_FILE, Document
from monthclose.groupfolder.rate_files import read_rate_file
from monthclose.ledger.rates import Quote
from monthclose.ledger.sources import FetchedRates, SourceDocument
from monthclose.store.intake_rates import load_fetched
from monthclose.store.session import acting
from monthclose.wiring.balancetes import FileTooLarge
from monthclose.wiring.build import Desk
from monthclose.wiring.confined import confined


@dataclass(frozen=True, slots=True)
class RatesImported:
    """
    What became of a table of rates.

    Attributes:
        quotes: What it says.
        new: How many were not stored already; None: nothing was stored.
    """

    quotes: tuple[Quote, ...]
    new: int | None


def import_rates(desk: Desk, file: Path, locale: str, *, store: bool) -> RatesImported:
    """
    Read a table of rates, and store every quote of it or none, with the file.

    Raises:
        TableUnusable: every mistake with its row and column.
        CloseError: a month is locked, the file too large.
    """
    with file.open("rb") as stream:
        content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise FileTooLarge(file.name)
    document = Document(file.name, content, hashlib.sha256(content).hexdigest())
    quotes: tuple[Quote, ...] = confined(read_rate_file, file.name, document, locale)
    if not store:
        return RatesImported(quotes, None)
    media = "text/csv" if file.suffix.lower() == ".csv" else "application/octet-stream"
    kept = SourceDocument(file.name, "", media, content, datetime.now(UTC))
    with acting(desk.database.engine, desk.user) as session:
        new = load_fetched(session, desk.tenant, FetchedRates(quotes, documents=(kept,)))
    return RatesImported(quotes, new)
