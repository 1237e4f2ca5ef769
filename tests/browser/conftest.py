"""What the tests of each page are given."""

import pytest

from tests.browser.person import chromium, missing
from tests.support.programs import skip


@pytest.fixture(scope="module")
def browser():
    lacking = missing()
    if lacking:
        skip(f"not installed: {', '.join(lacking)} (make browser-peers)")
    with chromium() as browser:
        yield browser
