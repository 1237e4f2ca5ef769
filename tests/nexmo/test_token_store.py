"""The token store: what it keeps, and what it refuses and leaves as it is."""

import errno
import json
import os
import stat
import subprocess
import sys
import warnings

import pytest

import nexmo.token_store
from nexmo import AccessToken, StoreError
from nexmo.token_store import Profile, TokenStore
from tests.support.programs import mount_disk

LOGIN = Profile("ck", "hidden-consumer", "http://127.0.0.1:1", AccessToken("at", "hidden-token"))
STARTED = Profile("ck2", "hidden-other")
as_another_user = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def store(tmp_path):
    store = TokenStore(tmp_path / "data" / "nexmo")
    save(store, default=LOGIN)
    return store


def save(store, **profiles):
    with store.changing() as kept:
        kept.update(profiles)


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def refused(store, reason):
    """Neither read nor write; the file, if it is one, stays as it is."""
    before = store.path.read_bytes() if store.path.is_file() else None
    with pytest.raises(StoreError, match=reason) as raised:
        store.read()
    assert "hidden" not in str(raised.value)
    with pytest.raises(StoreError, match=reason):
        save(store, other=STARTED)
    assert before == (store.path.read_bytes() if store.path.is_file() else None)
    return raised.value


def test_profiles_come_back_as_they_were_saved(store):
    save(store, **{"wörk & \ud800": STARTED})
    assert TokenStore(store.folder).read() == {"default": LOGIN, "wörk & \ud800": STARTED}
    with store.changing() as profiles:
        del profiles["default"]
    assert list(store.read()) == ["wörk & \ud800"]


def test_where_nothing_was_saved_there_is_nothing_and_nothing_is_made(tmp_path):
    assert TokenStore(tmp_path / "none" / "nexmo").read() == {}
    assert list(tmp_path.iterdir()) == []


def test_it_stands_in_the_place_of_the_platform_for_data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert TokenStore().path == tmp_path / "nexmo" / "tokens.json"


def test_file_and_folders_are_for_their_owner_alone_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        save(TokenStore(tmp_path / "data" / "nexmo"), default=LOGIN)
    finally:
        os.umask(before)
    made = {path.relative_to(tmp_path).as_posix(): mode(path) for path in tmp_path.rglob("*")}
    assert made.pop("data/nexmo/tokens.lock", 0o600) == 0o600
    assert made == {"data": 0o700, "data/nexmo": 0o700, "data/nexmo/tokens.json": 0o600}


@pytest.mark.parametrize("what", ["path", "folder"])
def test_what_is_open_to_others_is_told_and_closed(store, what):
    path, wanted = getattr(store, what), {"path": 0o600, "folder": 0o700}[what]
    os.chmod(path, wanted | 0o044)
    with pytest.warns(UserWarning, match=f"{path} was open to other users: it had mode 0{wanted | 0o044:o}"):
        assert store.read() == {"default": LOGIN}
    assert mode(path) == wanted
    with warnings.catch_warnings(record=True) as told:
        store.read()
    assert not told


def test_a_link_is_refused_and_what_it_leads_to_is_left_alone(store, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    os.rename(store.path, elsewhere)
    os.symlink(elsewhere, store.path)
    os.chmod(elsewhere, 0o644)
    refused(store, "tokens.json: Too many levels of symbolic links")
    assert (mode(elsewhere), store.path.is_symlink()) == (0o644, True)


def test_a_folder_that_is_a_link_is_refused(store, tmp_path):
    os.rename(store.folder, tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", store.folder)
    refused(store, "nexmo must be a folder, not a link")


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_refused(store, make):
    store.path.unlink()
    make(store.path)
    refused(store, "tokens.json.* (a directory|must be a regular file)")


@as_another_user
@pytest.mark.parametrize("what", ["path", "folder"])
def test_what_belongs_to_another_user_is_refused(store, what):
    os.chmod(getattr(store, what), 0o777)
    os.chown(getattr(store, what), 12345, -1)
    refused(store, "belongs to another user")
    assert mode(getattr(store, what)) == 0o777


def test_a_folder_that_all_users_share_is_refused_and_not_closed(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    os.chmod(shared, 0o1777)
    with pytest.raises(StoreError, match="all users share it"):
        save(TokenStore(shared), default=LOGIN)
    assert mode(shared) == 0o1777
    assert list(shared.iterdir()) == []


GOOD = {"consumer_key": "ck", "consumer_secret": "hidden", "sandbox": None, "access_token": None}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b'{"profiles": {"default": {"consumer_key": "ck", "consumer_secret": "hidd',
        b"\xff\xfe",
        b"[" * 100_000,
        b"5",
        b"[]",
        b"{}",
        b'{"profiles": []}',
        b'{"profiles": {"default": "hidden"}}',
        *(
            json.dumps({"profiles": {"default": {**GOOD, name: value}}}).encode()
            for name, value in (
                ("consumer_key", None),
                ("consumer_secret", 5),
                ("sandbox", ["hidden"]),
                ("access_token", "hidden"),
                ("access_token", {"key": "at"}),
                ("access_token", {"key": "at", "secret": 5}),
            )
        ),
    ],
)
def test_what_is_not_understood_is_refused_and_left_as_it_is(store, content):
    store.path.write_bytes(content)
    error = refused(store, "not a token store and was left unchanged")
    assert error.__context__ is None and error.__cause__ is None  # a JSON error holds the document


def test_a_block_that_fails_changes_nothing(store):
    with pytest.raises(ZeroDivisionError), store.changing() as profiles:
        profiles.clear()
        profiles["never"] = 1 / 0
    assert store.read() == {"default": LOGIN}
    save(store, other=STARTED)  # and leaves no lock
    assert set(store.read()) == {"default", "other"}


def test_what_a_killed_process_left_is_swept(store):
    (store.folder / "abc.tmp").write_text("half of a")
    save(store, other=STARTED)
    assert {path.name for path in store.folder.iterdir()} - {"tokens.lock"} == {"tokens.json"}


def test_the_content_is_on_disk_before_it_takes_its_name_and_the_name_after_it(store, monkeypatch):
    done = []

    def fsync(descriptor, real=os.fsync):
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else os.fstat(descriptor).st_size > 100)
        real(descriptor)

    def replace(one, other, real=os.replace):
        done.append("replace")
        real(one, other)

    monkeypatch.setattr(nexmo.token_store.os, "fsync", fsync)
    monkeypatch.setattr(nexmo.token_store.os, "replace", replace)
    save(store, other=STARTED)
    assert done == [True, "replace", "folder"]


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_disk_that_fails_loses_nothing(store, call, monkeypatch):
    def fails(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "write":
        monkeypatch.setattr(nexmo.token_store.json, "dump", fails)
    else:
        monkeypatch.setattr(nexmo.token_store.os, call, fails)
    with pytest.raises(StoreError, match="No space left on device"):
        save(store, other=STARTED)
    monkeypatch.undo()
    assert store.read() == {"default": LOGIN}
    assert not list(store.folder.glob("*.tmp"))


@pytest.mark.parametrize("what", ["full disk", "read-only"])
def test_a_real_disk_that_is_full_or_read_only_loses_nothing(tmp_path, what):
    folder = tmp_path / "disk"
    mount_disk(folder, "size=64k,mode=0700")
    try:
        store = TokenStore(folder)
        save(store, default=LOGIN)
        if what == "read-only":
            subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        else:
            with open(folder / "ballast", "wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
                while file.write(bytes(4096)):
                    pass
        with pytest.raises(StoreError, match="No space left on device|Read-only file system"):
            save(store, other=STARTED)
        assert store.read() == {"default": LOGIN}
        assert not list(folder.glob("*.tmp"))
    finally:
        subprocess.run(["umount", folder], check=True)


HOLDS = """
import sys, time
from nexmo.token_store import TokenStore
with TokenStore(sys.argv[1]).changing():
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_lock_that_is_kept_is_an_error_and_ends_with_its_process(store, monkeypatch):
    monkeypatch.setattr(nexmo.token_store, "LOCK_DEADLINE", 0.2)
    with subprocess.Popen([sys.executable, "-c", HOLDS, store.folder], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match="locked by another process"):
            save(store, other=STARTED)
        assert store.read() == {"default": LOGIN}
        process.kill()
    save(store, other=STARTED)


def test_nothing_of_it_shows_a_secret(store):
    for shown in (repr(store.read()), str(LOGIN), repr(store), f"{LOGIN!r}"):
        assert "hidden" not in shown
