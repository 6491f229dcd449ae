"""The number of an item for people: eight characters that survive being read out over the phone."""

#: Crockford's base 32: no I, L, O or U.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def read_ref(text: str) -> str:
    """A number as a person typed it, in its stored form: capitals, without gaps, O read as 0, I and L as 1.

    >>> read_ref("k3-9o 7abl")
    'K3907AB1'
    """
    return text.upper().translate(_AS_READ)


_AS_READ = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
