"""Companies that are bought, and then report at an earlier date than the group."""

from pathlib import Path

from tests.groupfolder.folders import put
from tests.groupfolder.purchases import (
    IN_2025,
    abroad_in,
    close,
    figures,
    months,
)
from tests.groupfolder.test_within_year import RESULTS, folder_of


def later(folder: Path, lag: int, first: str, last: str) -> None:
    """Let S hand in its books of every month *lag* months later, from *first* on; rates on."""
    entities = folder / "entities.csv"
    header, p, s = entities.read_text("utf-8").splitlines()
    put(folder, "entities.csv", f"{header},reporting_lag\n{p},\n{s},{lag}\n")
    told = {
        file.stem: file.read_text("utf-8").splitlines()
        for file in sorted((folder / "balances").iterdir())
    }
    handed_in = months(first, last)
    for place, month in enumerate(handed_in):
        books = told[handed_in[max(place - lag, 0)]]
        of_s = [line for line in books if line.startswith("S,")]
        others = [line for line in told[month] if not line.startswith("S,")]
        put(folder, f"balances/{month}.csv", "\n".join([*others, *of_s, ""]))


class TestWithinTheYear:
    def test_the_books_of_the_month_of_the_purchase_stand_until_the_next_have_their_turn(
        self, tmp_path
    ):
        """
        Bought on 15 July, one month behind: July and August are its July, September its August.

        So July is as without a lag: 60.00 x 0.21 = 12.60 of revenue, CTA 19.70, goodwill 232.00
        x 0.22 = 51.04. August moves nothing. September adds 50.00 x 0.23 and stands at 0.24.
        """
        folder = folder_of(tmp_path)
        put(folder, "acquired_results.csv", RESULTS)
        later(folder, 1, "2025-07", "2026-02")
        found = close(folder, months("2025-07", "2026-02"))
        for month in ("2025-07", "2025-08"):
            book = found[month]
            assert figures(book, "4000", "6000", "1600") == {
                "4000": "-12.60", "6000": "2.10", "1600": "51.04",
            }  # fmt: skip
            assert book.translations[1].cta.closing == 19_70
        september = found["2025-09"]
        assert figures(september, "4000", "6000", "1600") == {
            "4000": "-24.10", "6000": "4.40", "1600": "55.68",
        }  # fmt: skip
        assert {c: str(d) for c, d in found["2025-08"].reporting_dates.items()} == {
            "S": "2025-07-31"
        }
        assert found["2025-07"].reporting_dates == {}

    def test_its_year_turns_in_the_groups_february(self, tmp_path):
        """January of the group is its December: what it had earned by then was before."""
        folder = folder_of(tmp_path)
        put(folder, "acquired_results.csv", RESULTS)
        later(folder, 1, "2025-07", "2026-02")
        found = close(folder, months("2025-07", "2026-02"))
        december, january, february = (found[m] for m in ("2025-12", "2026-01", "2026-02"))
        for book in (january, february):
            assert figures(book, "4000", "3310") == {"4000": "0.00", "3310": "0.00"}
            assert book.nci["S"].opening == december.nci["S"].closing


class TestPurchase:
    def test_charges_and_a_loss_go_on_over_the_years(self, tmp_path):
        """
        Two months behind: March 2026 is its January; the loss of 10 February is the group's.

        Customers of 360.00 over 24 months are charged 15.00 a month of the group: 14 in
        February 2026, each at the average of its own month. Goodwill stands at the closing
        rate of its December, 0.25; the loss of 50.00 at 0.245 of its day is 12.25.
        """
        folder = abroad_in(tmp_path)
        later(folder, 2, "2025-01", "2026-03")
        found = close(folder, months("2025-01", "2026-03"))
        assert figures(found["2025-12"], "6210") == {"6210": "39.60"}  # 12 x 15.00 x 0.22
        assert figures(found["2026-02"], "6210", "6220") == {"6210": "6.60", "6220": "12.25"}
        purchase = found["2026-02"].purchases["ACQ-S"]
        goodwill = purchase.goodwill - 50_00
        assert found["2026-02"].figure("1600") == round(goodwill * 0.25)
        assert figures(found["2026-02"], "4000") == {"4000": "0.00"}
        assert figures(found["2026-03"], "4000") == {"4000": "-24.00"}  # January's, at 0.24
        assert IN_2025[0] == "2025-01"
