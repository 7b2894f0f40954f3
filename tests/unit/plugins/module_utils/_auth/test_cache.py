# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The run's cache: the key of a token, what a miss is, and that processes share one request."""

from __future__ import annotations

import errno
import json
import multiprocessing
import multiprocessing.synchronize
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._auth.cache import TokenCache, cache_key
from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    AuthError,
    ConfigError,
    MissingLibraryError,
    PowerBIError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from fakes.config_sources import app, settings

NOW = 1_800_000_000
KEY = "k" * 64
_fork = multiprocessing.get_context("fork")


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        self.now += 0.001  # time passes between two readings
        return self.now


class Provider:
    """Gives tokens of ``life`` seconds, or raises ``error``; counts how often it was called."""

    def __init__(self, clock: t.Callable[[], float], life: int = 3600) -> None:
        self.requests = 0
        self.error: PowerBIError | None = None
        self._clock, self._life = clock, life

    def __call__(self) -> AccessToken:
        self.requests += 1
        if self.error is not None:
            raise self.error
        now = int(self._clock())
        return AccessToken(Secret(f"token-{self.requests}"), now + self._life, now, "scope")


class CachedTokens(t.NamedTuple):
    folder: Path
    clock: Clock
    cache: TokenCache
    provider: Provider

    def token(self, min_validity: int = 300) -> str:
        return self.cache.get_or_acquire(KEY, min_validity, self.provider).value.reveal()

    @property
    def file(self) -> Path:
        return self.folder / f"{KEY}.json"


@pytest.fixture
def cached(tmp_path: Path) -> CachedTokens:
    clock = Clock()
    return CachedTokens(tmp_path / "tokens", clock, TokenCache(str(tmp_path / "tokens"), clock), Provider(clock))


class TestKey:
    BASE = app("1")

    @staticmethod
    def key(scope: str = "s", **options: t.Any) -> str:
        return cache_key(settings({**TestKey.BASE, **options}), scope)

    @pytest.mark.parametrize(
        "other",
        [
            {"client_secret": "secret-2"},
            {"client_secret": "secret-1 "},
            {"client_id": "22222222-2222-2222-2222-222222222220"},
            {"tenant_id": "contoso.example"},
            {"authority": "https://localhost:8443"},
            {"cloud": "china"},
            {"scope": "other"},
            {"client_secret": None, "certificate_data": "secret-1"},
            {"client_secret": None, "federated_token": "secret-1"},
        ],
        ids=str,
    )
    def test_each_part_of_the_credential_is_part_of_the_key(self, other: dict[str, t.Any]) -> None:
        scope = other.pop("scope", "s")
        assert self.key(scope, **other) != self.key()

    def test_two_emulators_on_one_host(self) -> None:
        """msal's own key leaves the port out."""
        assert self.key(authority="https://localhost:1") != self.key(authority="https://localhost:2")

    def test_the_same_identity_in_other_letters_or_from_another_place_is_the_same(self) -> None:
        upper = {name: self.BASE[name].upper() for name in ("tenant_id", "client_id")}
        assert self.key(**upper) == self.key()
        environ = {f"AZURE_{name.upper()}": value for name, value in self.BASE.items()}
        assert cache_key(settings(environ=environ), "s") == self.key()

    def test_a_file_counts_by_its_content(self, tmp_path: Path) -> None:
        first, second = tmp_path / "1", tmp_path / "2"
        first.write_text("one")
        second.write_text("one")
        keys = [self.key(client_secret=None, client_secret_file=str(path)) for path in (first, second)]
        assert keys[0] == keys[1]
        second.write_text("two")
        assert self.key(client_secret=None, client_secret_file=str(second)) != keys[0]

    def test_a_rotating_token_s_file_counts_by_its_name(self, tmp_path: Path) -> None:
        path = tmp_path / "token"
        before = self.key(client_secret=None, federated_token_file=str(path))
        path.write_text("rotated")
        assert self.key(client_secret=None, federated_token_file=str(path)) == before

    def test_a_file_that_can_t_be_read_names_its_option(self) -> None:
        with pytest.raises(ConfigError, match="client_secret_file is '/nonexistent/s'") as caught:
            self.key(client_secret=None, client_secret_file="/nonexistent/s")
        assert caught.value.option == "client_secret_file"

    def test_it_is_a_file_name_without_information(self) -> None:
        assert len(self.key()) == 64
        assert set(self.key()) <= set("0123456789abcdef")

    def test_a_secret_that_is_not_text(self) -> None:
        """The environment gives bytes that are no UTF-8 as lone surrogates."""
        assert self.key(client_secret="a\udcffb") != self.key(client_secret="ab")

    @given(st.lists(st.text(), min_size=2, max_size=2, unique=True))
    def test_no_two_secrets_share_a_key(self, secrets: list[str]) -> None:
        keys = {self.key(client_secret=f"x{secret}") for secret in secrets}
        assert len(keys) == 2


class TestHit:
    def test_one_request_serves_all(self, cached: CachedTokens) -> None:
        assert [cached.token() for dummy in range(50)] == ["token-1"] * 50
        assert cached.provider.requests == 1

    def test_it_reports_that_it_is_from_the_cache(self, cached: CachedTokens) -> None:
        first = cached.cache.get_or_acquire(KEY, 300, cached.provider)
        second = cached.cache.get_or_acquire(KEY, 300, cached.provider)
        assert (first.source, second.source) == ("identity_provider", "cache")
        assert second._replace(source=first.source) == first

    def test_other_keys_have_other_tokens(self, cached: CachedTokens) -> None:
        cached.token()
        assert cached.cache.get("x" * 64, 0) is None

    def test_files_are_for_their_owner(self, cached: CachedTokens) -> None:
        cached.token()
        assert stat.S_IMODE(cached.folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in cached.folder.iterdir()} == {0o600}

    def test_a_wide_umask_changes_nothing(self, cached: CachedTokens) -> None:
        before = os.umask(0)
        try:
            cached.token()
        finally:
            os.umask(before)
        self.test_files_are_for_their_owner(cached)

    def test_no_cache(self, cached: CachedTokens) -> None:
        cache = TokenCache(None, cached.clock)
        assert [cache.get_or_acquire(KEY, 300, cached.provider).value.reveal() for dummy in range(3)] == [
            "token-1",
            "token-2",
            "token-3",
        ]
        cache.replace(KEY, cached.provider())
        assert not cached.folder.exists()

    def test_replace_is_for_the_others(self, cached: CachedTokens) -> None:
        cached.token()
        cached.cache.replace(KEY, AccessToken(Secret("newer"), NOW + 3600, NOW, "scope"))
        assert cached.token() == "newer"


class TestLife:
    @pytest.mark.parametrize(
        ("life", "min_validity", "left", "is_valid_for"),
        [
            (3600, 300, 301, True),
            (3600, 300, 299, False),
            (3600, 0, 1, True),
            (3600, 0, -1, False),
            (3600, 1800, 1799, False),
            # Shorter than min_validity: half of it, or each task would ask again.
            (200, 300, 150, True),
            (200, 300, 101, True),
            (200, 300, 99, False),
            (60, 300, 31, True),
        ],
    )
    def test_what_serves(self, life: int, min_validity: int, left: int, is_valid_for: bool) -> None:
        token = AccessToken(Secret("t"), NOW + life, NOW, "scope")
        assert token.is_valid_for(min_validity, NOW + life - left) is is_valid_for

    def test_one_about_to_expire_is_replaced_once(self, cached: CachedTokens) -> None:
        cached.token()
        cached.clock.now += 3600 - 200
        assert {cached.token() for dummy in range(200)} == {"token-2"}
        assert cached.provider.requests == 2

    def test_short_ones_are_cached_too(self, tmp_path: Path) -> None:
        clock = Clock()
        provider = Provider(clock, life=120)
        cached = CachedTokens(tmp_path / "t", clock, TokenCache(str(tmp_path / "t"), clock), provider)
        assert {cached.token() for dummy in range(50)} == {"token-1"}
        clock.now += 61
        assert {cached.token() for dummy in range(50)} == {"token-2"}

    @given(life=st.integers(1, 90_000), min_validity=st.integers(0, 90_000), age=st.integers(0, 90_000))
    def test_a_new_one_always_serves_and_an_expired_one_never(self, life: int, min_validity: int, age: int) -> None:
        token = AccessToken(Secret("t"), NOW + life, NOW, "scope")
        assert token.is_valid_for(min_validity, NOW)
        assert not token.is_valid_for(min_validity, NOW + life + 1 + age)


WHOLE = {"access_token": "t", "expires_on": NOW + 3600, "obtained_on": NOW, "scope": "s"}


class TestDamage:
    @pytest.mark.parametrize(
        "content",
        [
            *("", "{", "null", "[]", "7", '"text"', "\x00" * 100, "[" * 100_000),
            *(json.dumps({key: value for key, value in WHOLE.items() if key != missing}) for missing in WHOLE),
            json.dumps({**WHOLE, "access_token": None}),
            json.dumps({**WHOLE, "access_token": 5}),
            json.dumps({**WHOLE, "expires_on": "soon"}),
            json.dumps({**WHOLE, "expires_on": None}),
            json.dumps({**WHOLE, "obtained_on": []}),
            json.dumps({**WHOLE, "expires_on": float("nan")}),
        ],
        ids=lambda content: repr(content[:40]),
    )
    def test_is_a_miss_and_mended(self, cached: CachedTokens, content: str) -> None:
        cached.folder.mkdir(mode=0o700)
        cached.file.touch(mode=0o600)
        cached.file.write_text(content)
        assert cached.token() == "token-1"
        assert cached.token() == "token-1"

    @hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(length=st.integers(0, 200))
    def test_truncated_anywhere(self, cached: CachedTokens, length: int) -> None:
        cached.cache.replace(KEY, AccessToken(Secret("whole"), NOW + 3600, NOW, "scope"))
        data = cached.file.read_bytes()[:length]
        cached.file.write_bytes(data)
        assert cached.cache.get(KEY, 300) is None or json.loads(data)["access_token"] == "whole"

    @pytest.mark.parametrize("content", ["", "{}", "[]", '{"at": "x"}', '{"at": 9e99, "kind": "auth", "facts": 5}'])
    def test_of_a_stored_failure_is_none(self, cached: CachedTokens, content: str) -> None:
        cached.folder.mkdir(mode=0o700)
        path = cached.folder / f"{KEY}.failed"
        path.touch(mode=0o600)
        path.write_text(content)
        assert cached.token() == "token-1"

    @pytest.mark.parametrize("mode", [0o644, 0o620, 0o602, 0o640])
    def test_a_file_that_others_can_open_is_a_miss(self, cached: CachedTokens, mode: int) -> None:
        cached.token()
        cached.file.chmod(mode)
        assert cached.cache.get(KEY, 300) is None
        assert cached.token() == "token-2"
        assert stat.S_IMODE(cached.file.stat().st_mode) == 0o600

    def test_a_link_is_a_miss_and_is_replaced_not_followed(self, cached: CachedTokens, tmp_path: Path) -> None:
        cached.token()
        elsewhere = tmp_path / "elsewhere"
        cached.file.rename(elsewhere)
        cached.file.symlink_to(elsewhere)
        before = elsewhere.read_bytes()
        assert cached.token() == "token-2"
        assert not cached.file.is_symlink()
        assert elsewhere.read_bytes() == before

    def test_another_user_s_file_is_a_miss(self, cached: CachedTokens, monkeypatch: pytest.MonkeyPatch) -> None:
        cached.token()
        me = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: me + 1)
        assert cached.cache.get(KEY, 300) is None

    @pytest.mark.parametrize("mode", [0o755, 0o777, 0o710])
    def test_a_folder_that_others_can_enter_is_not_written_to(self, cached: CachedTokens, mode: int) -> None:
        cached.folder.mkdir()
        cached.folder.chmod(mode)
        assert (cached.token(), cached.token()) == ("token-1", "token-2")
        assert list(cached.folder.iterdir()) == []

    def test_nor_another_user_s_folder(self, cached: CachedTokens, monkeypatch: pytest.MonkeyPatch) -> None:
        cached.folder.mkdir(mode=0o700)
        me = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: me + 1)
        assert (cached.token(), cached.token()) == ("token-1", "token-2")
        assert list(cached.folder.iterdir()) == []

    def test_nor_a_link_to_a_folder(self, cached: CachedTokens, tmp_path: Path) -> None:
        target = tmp_path / "target"
        target.mkdir(mode=0o700)
        cached.folder.symlink_to(target)
        assert cached.token() == "token-1"
        assert list(target.iterdir()) == []

    def test_a_file_in_the_folder_s_place(self, cached: CachedTokens) -> None:
        cached.folder.write_text("x")
        assert (cached.token(), cached.token()) == ("token-1", "token-2")

    @pytest.mark.parametrize("step", ["mkstemp", "dump", "replace"])
    def test_a_full_disk_costs_a_request_not_the_run(
        self, cached: CachedTokens, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        def full(*_args: t.Any, **_kwargs: t.Any) -> t.NoReturn:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr({"mkstemp": tempfile, "dump": json, "replace": os}[step], step, full)
            assert (cached.token(), cached.token()) == ("token-1", "token-2")
        assert [path.suffix for path in cached.folder.iterdir()] == [".lock"]  # no half-written token is left
        assert cached.token() == "token-3"

    def test_no_locks_on_this_file_system(self, cached: CachedTokens, monkeypatch: pytest.MonkeyPatch) -> None:
        import fcntl

        def refused(*_args: t.Any) -> t.NoReturn:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", refused)
        assert (cached.token(), cached.token()) == ("token-1", "token-1")


class TestFailure:
    ERRORS: t.ClassVar = (
        AuthError(
            "refused", why="w", remedy="r", code="7000222", correlation_id="c", timestamp="t", suberror="s", status=401
        ),
        TransportError("no answer", why="w", remedy="r", url="https://login.test"),
        ConfigError("unreadable", option="client_secret_file", remedy="r"),
        MissingLibraryError("msal", "msal is missing", why="It is needed", remedy="install it"),
    )

    @pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.kind)
    def test_those_who_waited_share_it(self, cached: CachedTokens, error: PowerBIError) -> None:
        """One who arrived before the failure was stored finds it when the lock is his."""
        cached.provider.error = error
        with pytest.raises(type(error)):
            cached.token()
        waited = TokenCache(str(cached.folder), lambda: NOW - 1)  # arrived earlier
        with pytest.raises(type(error)) as caught:
            waited.get_or_acquire(KEY, 300, cached.provider)
        assert cached.provider.requests == 1
        assert str(caught.value) == str(error)
        assert caught.value.to_dict() == error.to_dict()

    def test_those_who_come_later_ask_again(self, cached: CachedTokens) -> None:
        cached.provider.error = self.ERRORS[0]
        for dummy in range(3):
            with pytest.raises(AuthError):
                cached.token()
        cached.provider.error = None
        assert cached.token() == "token-4"

    def test_a_refusal_may_stand_for_a_while(self, cached: CachedTokens) -> None:
        """A person's account is locked after a few wrong passwords."""

        def token() -> AccessToken:
            return cached.cache.get_or_acquire(KEY, 300, cached.provider, negative_ttl=300)

        cached.provider.error = self.ERRORS[0]
        for dummy in range(50):
            with pytest.raises(AuthError, match="refused"):
                token()
        assert cached.provider.requests == 1
        cached.clock.now += 301
        cached.provider.error = None
        assert token().value == Secret("token-2")

    def test_but_not_a_missing_response(self, cached: CachedTokens) -> None:
        cached.provider.error = self.ERRORS[1]
        for dummy in range(3):
            with pytest.raises(TransportError):
                cached.cache.get_or_acquire(KEY, 300, cached.provider, negative_ttl=300)
        assert cached.provider.requests == 3

    def test_a_defect_is_not_stored(self, cached: CachedTokens) -> None:
        def broken() -> AccessToken:
            raise RuntimeError

        with pytest.raises(RuntimeError):
            cached.cache.get_or_acquire(KEY, 300, broken)
        assert cached.token() == "token-1"

    OUT_OF_ORDER = pytest.mark.parametrize(
        "error",
        [TransportError("no answer"), AuthError("busy", code="throttled", retryable=True)],
        ids=lambda error: error.kind,
    )

    @OUT_OF_ORDER
    def test_an_old_token_serves_while_the_provider_is_out_of_order(
        self, cached: CachedTokens, error: PowerBIError
    ) -> None:
        cached.token()
        cached.clock.now += 3600 - 200
        cached.provider.error = error
        assert [cached.token() for dummy in range(20)] == ["token-1"] * 20
        assert cached.provider.requests == 2, "each task of a run would wait for the whole of `retry_timeout`"

    def test_but_a_new_request_is_sent_after_a_while(self, cached: CachedTokens) -> None:
        cached.token()
        cached.clock.now += 3600 - 200
        cached.provider.error = TransportError("no answer")
        cached.token()
        cached.clock.now += 31
        cached.provider.error = None
        assert cached.token() == "token-3"

    @OUT_OF_ORDER
    def test_an_expired_one_does_not(self, cached: CachedTokens, error: PowerBIError) -> None:
        cached.token()
        cached.clock.now += 3600 - 30
        cached.provider.error = error
        with pytest.raises(type(error)):
            cached.token()

    def test_nor_does_one_that_expires_during_the_request(self, cached: CachedTokens) -> None:
        cached.token()
        cached.clock.now += 3600 - 70

        def slow() -> AccessToken:
            cached.clock.now += 120
            raise TransportError("no answer within 120 s")

        with pytest.raises(TransportError):
            cached.cache.get_or_acquire(KEY, 300, slow)

    def test_a_refusal_is_a_refusal_although_the_old_one_serves(self, cached: CachedTokens) -> None:
        cached.token()
        cached.clock.now += 3600 - 200
        cached.provider.error = AuthError("disabled", code="7000112")
        with pytest.raises(AuthError, match="disabled"):
            cached.token()


def _ask(folder: str, log: int, start: multiprocessing.synchronize.Barrier, fail: bool, left: int) -> None:
    """A process of its own: waits for the others, then needs a token. Its exit code is the result."""

    def acquire() -> AccessToken:
        os.write(log, b"x")
        time.sleep(0.5 if fail else 0.05)  # an answer takes time: all others arrive meanwhile
        if fail:
            raise AuthError("refused", code="7000215")
        now = int(time.time())
        return AccessToken(Secret("shared"), now + 3600, now, "scope")

    cache = TokenCache(folder)
    start.wait(30)
    try:
        token = cache.get_or_acquire(KEY, left, acquire)
    except AuthError as error:
        os._exit(7 if str(error).startswith("refused") else 1)
    os._exit(0 if token.value.reveal() == "shared" else 1)


def _many(folder: Path, number: int = 50, *, fail: bool = False, left: int = 300) -> tuple[int, set[int | None]]:
    """How many of ``number`` processes sent a request, and all their exit codes."""
    reading, writing = os.pipe()
    start = _fork.Barrier(number)
    processes = [_fork.Process(target=_ask, args=(str(folder), writing, start, fail, left)) for dummy in range(number)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    os.close(writing)
    with os.fdopen(reading, "rb") as log:
        return len(log.read()), {process.exitcode for process in processes}


class TestProcesses:
    def test_fifty_at_once_on_an_empty_cache_ask_once(self, tmp_path: Path) -> None:
        assert _many(tmp_path / "t") == (1, {0})

    def test_fifty_with_a_token_about_to_expire_ask_once_more(self, tmp_path: Path) -> None:
        now = int(time.time())
        cache = TokenCache(str(tmp_path / "t"))
        cache.replace(KEY, AccessToken(Secret("old"), now + 100, now - 3500, "scope"))
        assert _many(tmp_path / "t") == (1, {0})

    def test_fifty_share_one_failure(self, tmp_path: Path) -> None:
        assert _many(tmp_path / "t", fail=True) == (1, {7})

    def test_one_that_is_killed_during_its_request_blocks_no_other(self, tmp_path: Path) -> None:
        reading, writing = os.pipe()

        def stuck() -> AccessToken:
            os.write(writing, b"x")
            time.sleep(60)
            raise AssertionError

        folder = str(tmp_path / "t")
        holder = _fork.Process(target=lambda: TokenCache(folder).get_or_acquire(KEY, 300, stuck))
        holder.start()
        assert os.read(reading, 1) == b"x"
        assert holder.pid is not None
        os.kill(holder.pid, signal.SIGKILL)
        holder.join(10)
        began = time.monotonic()
        assert _many(tmp_path / "t", 5) == (1, {0})
        assert time.monotonic() - began < 10

    def test_a_run_that_was_killed_while_it_wrote_leaves_nothing_that_is_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "t"
        folder.mkdir(mode=0o700)
        (folder / "tmpabcdef").write_text('{"access_token": "half')
        assert _many(folder, 3) == (1, {0})


HIT = """
import os, sys, time
from ansible_collections.community.powerbi.plugins.module_utils._session import open_session
from ansible_collections.community.powerbi.plugins.module_utils._auth.cache import TokenCache, cache_key
from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret

session = open_session([], os.environ, cache_directory=sys.argv[1])
now = int(time.time())
key = cache_key(session.settings, session.settings.scope)
cache = TokenCache(sys.argv[1])
cache.replace(key, AccessToken(Secret("cached"), now + 3600, now, "scope"))
assert session.tokens.token().value.reveal() == "cached"
session.close()
heavy = {"msal", "requests", "urllib3", "cryptography", "jwt", "ssl", "socket", "http.client", "asyncio", "ansible"}
print(*sorted(heavy & set(sys.modules)))
took = []
for _ in range(200):
    began = time.perf_counter()
    assert cache.get(key, 300) is not None
    took.append(time.perf_counter() - began)
print(sorted(took)[len(took) // 2])
"""


def test_a_hit_imports_no_library_and_is_fast(tmp_path: Path) -> None:
    environ = {f"POWERBI_{name.upper()}": value for name, value in app("1").items()}
    run = subprocess.run(
        [sys.executable, "-c", HIT, str(tmp_path / "t")],
        env={**environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded, median = run.stdout.split("\n")[:2]
    assert loaded == ""
    assert float(median) < 200e-6, "the bench holds it to 50 us on a quiet machine; this one is shared"
