"""What an editor shows of the classes that users construct: each argument on a line of its own, on the class itself.

Pyright takes that of ``__init__``, inherited or not, else that of the class; Jedi that of the class; ``help()`` both.
"""

import importlib
import inspect
import re

import pytest

import oauth1_core

CLIENTS = ["aiohttp", "httpx", "httpx2", "requests", "urllib"]
CONSTRUCTED = [
    *[("oauth1_core", name) for name in ("AsyncVerifier", "Limits", "Signer", "Verifier")],
    *[("oauth1_core", name) for name in ("RsaPssSha256", "RsaSha1", "RsaSha256", "RsaSha512")],
    *[("oauth1_core.adapters." + client, "OAuth1") for client in CLIENTS],
    *[("oauth1_core.adapters." + client, "AsyncFlow") for client in ("aiohttp", "httpx", "httpx2")],
    *[("oauth1_core.adapters." + client, "Flow") for client in ("httpx", "httpx2", "requests", "urllib")],
    ("oauth1_core", "AuthorizationFlow"),
    *[("oauth1_core", name) for name in ("ClientCredentials", "PublicClientCredentials")],
    *[("oauth1_core", name) for name in ("TemporaryCredentials", "TokenCredentials")],
    ("oauth1_core", "Plaintext"),
    ("oauth1_core", "Provider"),
    ("oauth1_core.adapters.asgi", "OAuth1Middleware"),
    ("oauth1_core.adapters.wsgi", "OAuth1Middleware"),
    ("oauth1_core.adapters.clock", "LearningClock"),
    ("oauth1_core.adapters.h11", "Receiver"),
    ("oauth1_core.adapters.httpx", "OAuth1Transport"),
    ("oauth1_core.adapters.httpx2", "OAuth1Transport"),
    ("oauth1_core.adapters.requests", "OAuth1Adapter"),
    ("oauth1_core.nonce_stores.memory", "MemoryNonceStore"),
    ("oauth1_core.nonce_stores.quota", "QuotaNonceStore"),
    ("oauth1_core.nonce_stores.redis", "RedisNonceStore"),
    ("oauth1_core.nonce_stores.sqlite", "SQLiteNonceStore"),
    ("nexmo", "AsyncNexmo"),
    ("nexmo", "Endpoints"),
    ("nexmo", "Nexmo"),
    ("nexmo.sandbox", "Sandbox"),
]


def described(kind):
    """Return what the class's own docstring says of each argument, by name, in its order."""
    doc = inspect.cleandoc(vars(kind)["__doc__"])
    return dict(re.findall(r"^:param (\w+): (.+(?:\n    .+)*)", doc, re.MULTILINE))


@pytest.mark.parametrize("module, name", CONSTRUCTED)
def test_a_class_that_users_construct_describes_each_argument_itself(module, name):
    kind = getattr(importlib.import_module(module), name)
    assert list(described(kind)) == list(inspect.signature(kind).parameters)
    assert not kind.__init__.__doc__, "Pyright would show that instead"


@pytest.mark.parametrize("module, name", CONSTRUCTED)
def test_a_default_is_said(module, name):
    kind = getattr(importlib.import_module(module), name)
    texts = described(kind)
    for argument, parameter in inspect.signature(kind).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            assert "default" in texts[argument], argument


def test_an_argument_means_the_same_in_every_adapter():
    assert described(oauth1_core.AsyncVerifier).keys() == described(oauth1_core.Verifier).keys()
    first, *others = [described(importlib.import_module("oauth1_core.adapters." + client).OAuth1) for client in CLIENTS]
    assert first.pop("origin")  # aiohttp's own
    for other in others:
        assert other == first
