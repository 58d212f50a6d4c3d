"""The example group consolidates, to figures one can check by hand."""

import pytest

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import GroupFolderNotEmpty, read_group, write_example
from monthclose.ledger.book import Book


@pytest.fixture
def june(example) -> Book:
    """June of the example, consolidated in memory."""
    found = read_group(example)
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    assert found.periods == ("2025-05", "2025-06")
    return engine.consolidate("2025-06")


class TestFigures:
    def test_june_adds_up(self, june):
        """
        At 5.00 reais, 1 real is 0.20 dollars; May's average is 0.20, June's 0.25.

        Cash 4,200 + 2,150 + 3,700 = 10,050 and customers 500 + 2,000 = 2,500 give 2,510.00;
        goodwill 5,000 + 1,000 - 5,000 = 1,000 gives 200.00; suppliers 1,000 give 200.00.

        Result: HOLD 90 + 20 + 25 = 135.00 of costs; ALFA 243.00 - 176.00 = 67.00; BETA
        337.50 - 232.50 = 105.00; together 37.00. A fifth of BETA's is the outsiders': 21.00.
        """
        totals = june.totals
        assert totals.total_assets == 2710_00
        assert totals.total_liabilities == 200_00
        assert june.figure("1600") == 200_00
        assert totals.net_income == 37_00
        assert (totals.net_income_parent, totals.net_income_nci) == (16_00, 21_00)
        assert totals.equity_attributable_to_parent == 2310_00
        assert totals.non_controlling_interests == 200_00

    def test_outsiders_roll_forward(self, june):
        """
        A fifth of BETA is the outsiders' from first to last.

        Opening a fifth of 5,000 at 0.16 = 160.00 and of the CTA of 200.00 = 40.00; dividends
        100 at 0.25 = 25.00; a fifth of the CTA's movement of 20.00. At the end a fifth of
        BETA's net assets of 5,000 at 0.20.
        """
        beta = june.nci["BETA"]
        assert (beta.opening, beta.share_of_profit) == (200_00, 21_00)
        assert (beta.share_of_cta, beta.dividends, beta.closing) == (4_00, -25_00, 200_00)

    def test_every_cta_is_proved(self, june):
        """
        What moved is what the averages missed.

        June's average of 0.25 against 0.20 at its end: HOLD 300 x -0.05, ALFA 100 x -0.05,
        BETA 100 x -0.05 and the dividend -500 x -0.05.
        """
        movements = {each.entity: each.cta.movement for each in june.translations}
        assert movements == {"HOLD": -15_00, "ALFA": -5_00, "BETA": 20_00}
        for each in june.translations:
            assert each.proof().total == each.cta.movement

    def test_investments_and_dividends_are_gone(self, june):
        assert [june.figure(code) for code in ("1500", "3350", "4200", "GOODWILL")] == [0] * 4


class TestWriting:
    def test_an_empty_folder_is_taken_and_a_full_one_is_not(self, tmp_path):
        (tmp_path / "empty").mkdir()
        write_example(tmp_path / "empty")
        with pytest.raises(GroupFolderNotEmpty):
            write_example(tmp_path / "empty")
        (tmp_path / "file").write_text("x")
        with pytest.raises(GroupFolderNotEmpty):
            write_example(tmp_path / "file")

    def test_it_is_the_same_every_time(self, tmp_path):
        for name in ("a", "b"):
            write_example(tmp_path / name)
        for file in (tmp_path / "a").rglob("*.*"):
            assert (
                file.read_bytes()
                == (tmp_path / "b" / file.relative_to(tmp_path / "a")).read_bytes()
            )

    def test_the_settings_are_explained(self, example):
        text = (example / "group.toml").read_text("utf-8")
        assert text.count("# ") > 6
