"""Bytes to text, by the charset that a mail claims or the one that it seems to have; no text is ever lost."""

import re
from encodings.aliases import aliases

#: What mails call charsets that Python knows by another name, or better by a larger charset that contains it.
NAMES = {
    "iso_8859_1": "cp1252",
    "latin_1": "cp1252",
    "latin1": "cp1252",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "ks_c_5601_1987": "cp949",
    "ks_c_5601": "cp949",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x_gbk": "gb18030",
    "shift_jis": "cp932",
    "x_sjis": "cp932",
    "sjis": "cp932",
    "big5": "big5hkscs",
    "iso_2022_jp": "iso2022_jp_2",
    "windows_874": "cp874",
    "x_mac_cyrillic": "mac_cyrillic",
    "x_mac_roman": "mac_roman",
    "utf8mb4": "utf_8",
    "utf_8_sig": "utf_8_sig",
    "unicode_1_1_utf_7": "utf_7",
}
#: Codecs that make bytes of bytes, some of them without bound; no mail gets at them by calling them a charset.
_NOT_TEXT = {"base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs"}
_CODECS = {
    **{codec: codec for codec in aliases.values()},
    **aliases,
    "koi8_r": "koi8_r",
    "koi8_u": "koi8_u",
    "cp874": "cp874",
    **NAMES,
}
#: Charsets in which any bytes are text, one character each; a name says nothing against bytes that read as UTF-8.
_ONE_BYTE = re.compile(r"cp125\d|cp866|cp437|cp85\d|cp874|iso8859_\d+|koi8_[rut]|mac_\w+|ascii|latin_1|tis_620")
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 40


def codec_of(charset: str) -> str | None:
    """Python's name of a charset; None if it is unknown.

    Args:
        charset: As a mail says it.

    >>> codec_of("KS_C_5601-1987"), codec_of("windows-1251"), codec_of("zlib"), codec_of("martian")
    ('cp949', 'cp1251', None, None)
    """
    name = _SEPARATORS.sub("_", charset[:_LONGEST_NAME].strip(" \t\"'").lower()).strip("_")
    codec = _CODECS.get(name) or _CODECS.get(name.removeprefix("x_"))
    return None if codec in _NOT_TEXT else codec


def to_text(data: bytes, charset: str = "") -> str:
    r"""Read bytes as text.

    The charset is believed unless the bytes speak against it. What fits no charset becomes replacement characters.

    Args:
        data: The bytes.
        charset: What the mail says they are in; empty if it does not say.

    >>> to_text("Здравствуйте".encode("koi8-r"), "KOI8-R")
    'Здравствуйте'
    >>> to_text("Žiža".encode(), "iso-8859-1"), to_text("Žiža".encode("cp1250"), "x-unknown")
    ('Žiža', 'Žiža')
    >>> to_text(b"Ana \xff", "utf-8")
    'Ana ÿ'
    """
    return clean(_decoded(data, codec_of(charset)))


def clean(text: str) -> str:
    """Text without what no database takes: NUL is dropped, half a surrogate pair becomes a replacement character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode() if not text.isascii() else text.replace("\0", "")


def _decoded(data: bytes, codec: str | None) -> str:
    if codec and not _ONE_BYTE.fullmatch(codec) and (text := _strict(data, codec)) is not None:
        return text
    if (codec is None or _ONE_BYTE.fullmatch(codec) or codec == "utf_8") and (
        text := _strict(data, "utf_8")
    ) is not None:
        return text
    if codec in (None, "ascii", "utf_8"):
        return _guessed(data)
    return _replacing(data, codec)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _replacing(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, LookupError):  # utf_16 without a whole character, and codecs of other systems
        return _guessed(data)


def _guessed(data: bytes) -> str:
    """UTF-8 with a few broken characters, or else the charset of Western Windows."""
    text = data.decode("utf_8", "replace")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return (
        text
        if text.count("\ufffd") * 2 <= foreign and text.count("\ufffd") < foreign
        else data.decode("cp1252", "replace")
    )
