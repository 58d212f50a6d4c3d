"""Why a source gave no balance, and whether trying again can help."""

from datetime import date, datetime

from monthclose.ledger.errors import CloseError
from monthclose.wording import Word


class SourceFailed(CloseError):
    """A source could not be read; nothing of it was taken."""

    transient = False
    """Whether the same question may be answered later without a person doing anything."""


class Transient(SourceFailed):
    """The source or the way to it failed for now."""

    transient = True


class Refused(SourceFailed):
    """The source refuses us until a person mends the credential, the right or the setting."""


class Unreadable(SourceFailed):
    """The source answered something that cannot be a balance; the answer is kept."""


class SourceUnreachable(Transient):
    """No connection, or none that gave an answer in time."""

    code = "source-unreachable"

    def __init__(self, source: str, host: str, what: str) -> None:
        super().__init__(source=source, host=host, what=Word(f"source-{what}"))


class SourceAnsweredBadly(Transient):
    """The source answers that it has a failure of its own."""

    code = "source-failing"

    def __init__(self, source: str, operation: str, status: int) -> None:
        super().__init__(source=source, operation=operation, status=status)


class SourceBusy(Transient):
    """Too many calls; the source or our own budget says when to come back."""

    code = "source-busy"

    def __init__(self, source: str, operation: str, wait_s: float) -> None:
        super().__init__(source=source, operation=operation, wait_s=round(wait_s, 1))


class SourceBlocked(Transient):
    """The source has shut us out until a stated time; each call before would extend it."""

    code = "source-blocked"

    def __init__(self, source: str, operation: str, until: datetime) -> None:
        super().__init__(
            source=source, operation=operation, until=until.isoformat(timespec="seconds")
        )


class CircuitOpen(Transient):
    """Too many calls to the source have failed of late; it is left alone for a while."""

    code = "source-circuit-open"

    def __init__(self, source: str, wait_s: float) -> None:
        super().__init__(source=source, wait_s=round(wait_s, 1))


class RetriesSpent(Transient):
    """More than a tenth of the calls to the source are repeats already."""

    code = "source-retries-spent"

    def __init__(self, source: str) -> None:
        super().__init__(source=source)


class CredentialRefused(Refused):
    """The source does not take the credential."""

    code = "source-credential-refused"

    def __init__(self, source: str, operation: str, status: int) -> None:
        super().__init__(source=source, operation=operation, status=status)


class Reauthorise(Refused):
    """The connection is dead: a person has to grant it again in the browser."""

    code = "source-reauthorise"

    def __init__(self, source: str) -> None:
        super().__init__(source=source)


class RightMissing(Refused):
    """The credential is good, but may not read this."""

    code = "source-right-missing"

    def __init__(self, source: str, operation: str, status: int) -> None:
        super().__init__(source=source, operation=operation, status=status)


class QuestionRefused(Refused):
    """The source says the question is wrong: a setting, a parameter, a version."""

    code = "source-question-refused"

    def __init__(self, source: str, operation: str, status: int, said: str) -> None:
        super().__init__(source=source, operation=operation, status=status, said=said[:200])


class AddressRefused(Refused):
    """The address is not one we call."""

    code = "source-address-refused"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(host=host, reason=Word(f"source-{reason}"))


class AnswerUnreadable(Unreadable):
    """The answer is not what the source documents."""

    code = "source-answer-unreadable"

    def __init__(self, source: str, operation: str, what: str) -> None:
        super().__init__(source=source, operation=operation, what=Word(f"source-{what}"))


class AnswerTooLarge(Unreadable):
    """The answer is larger than any honest one."""

    code = "source-answer-too-large"

    def __init__(self, source: str, operation: str, limit_mib: int) -> None:
        super().__init__(source=source, operation=operation, limit_mib=limit_mib)


class PagesShifted(Unreadable):
    """Pages do not add up to what the source says there is."""

    code = "source-pages-shifted"

    def __init__(self, source: str, operation: str, found: int, wanted: int) -> None:
        super().__init__(source=source, operation=operation, found=found, wanted=wanted)


class PageRepeated(Unreadable):
    """A page came twice; going on would lose or double rows."""

    code = "source-page-repeated"

    def __init__(self, source: str, operation: str, page: int) -> None:
        super().__init__(source=source, operation=operation, page=page)


class WrongCompany(Refused):
    """The source answers for another company than the one asked for."""

    code = "source-wrong-company"

    def __init__(self, source: str, wanted: str, found: str) -> None:
        super().__init__(source=source, wanted=wanted, found=found)


class FieldUnreadable(Unreadable):
    """A field that a balance needs is missing, or not of its kind."""

    code = "source-field-unreadable"

    def __init__(self, source: str, operation: str, field: str) -> None:
        super().__init__(source=source, operation=operation, field=field)


class OpeningMissing(Refused):
    """A derived balance builds on opening balances, and none are loaded."""

    code = "source-opening-missing"

    def __init__(self, source: str, entity: str, period: str) -> None:
        super().__init__(source=source, entity=entity, period=period)


class ValueUnknown(Unreadable):
    """A field says something no documentation names, on which an amount depends."""

    code = "source-value-unknown"

    def __init__(self, source: str, operation: str, field: str, value: str) -> None:
        super().__init__(source=source, operation=operation, field=field, value=value[:60])


class GrantRefused(Refused):
    """The vendor's page did not grant the connection, or answered another question."""

    code = "source-grant-refused"

    def __init__(self, source: str) -> None:
        super().__init__(source=source)


class CurrencyNotQuoted(Refused):
    """A publisher of rates does not quote a currency."""

    code = "currency-not-quoted"

    def __init__(self, source: str, currency: str) -> None:
        super().__init__(source=source, currency=currency)


class RowTwice(Unreadable):
    """A row came on two pages: the list changed while it was read."""

    code = "source-row-twice"

    def __init__(self, source: str, operation: str, number: str) -> None:
        super().__init__(source=source, operation=operation, number=number)


class WindowIgnored(Unreadable):
    """A list holds rows outside the days that were asked for."""

    code = "source-window-ignored"

    def __init__(self, source: str, operation: str, first: date, last: date, found: date) -> None:
        super().__init__(
            source=source,
            operation=operation,
            first=first.isoformat(),
            last=last.isoformat(),
            found=found.isoformat(),
        )


class SettlementUnmatched(Unreadable):
    """A title names a batch of settlements in which none, or no certain one, is its own."""

    code = "source-settlement-unmatched"

    def __init__(self, source: str, batch: str, title: str) -> None:
        super().__init__(source=source, batch=batch, title=title)


class ResultsUnmapped(Refused):
    """A fiscal year begins, and nobody says which categories belong to the result."""

    code = "source-results-unmapped"

    def __init__(self, source: str, entity: str, period: str) -> None:
        super().__init__(source=source, entity=entity, period=period)


class SettingUnreadable(Refused):
    """A setting of the connection says something it may not."""

    code = "source-setting-unreadable"

    def __init__(self, source: str, setting: str, value: str) -> None:
        super().__init__(source=source, setting=setting, value=value[:60])


class SettingWrong(Refused):
    """A setting of the connection is missing, or is nothing that it can be."""

    code = "source-setting-wrong"

    def __init__(self, source: str, entity: str, setting: str) -> None:
        super().__init__(source=source, entity=entity, setting=setting)


class FieldsProtected(Refused):
    """The user of the connection may not see fields that a balance needs."""

    code = "source-fields-protected"

    def __init__(self, source: str, operation: str, fields: str) -> None:
        super().__init__(source=source, operation=operation, fields=fields)


class LedgerEmpty(Refused):
    """A ledger without a single balance is no balance: the branch or a right is wrong."""

    code = "source-ledger-empty"

    def __init__(self, source: str, company: str, period: str) -> None:
        super().__init__(source=source, company=company, period=period)


class LevelsDoubled(Unreadable):
    """An account and one that it is part of both have balances of their own."""

    code = "source-levels-doubled"

    def __init__(self, source: str, account: str, parent: str) -> None:
        super().__init__(source=source, account=account, parent=parent)


class AccountUnknown(Unreadable):
    """An account has a balance and stands in no chart."""

    code = "source-account-unknown"

    def __init__(self, source: str, account: str) -> None:
        super().__init__(source=source, account=account)


class ClosingUnmarked(Refused):
    """The result of a year is nil and nothing tells its closing entries from the others."""

    code = "source-closing-unmarked"

    def __init__(self, source: str, entity: str, period: str) -> None:
        super().__init__(source=source, entity=entity, period=period)


class BatchInvalid(Unreadable):
    """An extraction contradicts itself or the question; nothing of it was taken."""

    code = "source-batch-invalid"

    def __init__(self, source: str, entity: str, period: str, problem: str, where: str) -> None:
        super().__init__(
            source=source,
            entity=entity,
            period=period,
            problem=Word(f"batch-{problem}"),
            where=where[:80],
        )


class CodeRefused(Refused):
    """The code of a grant is not taken: it has ended, or was used."""

    code = "source-code-refused"

    def __init__(self, source: str, lives_s: int) -> None:
        super().__init__(source=source, lives_s=lives_s)


class GrantNotRevoked(Refused):
    """The vendor did not end the grant."""

    code = "source-grant-not-revoked"

    def __init__(self, source: str, status: int) -> None:
        super().__init__(source=source, status=status)
