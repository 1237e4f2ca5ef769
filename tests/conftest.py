"""What the tests of more than one HTTP client's adapter are given."""

import pytest

pytest.register_assert_rewrite("tests.support.http_clients")


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
