"""Addresses of stores, as they may be shown: with whatever may be a password left out."""

import re

#: A password: between the user and the last @, as it may hold any character, or as an option.
_PASSWORD = re.compile(r"(?<=://)(?P<user>[^:/]*):.*@|(?<=password=)[^&]*", re.IGNORECASE | re.DOTALL)


def without_password(url: str) -> str:
    """The address of a store as it may be shown and kept.

    Where it is in doubt what belongs to a password, more is left out.

    Args:
        url: The address.

    >>> without_password("postgresql://shop:se#cr?t/@db.example/shop?sslpassword=other&sslmode=require")
    'postgresql://shop@db.example/shop?sslpassword=***&sslmode=require'
    >>> without_password("sqlite:///shop.db")
    'sqlite:///shop.db'
    """
    return _PASSWORD.sub(lambda found: "***" if found["user"] is None else f"{found['user']}@", url)
