"""The sandbox under races, kills and slow clients: real processes, real HTTP, one database.

Each test makes several provider processes share a database, as a server of several workers would.
"""

import contextlib
import http.client
import random
import secrets
import signal
import socket
import sqlite3
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from nexmo.sandbox import Sandbox, provider
from nexmo.sandbox.browser import USER
from nexmo.sandbox.server import HEAD_DEADLINE
from nexmo.sandbox.store import Store
from oauth1_core import (
    ClientCredentials,
    TokenCredentials,
    authorization_header,
    decode_form,
    generate_nonce,
    sign,
)
from tests.support.load import drip

pytestmark = pytest.mark.slow

PROCESSES = 4
BALANCE, EXCHANGE = "/account/get-balance", "/oauth/access_token"
TOKENS = "SELECT count(*) FROM access_token"


class Sender:
    """One connection to one provider process."""

    def __init__(self, sandbox, client):
        self.client = client
        self.url = sandbox.url
        self.http = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.http.close()

    def send(self, method, path, token, parameters=(), **options):
        """Return status, problem and form of the answer."""
        pairs = sign(method, self.url + path, self.client, token, protocol_parameters=parameters, **options)
        self.http.request(method, path, headers={"Authorization": authorization_header(pairs)})
        response = self.http.getresponse()
        form = dict(decode_form(response.read()))
        return response.status, form.get("oauth_problem", ""), form

    def exchange(self, token, verifier):
        return self.send("POST", EXCHANGE, token, [("oauth_verifier", verifier)])


def ask(sandbox, client, token):
    """Return the status of one request, over a connection of its own."""
    with Sender(sandbox, client) as sender:
        return sender.send("GET", BALANCE, token)[0]


@pytest.fixture
def database(tmp_path):
    return tmp_path / "sandbox.sqlite"


@pytest.fixture
def providers(database):
    """Processes on one database."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Sandbox(database)) for _ in range(PROCESSES)]


@pytest.fixture
def store(providers, database):
    with contextlib.closing(Store(database)) as store:
        yield store


@pytest.fixture
def client(providers):
    return client_of(providers[0])


@pytest.fixture
def connect(providers, client):
    """Open connections, the processes in turn."""
    with contextlib.ExitStack() as stack:
        yield lambda number: [
            stack.enter_context(Sender(providers[index % PROCESSES], client)) for index in range(number)
        ]


def client_of(sandbox):
    return ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)


def at_once(action, values):
    """Return what ``action`` returns for each value, all begun at the same moment in threads."""
    barrier = threading.Barrier(len(values))

    def run(value):
        barrier.wait(30)
        return action(value)

    with ThreadPoolExecutor(len(values)) as threads:
        return list(threads.map(run, values))


def count(database, query):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchone()[0]


def shown(found):
    return ", ".join(f"{number:,} x {status} {problem}".strip() for (status, problem), number in found.items())


def authorized(store, client):
    """Return a request token and its verifier, decided about without the pages."""
    token = provider.issue_request_token(store, client.identifier, "oob", time.time())
    return token, provider.approve(store, token.identifier, USER, time.time())


def granted(store, client):
    """Return an access token."""
    token, verifier = authorized(store, client)
    return provider.exchange(store, client.identifier, token.identifier, verifier, time.time())


def test_of_racing_requests_with_one_nonce_one_is_accepted(store, client, connect, size, report):
    nonces, racers = size(20, 2000), 16
    token, drawn = granted(store, client), []
    next_one = threading.Barrier(racers, lambda: drawn.append((generate_nonce(), int(time.time()))))

    def send_all(sender):
        answers = []
        for number in range(nonces):
            next_one.wait(30)
            nonce, timestamp = drawn[number]
            # Signed for the port of its process: what the requests share is the nonce.
            answers.append(sender.send("GET", BALANCE, token, nonce=nonce, timestamp=timestamp)[:2])
        return answers

    begun = time.monotonic()
    answers = at_once(send_all, connect(racers))
    rate = nonces * racers / (time.monotonic() - begun)
    found = Counter(answer for each in answers for answer in each)
    accepted = Counter(sum(status == 200 for status, _ in race) for race in zip(*answers, strict=True))
    reached = found == {(200, ""): nonces, (401, "nonce_used"): nonces * (racers - 1)} and accepted == {1: nonces}
    report(
        "L2",
        f"{nonces} nonces x {racers} racing senders, {PROCESSES} processes over HTTP",
        "per nonce one 200, else 401 nonce_used; 0 x 5xx",
        f"{shown(found)}; {rate:.0f} requests/s",
        reached,
    )
    assert reached, (found, accepted)


def test_of_racing_exchanges_of_one_verifier_one_gets_a_token(store, client, connect, database, size, report):
    rounds, racers = size(5, 200), 32
    senders = connect(racers)
    found, rows, works = Counter(), Counter(), 0
    for _ in range(rounds):
        token, verifier = authorized(store, client)
        before = count(database, TOKENS)
        answers = at_once(lambda sender: sender.exchange(token, verifier), senders)  # noqa: B023 (called at once)
        rows[count(database, TOKENS) - before] += 1
        found.update(answer[:2] for answer in answers)
        for _, _, form in answers:
            if "oauth_token_secret" in form:
                issued = TokenCredentials(form["oauth_token"], form["oauth_token_secret"])
                works += senders[0].send("GET", BALANCE, issued)[0] == 200
    expected = {(200, ""): rounds, (401, "token_used"): rounds * (racers - 1)}
    reached = found == expected and rows == {1: rounds} and works == rounds
    report(
        "L10",
        f"{racers} racing exchanges of one verifier, {PROCESSES} processes, {rounds} rounds",
        "per round one 200, else 401 token_used; one token row",
        f"{shown(found)}; {rows[1]} x one row",
        reached,
    )
    assert reached, (found, rows, works)


def test_an_exchange_that_is_killed_happened_or_did_not(database, size, report):
    """A request token names its own user here, so that each access token tells which one it came from."""
    kills, each = size(4, 200), 60
    states, lost, half, wrong, unanswered = Counter(), 0, 0, 0, 0
    in_flight = []
    for kill in range(kills):
        with Sandbox(database) as sandbox:
            client = client_of(sandbox)
            with Sender(sandbox, client) as sender:
                for state, token, verifier in in_flight:
                    answer = sender.exchange(token, verifier)[:2]
                    wrong += answer != ((401, "token_used") if state == "used" else (200, ""))
            pairs = prepared(database, client, kill, each)
            acknowledged, tried = exchanged_until_killed(sandbox, client, pairs)
        found = outcomes(database, kill)
        for token, _ in pairs:
            state, tokens = found[token.identifier]
            states[state] += 1
            half += (state, len(tokens)) not in (("authorized", 0), ("used", 1))
            if token.identifier in acknowledged:
                lost += state != "used" or tokens != [acknowledged[token.identifier]]
        unknown = tried - set(acknowledged)
        unanswered += len(unknown)
        in_flight = [(found[pair[0].identifier][0], *pair) for pair in pairs if pair[0].identifier in unknown]
    intact = count(database, "PRAGMA integrity_check") == "ok"
    reached = half == lost == wrong == 0 and intact
    report(
        "L11",
        f"{kills} x kill -9 of the provider during exchanges",
        "each credential unused XOR one token, 0 half states",
        f"{states['used']} used, {states['authorized']} unused ({unanswered} in flight), {half} half, {lost} lost",
        reached,
    )
    assert reached, (half, lost, wrong, intact)


def prepared(database, client, kill, number):
    """Return pairs of a request token, authorized by a user of its own, and its verifier."""
    pairs = []
    with contextlib.closing(Store(database)) as store, store.transaction():
        for index in range(number):
            user, verifier = f"user-{kill}-{index}", secrets.token_hex(16)
            token = TokenCredentials(*provider.new_credentials())
            store._write("INSERT INTO user VALUES (?, x'', x'', 0)", user)
            store.add_request_token(
                token.identifier, token.secret, client.identifier, "http://127.0.0.1/", time.time() + 600
            )
            store.authorize(token.identifier, user, verifier)
            pairs.append((token, verifier))
    return pairs


def exchanged_until_killed(sandbox, client, pairs):
    """Exchange from 8 threads, kill the process meanwhile; return what was answered with 200 and what was tried."""
    acknowledged, tried, waiting = {}, set(), list(pairs)
    some = threading.Event()

    def exchange_all():
        with contextlib.suppress(OSError, http.client.HTTPException, IndexError), Sender(sandbox, client) as sender:
            while True:
                token, verifier = waiting.pop()
                tried.add(token.identifier)
                status, _, form = sender.exchange(token, verifier)
                assert status == 200, form
                acknowledged[token.identifier] = form["oauth_token"]
                some.set()

    def kill():
        some.wait(20)
        time.sleep(random.uniform(0, 0.15))
        sandbox._process.send_signal(signal.SIGKILL)
        sandbox._process.wait()

    at_once(lambda work: work(), [kill, *[exchange_all] * 8])
    return acknowledged, tried


def outcomes(database, kill):
    """Return for each request token of this kill its state and the access tokens that came from it."""
    found = {}
    with contextlib.closing(sqlite3.connect(database)) as connection:
        for key, state, access in connection.execute(
            "SELECT r.key, state, a.key FROM request_token r LEFT JOIN access_token a USING (user) WHERE user GLOB ?",
            (f"user-{kill}-*",),
        ):
            found.setdefault(key, (state, []))[1].extend([access] if access else [])
    return found


@pytest.mark.parametrize("slow", [25, 50], ids=["fewer than the limit", "more than the limit"])
def test_slow_clients_keep_nobody_waiting(database, slow, size, full, report):
    patience = size(0, HEAD_DEADLINE + 2)
    with Sandbox(database) as sandbox, contextlib.closing(Store(database)) as store:
        client = client_of(sandbox)
        token = granted(store, client)
        assert {ask(sandbox, client, token) for _ in range(3)} == {200}
        start = settled(sandbox, (0, 0), 1)
        with contextlib.ExitStack() as stack:
            address = urlsplit(sandbox.url).hostname, urlsplit(sandbox.url).port
            sockets = [stack.enter_context(socket.create_connection(address)) for _ in range(2 * slow)]
            over = threading.Event()
            thread = threading.Thread(target=drip, args=(sockets[slow:], over))
            thread.start()
            stack.callback(thread.join)
            stack.callback(over.set)
            time.sleep(0.5)
            begun = time.monotonic()
            status = ask(sandbox, client, token)
            seconds = time.monotonic() - begun
            if patience:  # nobody hangs up: the sandbox has to
                end = settled(sandbox, start, patience)
        if not patience:
            end = settled(sandbox, start, 5)
        after = ask(sandbox, client, token)
    answered = status == after == 200
    reached = answered and (seconds <= 1 or not full) and end[0] <= start[0] and end[1] <= start[1]
    report(
        "L15",
        f"sandbox: {slow} idle + {slow} drip sockets, then a request",
        "answered within 1 s; fds and threads as before",
        f"{status} in {seconds * 1000:.0f} ms, then {after}; fds, threads {start} -> {end}",
        reached,
    )
    assert reached, (status, after, seconds, start, end)


def settled(sandbox, goal, patience):
    """Return the numbers of file descriptors and threads of the process, once they are no more than ``goal``."""
    process = Path("/proc", str(sandbox._process.pid))
    deadline = time.monotonic() + patience
    while True:
        found = len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))
        if (found[0] <= goal[0] and found[1] <= goal[1]) or time.monotonic() > deadline:
            return found
        time.sleep(0.05)
