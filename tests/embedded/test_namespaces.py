"""As whom the server runs: root, an ordinary user, or root who may not be one."""

import os
from pathlib import Path

import pytest

from monthclose.embedded.errors import (
    Unreachable,
)
from monthclose.embedded.namespaces import namespaces_allowed
from monthclose.embedded.postgres import EmbeddedPostgres
from tests.embedded.commands import (
    as_user,
    ask,
    postmaster,
    refusing_namespaces,
)

pytestmark = pytest.mark.server

AN_ORDINARY_UID = 1000

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")
with_namespaces = pytest.mark.skipif(
    not namespaces_allowed(), reason="this machine refuses user namespaces"
)


class TestUnprivileged:
    @as_root
    @with_namespaces
    def test_roots_files_stay_roots(self, home):
        with EmbeddedPostgres(home) as running:
            ask(running.url(), "create table made as select 1")
        owners = {path.stat().st_uid for path in home.rglob("*")}
        assert owners == {0}

    @as_root
    @pytest.mark.parametrize("how", ["refused by us", "refused by the kernel"])
    def test_without_a_namespace_root_becomes_someone_else(self, passable, binaries, how, command):
        us = how == "refused by us"
        before = [] if us or not namespaces_allowed() else refusing_namespaces()
        one = command(passable / "home", binaries.major, before=before, namespaces=not us)
        assert ask(one.url(), "select 1") == [(1,)]
        folder = passable / "home" / f"postgres-{binaries.major}"
        uid = Path(f"/proc/{postmaster(folder / 'data')}").stat().st_uid
        assert uid != 0
        one.end()
        # the files are that user's, whom later starts go on with
        assert {path.stat().st_uid for path in (folder, *folder.rglob("*"))} == {uid}
        with EmbeddedPostgres(passable / "home", binaries=binaries) as running:
            assert Path(f"/proc/{postmaster(running.data)}").stat().st_uid == uid

    @as_root
    @with_namespaces
    def test_what_was_made_in_a_namespace_is_handed_over_when_it_is_refused(self, passable, newest):
        with EmbeddedPostgres(passable / "home", binaries=newest) as running:
            ask(running.url(), "create table kept as select 42 as n")
        again = EmbeddedPostgres(passable / "home", binaries=newest, namespaces=False)
        with again as running:
            assert ask(running.url(), "select n from kept") == [(42,)]

    @as_root
    def test_a_folder_that_stands_in_the_way_is_named(self, passable, newest):
        closed = passable / "closed"
        closed.mkdir(mode=0o700)
        use = EmbeddedPostgres(closed / "home", binaries=newest, namespaces=False)
        with pytest.raises(Unreachable) as stopped:
            use.start()
        assert stopped.value.path == str(closed)

    @as_root
    def test_an_ordinary_user_needs_no_help(self, passable, binaries, command):
        home = passable / "home"
        home.mkdir()
        os.chown(home, AN_ORDINARY_UID, AN_ORDINARY_UID)
        one = command(home, binaries.major, before=as_user(AN_ORDINARY_UID))
        url = one.url()
        ask(url, "create table kept as select 42 as n")
        # root joins the same server, and starts it again as the same user
        with EmbeddedPostgres(home, binaries=binaries) as running:
            assert running.url() == url
            one.end()
        with EmbeddedPostgres(home, binaries=binaries) as running:
            assert ask(running.url(), "select n from kept") == [(42,)]
        assert {path.stat().st_uid for path in home.rglob("*")} == {AN_ORDINARY_UID}

    @as_root
    @with_namespaces
    def test_a_user_without_an_account_is_given_a_name(self, passable, newest, command):
        home = passable / "home"
        home.mkdir()
        os.chown(home, 54321, 54321)
        one = command(home, newest.major, before=as_user(54321))
        assert ask(one.url(), "select 1") == [(1,)]
        one.end()
        assert {path.stat().st_uid for path in home.rglob("*")} == {54321}

    @as_root
    def test_another_users_folder_is_refused_by_name(self, passable, newest, command):
        one = command(passable / "home", newest.major, before=as_user(AN_ORDINARY_UID))
        _, said = one.process.communicate("")
        assert f"{passable / 'home'} cannot be used by uid {AN_ORDINARY_UID}" in said
