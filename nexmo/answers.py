"""The replies of Nexmo's API, and how they are read. Amounts are ``Decimal``, in euros."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from .errors import NexmoError

__all__ = ["Balance", "Sms", "SmsMessage", "balance_of", "sms_of"]


@dataclass(frozen=True)
class SmsMessage:
    """One of the messages into which a text was split."""

    to: str
    message_id: str
    remaining_balance: Decimal
    message_price: Decimal
    network: str


@dataclass(frozen=True)
class Sms:
    messages: tuple[SmsMessage, ...]


@dataclass(frozen=True)
class Balance:
    value: Decimal
    auto_reload: bool


def sms_of(response: httpx.Response) -> Sms:
    with understood(response) as reply:
        for message in reply["messages"]:
            if message["status"] != "0":
                raise NexmoError("not sent: {}".format(message.get("error-text")), status=int(message["status"]))
        return Sms(
            tuple(
                SmsMessage(
                    to=message["to"],
                    message_id=message["message-id"],
                    remaining_balance=Decimal(message["remaining-balance"]),
                    message_price=Decimal(message["message-price"]),
                    network=message["network"],
                )
                for message in reply["messages"]
            )
        )


def balance_of(response: httpx.Response) -> Balance:
    with understood(response) as reply:
        return Balance(Decimal(reply["value"]), reply["autoReload"])


@contextmanager
def understood(response: httpx.Response) -> Iterator[Any]:
    """Yield the JSON of a reply; raise NexmoError if a member is missing or has a wrong type."""
    try:
        yield response.json(parse_float=Decimal)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise NexmoError(
            f"the reply of {response.request.url.path} does not have the expected format", status=response.status_code
        ) from error
