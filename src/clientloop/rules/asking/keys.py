"""The keys of what was asked and answered, as channels give them."""


def key_of(origin: str, question: str) -> str:
    """The key under which an answer to a question, or an invitation to it, is kept.

    A form, a message or a row of a file may answer several questions, and has one key on its channel.

    Args:
        origin: The key on the channel.
        question: Name of the question; it holds no colon.

    >>> key_of("7", "delivery")
    '7:delivery'
    """
    return f"{origin}:{question}"
