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

None of them was asked: an entry is what its source says. A test logs in to a server that behaves so.
What an entry allows is what the provider is known to leave out: see :class:`Provider` for what each word gives up.
MAAS gives its keys away whole, without a flow: docs/providers.md has how to sign with them, and what other providers
need after the login. Zotero and Trello do not say by which method; clients that work send POST.
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

# A denial comes back as denied=TOKEN. The token reply has user_id and screen_name.
X = Provider(
    "https://api.x.com/oauth/request_token",
    "https://api.x.com/oauth/authorize",
    "https://api.x.com/oauth/access_token",
)
# Requests need a User-Agent, as every HTTP client sends it.
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
# A denial comes back without any parameter.
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
    """Return the wiki whose ``index.php`` is at ``index``, with the extension OAuth.

    The query is signed. A denial is a page, and nobody comes back.
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
        raise SigningError("the base of a provider has no query and no fragment", parameter="base")
    return base.rstrip("/") + path


# The central one of Wikimedia, where its applications are registered.
MEDIAWIKI = mediawiki("https://meta.wikimedia.org/w/index.php")
# The callback is "oob".
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
# The client has no secret of its own, and the callback is None: ask until the resource owner has approved.
LAUNCHPAD = Provider(
    "https://launchpad.net/+request-token",
    "https://launchpad.net/+authorize-token",
    "https://launchpad.net/+access-token",
    signature_method="PLAINTEXT",
    allow=("no-callback", "no-verifier", "unconfirmed-callback"),
)
# What "oauth1 login" knows by name.
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
    """Return Magento 2, or Adobe Commerce, at ``base``; it posts the verification code to the application first."""
    return Provider(
        below(base, "/oauth/token/request"),
        below(base, "/oauth/authorize"),
        below(base, "/oauth/token/access"),
        signature_method="HMAC-SHA256",
        allow=("unconfirmed-callback",),
    )


def jira(base: str) -> Provider:
    """Return Jira or Confluence Data Center at ``base``; the flow needs ``signature_method=RsaSha1(...)``."""
    return Provider(
        below(base, "/plugins/servlet/oauth/request-token"),
        below(base, "/plugins/servlet/oauth/authorize"),
        below(base, "/plugins/servlet/oauth/access-token"),
        signature_method="RSA-SHA1",
    )


def wordpress(base: str) -> Provider:
    """Return WordPress with the plugin of WP-API at ``base``."""
    return Provider(below(base, "/oauth1/request"), below(base, "/oauth1/authorize"), below(base, "/oauth1/access"))


# The same for those that are at an address of one's own.
BASED = {"magento": magento, "jira": jira, "wordpress": wordpress}
