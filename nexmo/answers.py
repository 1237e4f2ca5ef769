"""What Nexmo's API answers, and how it is read; money is ``Decimal``, in euros."""

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
    """One of the messages that a text was sent as."""

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
    """Give the JSON of an accepted reply; what it lacks while it is read becomes a NexmoError."""
    try:
        yield response.json(parse_float=Decimal)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise NexmoError(
            f"the reply of {response.request.url.path} is not what the API describes", status=response.status_code
        ) from error
