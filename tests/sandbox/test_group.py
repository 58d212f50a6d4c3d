"""The sandbox group reads without a mistake, consolidates, and is the same every time."""

import csv
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import GroupFolder, read_group
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.book import Book
from monthclose.ledger.cnpj import parse_cnpj
from monthclose.ledger.money import total
from monthclose.sandbox import ecb
from monthclose.sandbox.ecb import RatesNotInstalled, ecb_quotes
from monthclose.sandbox.group import write_demo_group

MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 7))


def consolidated(folder: GroupFolder) -> dict[str, Book]:
    """Every month, in memory."""
    engine = ConsolidationEngine(folder.group)
    for balance in folder.balances:
        engine.load_trial_balance(balance)
    return {period: engine.consolidate(period) for period in folder.periods}


def in_standard(demo: GroupFolder, balance: RawBalance) -> list[tuple[str, int]]:
    """A balance's lines in standard accounts, one by one."""
    mapping = demo.group.mappings.get(balance.entity)
    return [
        (mapping.targets[account][0].account if mapping else account, amount)
        for account, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True)
    ]


def files(folder: Path) -> dict[str, bytes]:
    """Every file's bytes, by name."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.*")}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The group of seven as a folder."""
    folder = tmp_path_factory.mktemp("demo")
    assert write_demo_group(folder) == "2025-06"
    return folder


@pytest.fixture(scope="module")
def demo(path: Path) -> GroupFolder:
    """The same, read."""
    return read_group(path)


@pytest.fixture(scope="module")
def books(demo: GroupFolder) -> dict[str, Book]:
    """The same, consolidated."""
    return consolidated(demo)


class TestFolder:
    def test_it_is_the_same_to_the_byte(self, path, tmp_path):
        """Into another folder, and over the files of a first run."""
        for _ in range(2):
            write_demo_group(tmp_path / "again")
            assert files(tmp_path / "again") == files(path)

    def test_another_seed_gives_other_figures(self, path, tmp_path):
        write_demo_group(tmp_path / "other", seed=1)
        other = files(tmp_path / "other")
        assert other["balances/2025-06.csv"] != files(path)["balances/2025-06.csv"]
        assert other["rates.csv"] == files(path)["rates.csv"]

    def test_seven_companies_one_founded_in_march_one_held_at_eighty_percent(self, demo):
        group = demo.group
        assert len(group.entities) == 7
        assert [e.first_period for e in group.entities if e.first_period] == ["2025-03"]
        assert sorted(i.share for i in group.interests) == [Fraction(4, 5)] + [Fraction(1)] * 5
        assert [a.id for a in group.acquisitions if a.kind == "purchase"] == ["ACQ-PAGO"]
        assert demo.periods == MONTHS
        assert demo.unused == ()
        assert all(parse_cnpj(each.tax_id) for each in group.entities)

    def test_charts_are_the_companies_own(self, demo):
        """No two companies number alike, and the holding uses the standard chart."""
        charts = {code: set(mapping.targets) for code, mapping in demo.group.mappings.items()}
        assert len(charts) == 6
        assert {code[:2] for code in charts["AGRO"]} == {"CA"}
        assert all("." in code for code in charts["FISC"])
        assert all(len(code) == 11 for code in charts["SAUD"])
        several = [
            m for m in demo.group.mappings["NUVE"].targets.values() if m[0].account == "1010"
        ]
        assert len(several) == 3

    def test_rates_are_those_of_the_bank(self, demo):
        """On 30 June 2025 one euro cost 1.1720 dollars and 6.4384 reais."""
        quotes = {(q.on, q.quote): q for q in demo.group.rates.quotes}
        assert quotes["2025-06-30", "USD"].value == "1.172"
        assert quotes["2025-06-30", "BRL"].value == "6.4384"
        assert {q.source for q in quotes.values()} == {"ECB"}
        assert max(on for on, _ in quotes) <= "2025-07-05"
        assert ("2023-06-30", "BRL") in quotes


class TestBalances:
    def test_revenue_is_between_half_a_million_and_forty_million_a_year(self, demo):
        """Half a year's revenue of each company but the one founded in March."""
        for balance in demo.balances:
            if balance.period != "2025-06" or balance.entity in ("VERO", "LUME"):
                continue
            lines = in_standard(demo, balance)
            revenue = -sum(amount for account, amount in lines if account in ("4010", "4020"))
            assert 500_000_00 < 2 * revenue < 45_000_000_00

    def test_every_month_opens_as_the_one_before_closed(self, path):
        """Balance sheet and result run on, account by account and partner by partner."""
        closed: dict[tuple[str, str, str], str] = {}
        for period in MONTHS:
            with (path / f"balances/{period}.csv").open(encoding="utf-8", newline="") as stream:
                rows = list(csv.DictReader(stream))
            for row in rows:
                key = (row["entity"], row["account"], row["partner"])
                assert row["opening"] == closed.get(key, row["opening"]), (period, key)
                closed[key] = row["closing"]
        assert len(closed) > 200

    def test_retained_earnings_stand_still_within_the_year(self, demo):
        stood: dict[str, set[int]] = {}
        for balance in demo.balances:
            for account, amount in in_standard(demo, balance):
                if account == "3300":
                    stood.setdefault(balance.entity, set()).add(amount)
        assert set(stood) == {"VERO", "NUVE", "FISC", "AGRO", "PAGO", "SAUD"}
        assert {len(amounts) for amounts in stood.values()} == {1}

    def test_what_one_company_is_owed_another_owes(self, demo):
        """Receivables and payables by pair and month cancel to the cent, as do fees."""
        for pair in (("1150", "2150"), ("4110", "6050")):
            sums: dict[tuple[str, ...], int] = {}
            for balance in demo.balances:
                lines = zip(in_standard(demo, balance), balance.partners, strict=True)
                for (account, amount), partner in lines:
                    if account in pair:
                        assert partner
                        key = (balance.period, *sorted((balance.entity, partner)))
                        sums[key] = sums.get(key, 0) + amount
            assert len(sums) > 50
            assert set(sums.values()) == {0}


class TestConsolidation:
    def test_every_month_adds_up(self, books):
        assert tuple(books) == MONTHS
        for book in books.values():
            assert book.layers.sum(axis=0).tolist() == [0] * book.layers.shape[1]
            totals = book.totals
            assert totals.total_assets - totals.total_liabilities == totals.total_equity

    def test_every_cta_is_proved(self, books):
        """Within half a cent a rounded line, by a sum that never looks at the lines."""
        proved = 0
        for book in books.values():
            for each in book.translations:
                assert 2 * abs(each.cta.movement - each.proof().total) <= each.rounded_lines
                proved += bool(each.cta.movement)
        assert proved == 6 * 2 + 7 * 4

    def test_outsiders_have_their_part(self, books):
        for book in books.values():
            assert book.totals.non_controlling_interests > 0
            assert set(book.nci) == {"AGRO"}

    def test_their_opening_is_the_one_of_the_openings(self, books):
        """Computed from the books, and written from history: by two roads the same cents."""
        january = books["2025-01"]
        stated = january.facts.openings["AGRO"].nci
        assert stated == january.nci["AGRO"].opening
        assert stated

    def test_goodwill_is_that_of_the_one_purchase(self, books):
        """13.5 million for capital of 3.0 and earnings of 1.8 million: 8.7 million."""
        goodwill = {id: p.goodwill for id, p in books["2025-06"].purchases.items() if p.goodwill}
        assert goodwill == {"ACQ-PAGO": 8_700_000_00}

    def test_what_companies_have_with_each_other_is_gone(self, books):
        """Fees of six companies to the holding, and of all but the host to it."""
        for period, book in books.items():
            companies = len(book.translations) - 1
            months = int(period[-2:])
            newer = 2 if months < 3 else 0  # the one founded in March pays two fees from then
            flows = (2 * companies - 1) * months - (0 if newer else 2 * 2)
            assert len(book.matches) == 2 * companies - 1 + flows
            assert book.unmatched == ()
            assert {match.residual for match in book.matches} == {0}
            assert [book.figure(code) for code in ("1150", "2150", "4110", "6050")] == [0] * 4

    def test_investments_and_dividends_are_eliminated(self, books):
        """The holding's account is translated as a whole, its seven parts one by one."""
        for book in books.values():
            assert 2 * abs(book.figure("1500")) <= 1 + len(book.purchases)
            assert book.figure("3350") == 0


class TestLargerGroups:
    def test_sixty_six_companies_close_too(self, tmp_path):
        """Companies beyond the seven are made by rule; every CTA closes, cash stays in hand."""
        write_demo_group(tmp_path, entities=66)
        found = read_group(tmp_path)
        assert len(found.group.entities) == 66
        book = consolidated(found)["2025-06"]
        for each in book.translations:
            assert 2 * abs(each.cta.movement - each.proof().total) <= each.rounded_lines
            assert each.amount("1010") >= 0
        assert len(book.nci) == 1 + 12 + 12  # AGRO, twelve at 80 and twelve at 60 percent
        assert total(book.consolidated) == 0

    @pytest.mark.parametrize("entities", [0, 1])
    def test_fewer_than_two_are_no_group(self, tmp_path, entities):
        with pytest.raises(ValueError, match="at least two"):
            write_demo_group(tmp_path, entities=entities)

    def test_two_are(self, tmp_path):
        write_demo_group(tmp_path, entities=2)
        assert consolidated(read_group(tmp_path))["2025-06"].totals.total_assets > 0


class TestHistory:
    def test_forty_two_months_with_a_purchase_and_a_sale_are_clean(self, tmp_path):
        """PAGO is bought on 30 June 2023, TALO sold on 30 September 2024, without a finding."""
        write_demo_group(tmp_path, months=42)
        found = read_group(tmp_path)
        assert (found.periods[0], found.periods[-1], len(found.periods)) == (
            "2022-01",
            "2025-06",
            42,
        )
        books = consolidated(found)
        last: Book | None = None
        for book in books.values():
            assert validate(book, last.left() if last else None).blocking == ()
            assert book.unmatched == ()
            last = book
        there = {
            period: {each.entity for each in book.translations} for period, book in books.items()
        }
        assert there["2023-06"] - there["2023-05"] == {"PAGO"}
        assert there["2024-12"] - there["2025-01"] == {"TALO"}
        sold = {each.id for each in books["2024-09"].entries if "TALO" in each.id}
        assert any(each.startswith("DISP") for each in sold), sold
        assert books["2025-06"].purchases["ACQ-PAGO"].goodwill == 8_700_000_00


class TestRates:
    def test_oldest_first_and_exact(self):
        """At the end of January 2019: 1.1488 dollars and 4.2041 reais."""
        quotes = ecb_quotes()
        assert [q.on for q in quotes] == sorted(q.on for q in quotes)
        found = {q.quote: q.value for q in quotes if q.on == "2019-01-31"}
        assert found == {"USD": "1.1488", "BRL": "4.2041"}

    def test_without_the_package_it_says_how_to_install_it(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "currency_converter", None)
        ecb.ecb_quotes.cache_clear()
        with pytest.raises(RatesNotInstalled, match=r"pip install 'monthclose\[embedded\]'"):
            ecb.ecb_quotes()
        monkeypatch.undo()
        assert ecb.ecb_quotes()
