"""The chart of an ECD file: accounts, referential codes, lines of the statements filed."""

from collections.abc import Mapping
from dataclasses import replace

from monthclose.connectors.ecd.lines import Lines
from monthclose.connectors.ecd.problems import Problems
from monthclose.ledger.sources import Nature, SourceAccount

SINCE_TWO_FIELDS = 8
"""Layout from which I051 has no first field that names the referential chart."""


class ChartReader:
    """
    Records I050, I051 and I052 as they pass.

    Attributes:
        layout: Of the file.
        accounts: By code.
        reference_chart: The referential chart that lines of layout 7 name, or empty.
    """

    def __init__(self, lines: Lines, problems: Problems) -> None:
        self.lines, self.problems = lines, problems
        self.layout = 0
        self.accounts: dict[str, SourceAccount] = {}
        self.reference_chart = ""
        self._last = ""
        self._codes: dict[bytes, str] = {}
        self._references: dict[str, dict[str, str]] = {}
        self._lines: dict[tuple[str, bytes], list[str]] = {}

    def account(self, f: list[bytes]) -> None:
        """I050: DT_ALT, COD_NAT, IND_CTA, NIVEL, COD_CTA, COD_CTA_SUP, CTA."""
        if not self._counted(f, 7):
            self._last = ""
            return
        text = self.lines.text
        code, kind = text(f[5], "I050"), f[3]
        nature = f[2].decode("latin-1")
        known = nature in tuple(Nature) and nature
        if not code or kind not in (b"S", b"A") or not known:
            self.problems.add("ecd-account", self.lines.at, "I050", account=code or "–")
        if code in self.accounts:
            self.problems.add("ecd-twice", self.lines.at, "I050", account=code)
        self._last = code
        self.accounts[code] = SourceAccount(
            code=code,
            name=text(f[7], "I050"),
            nature=Nature(nature) if known else Nature.UNKNOWN,
            posting=kind == b"A",
            parent=text(f[6], "I050"),
        )

    def reference(self, f: list[bytes]) -> None:
        """I051: COD_CCUS, COD_CTA_REF; before layout 8 the referential chart comes first."""
        wanted = 2 if self.layout >= SINCE_TWO_FIELDS else 3
        if not self._counted(f, wanted) or not self._under("I051"):
            return
        *chart, centre, code = (self.lines.text(field, "I051") for field in f[1:])
        if chart:
            self.reference_chart = self.reference_chart or chart[0]
        if code:
            self._references.setdefault(self._last, {})[centre] = code

    def statement_line(self, f: list[bytes]) -> None:
        """I052: COD_CCUS, COD_AGL."""
        if not self._counted(f, 2) or not self._under("I052"):
            return
        if line := self.lines.text(f[2], "I052"):
            self._lines.setdefault((self._last, f[1]), []).append(line)

    def posting(self, field: bytes, record: str) -> str:
        """The account a record names, which has to be of the chart and take entries."""
        if (code := self._codes.get(field)) is not None:
            return code
        code = self.lines.text(field, record)
        account = self.accounts.get(code)
        if account is None:
            self.problems.add("ecd-account-unknown", self.lines.at, record, account=code or "–")
        elif not account.posting:
            self.problems.add("ecd-account-group", self.lines.at, record, account=code)
        else:
            self._codes[field] = code
        return code

    def lines_of(self, code: str, centre: bytes) -> list[str]:
        """Lines of the statements an account belongs to: of its cost centre, or of all."""
        return self._lines.get((code, centre)) or self._lines.get((code, b""), [])

    def described(self) -> Mapping[str, SourceAccount]:
        """The accounts, with their referential code where there is one only."""
        found = dict(self.accounts)
        for code, by_centre in self._references.items():
            if len(codes := set(by_centre.values())) == 1:
                found[code] = replace(found[code], referential=codes.pop())
        return found

    def several(self) -> Mapping[str, tuple[str, ...]]:
        """Accounts whose cost centres have referential codes that differ."""
        codes = {code: sorted(set(each.values())) for code, each in self._references.items()}
        return {code: tuple(found) for code, found in codes.items() if len(found) > 1}

    def _counted(self, f: list[bytes], wanted: int) -> bool:
        if len(f) - 1 == wanted:
            return True
        record = f[0].decode("latin-1")
        self.problems.add("ecd-fields", self.lines.at, record, found=len(f) - 1, wanted=wanted)
        return False

    def _under(self, record: str) -> bool:
        if not self._last:
            self.problems.add("ecd-order", self.lines.at, record, before="I050")
        return bool(self._last)
