"""Authlib, by its session for requests."""

from authlib.integrations.requests_client import OAuth1Session
from common import CALLBACK, KEY, SECRET, URLS, ask, call_by_requests

session = OAuth1Session(KEY, SECRET, redirect_uri=CALLBACK)
session.trust_env = False
session.fetch_request_token(URLS[0])
answer = ask(session.create_authorization_url(URLS[1]))
if CALLBACK == "oob":
    session.fetch_access_token(URLS[2], verifier=answer)
else:
    session.parse_authorization_response(answer)
    session.fetch_access_token(URLS[2])
call_by_requests(session)
