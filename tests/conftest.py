"""What the tests of more than one HTTP client's adapter are given."""

import ssl

import certifi
import pytest

pytest.register_assert_rewrite("tests.support.http_clients")


@pytest.fixture(scope="session", autouse=True)
def no_public_authorities():
    """Leave out the public certificate authorities: a client of httpx reads them all, which takes longer than a test.

    No test asks a server of theirs.
    """
    paths = ssl.get_default_verify_paths()
    public, load = {certifi.where(), paths.cafile, paths.openssl_cafile}, ssl.SSLContext.load_verify_locations

    def load_others(self, cafile=None, capath=None, cadata=None):
        if cafile not in public or cafile is None:
            load(self, cafile, capath, cadata)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl.SSLContext, "load_verify_locations", load_others)
        yield


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    from tests.support.http_clients import running_world  # needs trustme and oauthlib, which most tests do not

    with running_world(tmp_path_factory.mktemp("tls")) as world:
        yield world


@pytest.fixture
def server(world):
    """The origin of the world, which has heard nothing yet."""
    world.reset()
    return world.origin
