"""What an import submits by the dozen is decided at once: counted first, own work left."""

import io
import json
import sys

import pytest

from monthclose.groupfolder import write_example
from monthclose.store.members import Members
from monthclose.wiring.build import open_desk
from monthclose.wiring.database import OPERATOR
from monthclose.wiring.settings import Settings

pytestmark = pytest.mark.server

ADDRESS = "https://erp.example.com:8443/rest"


class Terminal(io.StringIO):
    """Where somebody types."""

    def isatty(self):
        return True


class Office:
    """An installation whose manager `local` imported the example; `ana` is another manager."""

    def __init__(self, run, home, monkeypatch):
        self.run, self.home, self.monkeypatch = run, home, monkeypatch

    def __call__(self, *words, typed="", terminal=False, lang="en_US.UTF-8"):
        self.monkeypatch.setattr(sys, "stdin", Terminal(typed) if terminal else io.StringIO(typed))
        return self.run(*words, lang=lang, home=self.home)

    def waiting(self, *words):
        return json.loads(self("review", "list", "--json", *words).stdout)["waiting"]

    def approve(self, *words, **facts):
        return self("review", "approve", "--as", "ana", *words, **facts)


@pytest.fixture
def office(run, tmp_path, monkeypatch):
    home = tmp_path / "home"
    write_example(tmp_path / "group")
    with open_desk(Settings(home=home), portfolio=None) as desk:
        desk.import_folder(tmp_path / "group")
        admin = Members(desk.database.engine, desk.database.user(OPERATOR), desk.tenant)
        admin.add("ana", "Ana", "", "manager")
        admin.grant_group("ana", write=True, read=True)
        admin.grant("ana", (), write=True, read=True)
    return Office(run, home, monkeypatch)


class TestByTheHundred:
    def test_how_much_it_is_is_shown_before_anything_is_done(self, office):
        """Two purchases of 1,000.00 and 5,000.00, a dividend of 500.00, among eleven things."""
        shown = office.approve("--all")
        assert shown.returncode == 1
        assert "acquisitions: BRL 6,000.00 in all" in shown.stdout
        assert "group_events: BRL 500.00 in all" in shown.stdout
        assert "fx_rates_monthly, –: 5" in shown.stdout
        assert "--yes" in shown.stderr
        assert len(office.waiting()) == 11
        said_no = office.approve("--all", typed="no\n", terminal=True)
        assert (said_no.returncode, "these 11?" in said_no.stderr) == (1, True)
        assert len(office.waiting()) == 11
        said_yes = office.approve("--all", typed="sim\n", terminal=True, lang="pt_BR.UTF-8")
        assert said_yes.returncode == 0, said_yes.stderr
        assert "acquisitions: BRL 6.000,00 ao todo" in said_yes.stdout
        assert office.waiting() == []
        nothing = office.approve("--all", "--yes")
        assert (nothing.returncode, "Nothing waits" in nothing.stdout) == (0, True)

    def test_one_kind_one_company_and_several_ids(self, office):
        rates = office.approve("--kind", "fx_rates_monthly", "--yes", "--json")
        assert len(json.loads(rates.stdout)["approved"]) == 5
        before = office.waiting()
        assert {each["kind"] for each in before} >= {"acquisitions", "ownership_interests"}
        beta = office("review", "reject", "--as", "ana", "--company", "BETA", "--yes", "--json",
                      "--reason", "no contract")  # fmt: skip
        gone = json.loads(beta.stdout)["rejected"]
        assert sorted(each["kind"] for each in gone) == [
            "acquisitions", "group_events", "ownership_interests",
        ]  # fmt: skip
        left = office.waiting()
        several = office.approve(*(each["id"][:8] for each in left))
        assert (several.returncode, office.waiting()) == (0, [])

    def test_nothing_is_chosen_by_saying_nothing(self, office):
        for words in ((), ("--yes",)):
            ended = office.approve(*words)
            assert (ended.returncode, "--all" in ended.stderr) == (1, True)
        wrong = office.approve("--kind", "no_such_kind", "--yes")
        assert (wrong.returncode, "Nothing waits" in wrong.stdout) == (0, True)
        assert len(office.waiting()) == 11


class TestFourEyes:
    def test_own_work_is_left_to_somebody_else_and_the_rest_is_decided(self, office):
        """`local` submitted all but the address, which the admin proposed."""
        typed = "username = api\npassword = s3cr3t-word"
        place = ("--company", "01,0101", "--base-url", ADDRESS)
        words = ("source", "add", "totvs", "-e", "ALFA", "--secrets", "-", *place)
        assert office(*words, typed=typed).returncode == 0
        mine = office("review", "approve", "--all", "--yes", "--json")
        told = json.loads(mine.stdout)
        assert mine.returncode == 0
        assert [each["kind"] for each in told["approved"]] == ["outside_addresses"]
        assert {each["code"] for each in told["skipped"]} == {"own-work"}
        assert len(told["skipped"]) == len(office.waiting()) == 11
        again = office("review", "approve", "--all", "--yes", lang="pt_BR.UTF-8")
        assert again.returncode == 1
        assert "2 ficam como estão: Isto exige uma segunda pessoa: acquisitions" in again.stderr
        assert "5 ficam como estão" in again.stderr

    def test_own_work_that_was_named_is_a_failure(self, office):
        ids = [each["id"] for each in office.waiting("-k", "ownership_interests")]
        ended = office("review", "approve", *ids)
        assert (ended.returncode, "2 left as they are" in ended.stderr) == (1, True)
        alone = office("review", "approve", ids[0])
        assert (alone.returncode, "second person" in alone.stderr) == (1, True)

    def test_who_does_not_decide_decides_nothing(self, office):
        office("user", "add", "bia", "--role", "analyst")
        office("user", "grant", "bia", "--write")
        ended = office("review", "approve", "--all", "--yes", "--as", "bia")
        assert ended.returncode == 1
        assert len(office.waiting()) == 11
