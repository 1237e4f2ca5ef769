"""The requests, each different from all others, and their credentials.

A contender gets a request as one line: method, URI, form and, for a request to verify, the Authorization header,
separated by tabs. Query and form are percent-encoded as RFC 5849 section 3.6 requires, and every contender reads them
in the same way. Only the last two forms are encoded as browsers do, and in another legal way.
"""

import itertools
from collections import namedtuple
from urllib.parse import parse_qsl, quote, quote_plus

CREDENTIALS = ("client0123456789abcdef", "client-secret-abcdef", "token0123456789abcdef0", "token-secret-abcdef")
FORM = "application/x-www-form-urlencoded"
Request = namedtuple("Request", ["method", "uri", "form", "header"], defaults=["", ""])


def pairs(text):
    return parse_qsl(text, keep_blank_values=True)


def a(n):
    return "GET", f"https://rest.nexmo.com/sms/{n}/json?from=NexmoOauth&text=hello%20from%20Nexmo&to={15550000000 + n}"


def b(n):
    return "POST", f"https://rest.nexmo.com/sms/{n}/json", f"text=hello%20from%20Nexmo&to={15550000000 + n}"


def c(n):
    names = [quote(f"clé{index:02}") for index in range(100)]
    value = quote("été 日")
    return "POST", f"https://rest.nexmo.com/sms/{n}/json", "&".join([f"{name}={value}{n}" for name in names])


def a_hosts(n):
    """A, with a new host in each request."""
    method, uri = a(n)
    return method, uri.replace("//rest.", f"//rest{n}.")


MARKS = "it's (all) fine!*/~ é"
SPELLED = quote(MARKS, safe="")
# The URL Standard, section 5.2: all but letters, digits and "*-._" are escaped.
SPELLED_BY_BROWSER = quote_plus(MARKS, safe="*").replace("~", "%7E")
# What RFC 3986 section 3.4 allows, and escapes in lower case.
SPELLED_FREELY = "it's%20(all)%20fine!*/%7e%20%c3%a9"


def marks(n, value=SPELLED):
    return "POST", f"https://rest.nexmo.com/sms/{n}/json", "&".join([f"n{i}={value}{n}" for i in range(100)])


def marks_of_browser(n):
    return marks(n, SPELLED_BY_BROWSER)


def marks_of_any(n):
    method, uri, form = marks(n, SPELLED_FREELY)
    return method, uri, form + "&name-without-value"


def x(n):
    status = quote(f"Hello Ladies + Gentlemen, a signed OAuth request! {n}", safe="")
    return "POST", "https://api.twitter.com/1.1/statuses/update.json?include_entities=true", f"status={status}"


def netsuite(n):
    uri = "https://123456-sb1.restlets.api.netsuite.com/app/site/hosting/restlet.nl"
    return "GET", f"{uri}?script=57&deploy=1&recordtype=customer&id={n}"


def magento(n):
    filters = [
        ("[filter_groups][0][filters][0][field]", "updated_at"),
        ("[filter_groups][0][filters][0][value]", f"2024-05-01 10:00:{n}"),
        ("[filter_groups][0][filters][0][condition_type]", "gt"),
        ("[pageSize]", "50"),
        ("[currentPage]", str(n)),
    ]
    query = "&".join([quote("searchCriteria" + name, safe="") + "=" + quote(value, safe="") for name, value in filters])
    return "GET", f"https://shop.example.com/rest/V1/products?{query}"


def woocommerce(n):
    query = f"after=2024-05-01T00%3A00%3A00&page={n}&per_page=100&status=processing%2Con-hold&orderby=date&order=asc"
    return "GET", f"https://shop.example.com/wp-json/wc/v3/orders?{query}"


def long_query(n):
    return "GET", f"https://api.example.com/v1/{n}?" + "&".join([f"field{i:02}=value%20{n}-{i}" for i in range(40)])


MAIN = {
    "A new hosts": a_hosts,
    "A": a,
    "B": b,
    "C": c,
    "marks": marks,
    "marks, browser": marks_of_browser,
    "marks, any": marks_of_any,
}
ALTERNATE = {"X": x, "NetSuite": netsuite, "Magento": magento, "WooCommerce": woocommerce, "long query": long_query}
WORKLOADS = {**MAIN, **ALTERNATE}
NUMBERS = itertools.count(1000)


def cold(name, count):
    """Return requests that no contender has seen."""
    return [Request(*WORKLOADS[name](next(NUMBERS))) for _ in range(count)]


def warm(name, count):
    """Return one request many times."""
    return cold(name, 1) * count
