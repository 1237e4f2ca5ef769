"""Why a signature does not match (RFC 5849 section 3.4)."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .credentials import ClientCredentials, Credentials


class Finding:
    """A mistake of the signer: ``id``, what was ``done``, what the RFC ``wants`` (in ``section``), how to ``fix`` it."""

    __slots__ = ("id", "done", "wants", "section", "fix")
    id: str
    done: str
    wants: str
    section: str
    fix: str


class Difference:
    """A part in which two base strings differ: ``field``, ``ours``, ``theirs`` and the likely ``cause``."""

    __slots__ = ("field", "ours", "theirs", "cause")
    field: str
    ours: str
    theirs: str
    cause: "Finding | None"


def diagnose(
    method: str,
    uri: str,
    headers: "Iterable[tuple[str, str]]",
    body: bytes,
    client: "ClientCredentials",
    token: "Credentials | None" = None,
    *,
    other_secrets: "Iterable[str]" = (),
    other_uris: "Iterable[str]" = ()
) -> "list[Finding]":
    """Return what the signer did wrong."""
    raise NotImplementedError


def compare_base_strings(ours: str, theirs: str) -> "list[Difference]":
    """Return the differences."""
    raise NotImplementedError
