"""What is the outsiders' comes from what they share in, by hand."""

from fractions import Fraction

from monthclose.analysis.lineage import explain
from monthclose.ledger.lineage import Node
from tests.analysis.books import good


def said(node: Node) -> list[tuple[str, Fraction]]:
    """Kinds and amounts of what is right below a node."""
    return [(each.kind, each.amount) for each in node.children]


def below(node: Node, entry: str) -> Node:
    """The only line of an entry in a tree."""
    found = [e for e in node.walk() if e.kind == "entry" and e.facts["entry"] == entry]
    assert len(found) == 1
    assert len(found[0].children) == 1
    return found[0].children[0]


class TestOutside:
    def test_a_share_of_the_result_is_a_share_of_what_the_company_earned(self):
        """20 % of 45.00, what S earned since it was bought, each month at its average."""
        book = good()
        earned = next(each for each in book.translations if each.entity == "S").net_income
        share = explain(book, "net_income_nci").children[0]
        assert said(share) == [("outside_share", Fraction(earned, 5))]
        whole = share.children[0]
        assert said(whole) == [("outside_profit", Fraction(earned))]
        assert (whole.factor, whole.facts["percent"]) == (Fraction(1, 5), "20")

    def test_their_interest_at_a_purchase_is_a_share_of_net_assets_at_its_rate(self):
        """20 % of 900.00 in the books of S, at the rate of the day, and not of the month."""
        book = good()
        line = below(explain(book, "nci"), "INV-ACQ-S")
        (part,) = (each for each in line.children if each.kind == "part")
        assert said(part) == [("nci_share", Fraction(180_00))]
        assert said(part.children[0]) == [("net_assets_bought", Fraction(900_00))]
        assert part.facts["quote"] == book.facts.acquisitions[0].quote

    def test_lines_of_an_attribution_are_its_parts_on_either_side(self):
        """What outsiders get is what leaves retained earnings and the translation adjustment."""
        book = good()
        theirs = below(explain(book, "nci"), "NCI-S")
        kept = [below(explain(book, account), "NCI-S") for account in ("3300", "cta")]
        shares = [e.amount for e in theirs.children if e.kind == "outside_share"]
        other = [e.amount for k in kept for e in k.children if e.kind == "outside_share"]
        assert sorted(shares) == sorted(-each for each in other)
        assert len(shares) == 2
        assert sum(e.amount for e in theirs.children) == theirs.amount
