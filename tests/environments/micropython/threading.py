"""``threading`` for one thread."""


class Lock:
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return None
