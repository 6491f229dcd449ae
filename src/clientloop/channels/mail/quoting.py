"""How programs and people mark what is not new in a mail: tables of words and patterns, each for one line.

No pattern is tried on a line longer than `LONGEST`, so that every line takes about the same time, whatever is in it.
"""

import re
from collections.abc import Mapping

#: Characters of a line beyond which it is nobody's mark.
LONGEST = 400

#: What a line says, by language, that names the writer of what is quoted below it.
WROTE: Mapping[str, tuple[str, ...]] = {
    "en": ("wrote", "writes"),
    "ru": ("написал", "написала", "написал(а)", "пишет", "писал", "писала", "писал(а)", "писали"),  # noqa: RUF001 Cyrillic
    "pt": ("escreveu", "escreveram", "escreveu o seguinte"),
    "ro": ("a scris", "a scris următoarele", "scrie"),
    "sl": ("napisal", "napisala", "napisal/a", "napisal(a)", "napisal/-a", "je pisal", "je pisala", "zapisal",
           "zapisala", "piše", "pisal/a", "pisal(a)"),
    "hr": ("napisao", "napisala", "napisao/la", "napisao je", "napisala je", "je pisao"),
    "de": ("schrieb", "schrieb folgendes"),
    "fr": ("a écrit",),
    "es": ("escribió",),
    "it": ("ha scritto",),
    "pl": ("napisał", "napisała", "napisał(a)", "pisze"),
}  # fmt: skip
_WROTE = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(verb) for verbs in WROTE.values() for verb in verbs) + r")(?!\w)", re.IGNORECASE
)
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.]\d{2}(?!\d)")
_WHEN_OR_WHO = re.compile(r"\d{1,2}[:.]\d{2}|@|\d{4}")
#: A date, a name and an address alone, as some programs write above a quotation.
_BARE_ATTRIBUTION = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2} .{0,120}<[^<>\s]+@[^<>\s]+>:?")
#: How a line begins that names the writer and goes on in the next: words before a date, names of days, dates.
_BEGINNING = re.compile(
    r"(?:on|at|in a message|em|no dia|a|în|in|pe|la|v|dne|na|am|le|el|il|\w{2,12},|\d{1,4})[ .,/-]", re.IGNORECASE
)

#: What stands between dashes above the mail that is answered.
ORIGINALS = (
    "original message",
    "original appointment",
    "reply message",
    "reply",
    "исходное сообщение",
    "оригинальное сообщение",
    "первоначальное сообщение",
    "mensagem original",
    "mesaj original",
    "mesajul original",
    "mesajul inițial",
    "izvirno sporočilo",
    "prvotno sporočilo",
    "originalno sporočilo",
    "originalna poruka",
    "izvorna poruka",
    "ursprüngliche nachricht",
    "message d'origine",
    "mensaje original",
    "messaggio originale",
)
#: What stands above a mail that is passed on to others.
FORWARDS = (
    "forwarded message",
    "forwarded by",
    "begin forwarded message",
    "пересылаемое сообщение",
    "пересланное сообщение",
    "переадресованное сообщение",
    "перенаправленное сообщение",
    "начало переадресованного сообщения",
    "начало пересланного сообщения",
    "mensagem encaminhada",
    "mensagem reencaminhada",
    "início da mensagem reencaminhada",
    "início da mensagem encaminhada",
    "mesaj redirecționat",
    "mesaj redirectionat",
    "mesaj transmis",
    "mesaj înaintat",
    "începutul mesajului redirecționat",
    "posredovano sporočilo",
    "začetek posredovanega sporočila",
    "proslijeđena poruka",
    "weitergeleitete nachricht",
    "message transféré",
    "mensaje reenviado",
    "messaggio inoltrato",
)
_DASHES = r"[-_=*]{1,60}"
_ORIGINAL = re.compile(rf"{_DASHES}\s{{0,5}}(?:{'|'.join(ORIGINALS)})\s{{0,5}}:?(?:{_DASHES})?", re.IGNORECASE)
_FORWARD = re.compile(rf"(?:{_DASHES})?\s{{0,5}}(?:{'|'.join(FORWARDS)})\b.{{0,100}}", re.IGNORECASE)
#: How subjects of mails begin that are passed on.
FORWARD_SUBJECTS = ("fw:", "fwd:", "пересл:", "пер:", "enc:", "posr:", "psr:", "wg:", "tr:", "rv:", "i:")

#: The names of the fields that programs write above a mail that they quote whole.
LABELS: Mapping[str, tuple[str, ...]] = {
    "from": ("from", "от", "от кого", "de", "de la", "expeditor", "od", "von", "da", "pošiljatelj", "remetente"),
    "date": ("sent", "date", "отправлено", "дата", "enviado", "enviada", "enviada em", "data", "data e hora", "trimis",
             "trimis la", "poslano", "datum", "gesendet", "envoyé", "inviato", "fecha", "sent on"),
    "to": ("to", "кому", "para", "către", "catre", "za", "prejemnik", "komu", "an", "à", "a"),
    "subject": ("subject", "тема", "assunto", "subiect", "zadeva", "predmet", "betreff", "objet", "oggetto", "asunto"),
    "cc": ("cc", "копия", "kp", "kopija", "c/c"),
}  # fmt: skip
_LABEL_OF = {label: what for what, labels in LABELS.items() for label in labels}
_LABEL = re.compile(r"[>*\s]{0,10}([^\W\d_][\w /]{0,18}?)\s?\*{0,2}:\*{0,2}(?:\s|$)")

_DEVICES = (
    "iphon|ipad|ipod|android|samsung|galaxy|huawei|honor|xiaomi|redmi|pixel|nokia|htc|sony|xperia|blackberry|mobile"
    "|smartphone|phone|tablet|windows|mail|outlook|gmail|yahoo|proton|mobil|telefon|почт|телефон|айфон"
)
#: Lines that telephones and web mail put below a mail, up to the name of a device or program.
_FOOTER = re.compile(
    r"(?:sent (?:from|via|with|using)|get outlook for|отправлено|послано|enviad[oa] (?:d[oae]|pelo|via|a partir)"
    r"|trimis (?:de|din|cu)|poslano (?:z|s|iz|prek|sa)|von meinem|gesendet (?:von|mit)|envoyé (?:de|depuis))"
    rf"(?: [\w.-]{{1,20}}){{0,3}}? (?:\w{{0,12}}(?:{_DEVICES})|ios)[^.!?]{{0,60}}\.?",
    re.IGNORECASE,
)


def quoted(line: str) -> bool:
    """Whether a line begins with the mark of a quotation.

    >>> quoted("> It broke."), quoted("It is > 3.")
    (True, False)
    """
    return line.lstrip(" ").startswith(">")


def bare(line: str) -> str:
    """A line without marks of quotations and blanks around it.

    >>> bare(" > >> It broke. ")
    'It broke.'
    """
    return line.strip(" \t>\xa0")


def attribution(line: str, *, above_quote: bool = True) -> bool:
    """Whether a line says who wrote what is quoted below it.

    Args:
        line: The line; programs break it into several, to be joined with blanks.
        above_quote: Whether what follows is marked as quoted. If not, only a date or an address tells such a line from
            a sentence of the writer's.

    >>> attribution("On Mon, 3 Mar 2014 at 12:00, Ana <ana@example.com> wrote:"), attribution("What I wrote to you:")
    (True, False)
    >>> attribution("Ana wrote:"), attribution("Ana wrote:", above_quote=False)
    (True, False)
    """
    text = line.strip(" \t>*_\xa0")
    if not 5 <= len(text) <= LONGEST:
        return False
    if not text.endswith(":"):
        return bool(_BARE_ATTRIBUTION.fullmatch(text))
    if "@" in text and _TIME.search(text):
        return True
    verb = _WROTE.search(text)
    if verb is None:
        return False
    ends = text[verb.end() :].strip(" :") == ""
    return (above_quote and ends) or bool(_WHEN_OR_WHO.search(text))


def attribution_begins(line: str) -> bool:
    """Whether a line may be the first of several that together say who wrote what is quoted.

    >>> attribution_begins("On Mon, 3 Mar 2014 at 12:00, Ana Novak"), attribution_begins("On Monday it broke")
    (True, False)
    """
    text = line.strip(" \t>*_\xa0")
    if len(text) > LONGEST:
        return False
    return bool(_BEGINNING.match(text) and _WHEN_OR_WHO.search(text)) or ("@" in text and bool(_WROTE.search(text)))


def original(line: str) -> bool:
    """Whether a line stands above the mail that is answered.

    >>> original("-----Original Message-----"), original("--- Mensagem original ---"), original("original message")
    (True, True, False)
    """
    return len(line) <= LONGEST and bool(_ORIGINAL.fullmatch(bare(line)))


def forward(line: str) -> bool:
    """Whether a line stands above a mail that is passed on.

    >>> forward("---------- Forwarded message ---------"), forward("Begin forwarded message:")
    (True, True)
    """
    text = bare(line)
    return len(text) <= LONGEST and (text[:1] in "-_=*" or text[-1:] == ":") and bool(_FORWARD.fullmatch(text))


def rule(line: str) -> bool:
    """Whether a line is drawn across, as programs do above what they quote.

    >>> rule("________________________________"), rule("--")
    (True, False)
    """
    return len(bare(line)) >= 5 and not bare(line).strip("_-=*")


def label(line: str) -> str | None:
    """Which field of a header a line says that is written out above a quoted mail; None if none.

    >>> label("*From:* Ana Novak"), label("Кому: Ана"), label("Note: it broke")
    ('from', 'to', None)
    """
    found = _LABEL.match(line[:LONGEST])
    return _LABEL_OF.get(found[1].strip().lower()) if found else None


def footer(line: str) -> bool:
    """Whether a program put a line below the mail.

    >>> footer("Sent from my iPhone"), footer("Отправлено с iPhone"), footer("Sent from my office, it never came")
    (True, True, False)
    """  # noqa: RUF002 Cyrillic
    text = bare(line)
    return len(text) <= 120 and bool(_FOOTER.fullmatch(text))
