"""What the flows in Python share: their arguments, the person who is asked, and the calls in the end.

Each flow, in any language, takes the three addresses of the provider, that of the API, key, secret and callback. It
prints the authorization URL, reads the verifier or the address that the person was led back to, sends an SMS where the
API is Nexmo's, and prints what it got: the status of the SMS and the balance, or the user's name.
"""

import sys
from urllib.parse import parse_qs, urlsplit

*URLS, API, KEY, SECRET, CALLBACK = sys.argv[1:]
FORM = {"from": "Python", "to": "15551234567", "text": "a+b & cé 100 %"}
QUERY = {"unused": "1 + 1"}


def ask(url):
    """Send a person to ``url``, and return what that leads to."""
    print(url, flush=True)
    return input()


def verifier_in(answer):
    """For clients that leave it to their caller to read a callback."""
    query = parse_qs(urlsplit(answer).query)
    return query["oauth_verifier"][0] if "://" in answer else answer


def show(sent, balance):
    print(sent["messages"][0]["status"], balance["value"])


def call_by_requests(session):
    sent = session.post(f"{API}/sms/json", data=FORM).json()
    show(sent, session.get(f"{API}/account/get-balance", params=QUERY).json())
