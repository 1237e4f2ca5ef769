"""Known providers, as data (RFC 5849 section 2).

    provider      source                                                       looked up
    X             docs.x.com, "OAuth 1.0a", 3-legged flow                      2026-11
    DISCOGS       discogs.com/developers, "Authentication"                     2026-11
    FLICKR        flickr.com/services/api/auth.oauth.html                      2026-11
    TUMBLR        tumblr.com/docs/en/api/v2, "Authentication"                  2026-11
    TRELLO        developer.atlassian.com, Trello, "Authorization"             2026-11
    MEDIAWIKI     mediawiki.org/wiki/OAuth/For_Developers; mwoauth             2026-11
    ETRADE        apisb.etrade.com/docs, "Authorization"; pyetrade             2026-11
    ZOTERO        zotero.org/support/dev/web_api/v3/oauth                      2026-11
    LAUNCHPAD     launchpadlib 2.3; help.launchpad.net/API/SigningRequests     2026-11
    magento       magento/magento2 14152 and 19159, reports                    2026-11
    jira          Atlassian's OAuth guide for Data Center; passport-oauth1 6   2026-11
    wordpress     WP-API's OAuth1 plugin, docs/basics/Auth-Flow                2026-11

No entry was tried with the provider itself: it follows its source, and a test logs in to a server that behaves as the
source says. ``allow`` of an entry names what the provider leaves out: see :class:`Provider` for the risk of each word.
MAAS issues keys without an authorization flow: docs/providers.md shows how to sign with them, and what other providers
need after the login. Zotero and Trello do not name the HTTP method of token requests; clients that work send POST.
"""

from .authorization import Provider
from .errors import SigningError
from .uris import origin_of

__all__ = [
    "BASED",
    "DISCOGS",
    "ETRADE",
    "FLICKR",
    "KNOWN",
    "LAUNCHPAD",
    "MEDIAWIKI",
    "TRELLO",
    "TUMBLR",
    "ZOTERO",
    "X",
    "jira",
    "magento",
    "wordpress",
]

# After a denial the callback has denied=TOKEN. The token reply has user_id and screen_name.
X = Provider(
    "https://api.x.com/oauth/request_token",
    "https://api.x.com/oauth/authorize",
    "https://api.x.com/oauth/access_token",
)
# Requests need a User-Agent, which every HTTP client sends.
DISCOGS = Provider(
    "https://api.discogs.com/oauth/request_token",
    "https://www.discogs.com/oauth/authorize",
    "https://api.discogs.com/oauth/access_token",
    signature_method="PLAINTEXT",
    method=("GET", "POST"),
)
# The authorization URI takes perms: read, write or delete. The token reply has fullname, user_nsid and username.
FLICKR = Provider(
    "https://www.flickr.com/services/oauth/request_token",
    "https://www.flickr.com/services/oauth/authorize",
    "https://www.flickr.com/services/oauth/access_token",
    method="GET",
    placement="query",
)
# After a denial the callback has no parameter.
TUMBLR = Provider(
    "https://www.tumblr.com/oauth/request_token",
    "https://www.tumblr.com/oauth/authorize",
    "https://www.tumblr.com/oauth/access_token",
)
# The authorization URI takes name, scope and expiration.
TRELLO = Provider(
    "https://trello.com/1/OAuthGetRequestToken",
    "https://trello.com/1/OAuthAuthorizeToken",
    "https://trello.com/1/OAuthGetAccessToken",
)


def mediawiki(index: str) -> Provider:
    """Return the provider for the wiki whose ``index.php`` is at ``index``, with the extension OAuth.

    The query of the endpoints is signed. After a denial the wiki shows a page and sends no callback.
    """
    return Provider(
        below(index, "?title=Special:OAuth/initiate"),
        below(index, "?title=Special:OAuth/authorize"),
        below(index, "?title=Special:OAuth/token"),
        client_parameter="oauth_consumer_key",
    )


def below(base: str, path: str) -> str:
    origin_of(base)
    if "?" in base or "#" in base:
        raise SigningError("the base URI of a provider must not have a query or fragment", parameter="base")
    return base.rstrip("/") + path


# Wikimedia's central wiki, where applications for all its wikis are registered.
MEDIAWIKI = mediawiki("https://meta.wikimedia.org/w/index.php")
# The callback must be "oob".
ETRADE = Provider(
    "https://api.etrade.com/oauth/request_token",
    "https://us.etrade.com/e/t/etws/authorize",
    "https://api.etrade.com/oauth/access_token",
    realm="",
    method="GET",
    token_parameter="token",
    client_parameter="key",
)
# The token reply has userID and username; the secret is the key of the API.
ZOTERO = Provider(
    "https://www.zotero.org/oauth/request",
    "https://www.zotero.org/oauth/authorize",
    "https://www.zotero.org/oauth/access",
)
# The client has no secret, and the callback is None: repeat the token request until the resource owner has approved.
LAUNCHPAD = Provider(
    "https://launchpad.net/+request-token",
    "https://launchpad.net/+authorize-token",
    "https://launchpad.net/+access-token",
    signature_method="PLAINTEXT",
    allow=("no-callback", "no-verifier", "unconfirmed-callback"),
)
# The providers that "oauth1 login" knows by name.
KNOWN = {
    "x": X,
    "discogs": DISCOGS,
    "flickr": FLICKR,
    "tumblr": TUMBLR,
    "trello": TRELLO,
    "mediawiki": MEDIAWIKI,
    "etrade": ETRADE,
    "zotero": ZOTERO,
    "launchpad": LAUNCHPAD,
}


def magento(base: str) -> Provider:
    """Return the provider for Magento 2 or Adobe Commerce at ``base``.

    Magento sends the client credentials and the verification code to the application in a POST request.
    """
    return Provider(
        below(base, "/oauth/token/request"),
        below(base, "/oauth/authorize"),
        below(base, "/oauth/token/access"),
        signature_method="HMAC-SHA256",
        allow=("unconfirmed-callback",),
    )


def jira(base: str) -> Provider:
    """Return the provider for Jira or Confluence Data Center at ``base``.

    The flow needs ``signature_method=RsaSha1(...)``.
    """
    return Provider(
        below(base, "/plugins/servlet/oauth/request-token"),
        below(base, "/plugins/servlet/oauth/authorize"),
        below(base, "/plugins/servlet/oauth/access-token"),
        signature_method="RSA-SHA1",
    )


def wordpress(base: str) -> Provider:
    """Return the provider for WordPress at ``base``, with the OAuth1 plugin of WP-API."""
    return Provider(below(base, "/oauth1/request"), below(base, "/oauth1/authorize"), below(base, "/oauth1/access"))


# Software that runs at many addresses: functions that take the base URI and return the provider.
BASED = {"magento": magento, "jira": jira, "wordpress": wordpress}
