"""``hmac`` as the core's client side uses it: MicroPython has none."""


def compare_digest(a, b):
    """Tell whether the two are equal; not in constant time, so good for tests only."""
    return a == b
