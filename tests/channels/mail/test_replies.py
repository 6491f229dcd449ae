"""Answers as programs and people write them; the sentences are ours."""
# ruff: noqa: RUF001  # Cyrillic letters look like Latin ones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.mail.quoting import attribution, footer, forward, label, original
from clientloop.channels.mail.replies import Style, new_words

BO = "Bo Kos <bo@firm.example>"
QUOTE = "> Is it fixed?\n>\n> Bo\n"

#: Lines that say who wrote what is quoted below them; "|" is where a program breaks the line.
ATTRIBUTIONS = [
    f"On Mon, Mar 3, 2014 at 12:00 PM, {BO} wrote:",
    f"On Mon, Mar 3, 2014 at 12:00 PM, {BO}|wrote:",
    "On Mon, Mar 3, 2014 at 12:00 PM, Bo Kos, who writes for the firm|<bo@firm.example>|wrote:",
    "On 03/03/14 12:00, Bo Kos wrote:",
    "Bo Kos wrote on 03.03.2014 12:00:",
    "At 12:00 PM 3/3/2014, Bo wrote:",
    f"{BO} writes:",
    f"2014-03-03 12:00 GMT+01:00 {BO}:",
    f"3 марта 2014 г., 12:00 пользователь {BO}|написал:",
    f"пн, 3 мар. 2014 г. в 12:00, {BO}:",
    "пн, 3 мар. 2014 г. в 12:00, Бо Кос <|bo@firm.example>:",
    f"Понедельник, 3 марта 2014, 12:00 +04:00 от {BO}:",
    '03.03.2014, 12:00, "Бо Кос" <bo@firm.example>:',
    "03.03.2014 12:00, Бо Кос пишет:",
    "Бо Кос писал(а) 03.03.2014 12:00:",
    "Вы писали 3 марта 2014 г., 12:00:",
    f"Em seg., 3 de mar. de 2014 às 12:00, {BO} escreveu:",
    f"Em segunda-feira, 3 de março de 2014 12:00:00 BRT, {BO}|escreveu:",
    "Em 03/03/2014 12:00, Bo Kos escreveu:",
    f"{BO} escreveu no dia segunda, 3/03/2014 à(s)|12:00:",
    f"No dia 3 de março de 2014 às 12:00, {BO} escreveu:",
    f"În lun., 3 mar. 2014 la 12:00, {BO} a scris:",
    f"Pe lun., 3 mar. 2014, {BO}|a scris:",
    "La 03.03.2014 12:00, Bo Kos a scris:",
    f"V V pon., 3. mar. 2014 ob 12:00 je oseba {BO}|napisala:",
    f"Dne 3. 3. 2014 ob 12:00 je {BO} napisal(a):",
    "Bo Kos je 3.3.2014 ob 12:00 napisal:",
    "Na 03.03.2014 ob 12:00 je Bo Kos zapisal:",
    f"Am 03.03.2014 um 12:00 schrieb {BO}:",
    f"Le lun. 3 mars 2014 à 12:00, {BO} a écrit :",
    f"El lun, 3 mar 2014 a las 12:00, {BO} escribió:",
    f"Il giorno lun 3 mar 2014 alle ore 12:00 {BO} ha scritto:",
    f"pon., 3 mar 2014 o 12:00 {BO} napisał(a):",
]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_what_stands_above_a_quotation_is_new(line: str, gap: str) -> None:
    """The line that says who wrote is taken off with the quotation, whatever its language and over how many lines."""
    reply = new_words("Yes.\n\nThank you.\n\n" + line.replace("|", "\n") + gap + QUOTE)
    assert (reply.text, reply.style) == ("Yes.\n\nThank you.", Style.TOP)
    assert "Is it fixed?" in reply.quoted


@pytest.mark.parametrize("line", [line for line in ATTRIBUTIONS if "@" in line])
def test_a_quotation_without_marks_is_known_by_the_line_above(line: str) -> None:
    """Web mail often quotes without ">": after a line with a date or an address, all is quoted."""
    reply = new_words("Yes.\n\n" + line.replace("|", "\n") + "\n\nIs it fixed?\nBo\n")
    assert (reply.text, reply.style) == ("Yes.", Style.TOP)


HEADERS = {
    "en": ["From: Bo Kos <bo@firm.example>", "Sent: Monday, March 3, 2014 12:00 PM", "To: Ana", "Subject: RE: Order"],
    "en bold": ["*From:* Bo Kos", "*Sent:* Monday", "*To:* Ana", "*Cc:* Co", "*Subject:* RE: Order"],
    "ru": ["От: Бо Кос", "Отправлено: 3 марта 2014 г. 12:00", "Кому: Ана", "Тема: RE: Заказ"],
    "pt": ["De: Bo Kos", "Enviada em: segunda-feira, 3 de março de 2014 12:00", "Para: Ana", "Assunto: RE: Pedido"],
    "pt-PT": ["De: Bo Kos", "Enviado: 3 de março de 2014 12:00", "Para: Ana", "Assunto: RE: Encomenda"],
    "ro": ["De la: Bo Kos", "Trimis: luni, 3 martie 2014 12:00", "Către: Ana", "Subiect: RE: Comanda"],
    "sl": ["Od: Bo Kos", "Poslano: ponedeljek, 3. marec 2014 12:00", "Za: Ana", "Zadeva: RE: Naročilo"],
    "de": ["Von: Bo Kos", "Gesendet: Montag, 3. März 2014 12:00", "An: Ana", "Betreff: AW: Auftrag"],
}
RULES = [
    "",
    "________________________________\n",
    "-----Original Message-----\n",
    "-------- Исходное сообщение --------\n",
    "-----Mensagem original-----\n",
    "-----Mesaj original-----\n",
    "-----Izvirno sporočilo-----\n",
]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("language", HEADERS)
def test_a_quotation_below_the_fields_of_its_header_is_taken_off(language: str, rule: str) -> None:
    """Outlook writes the header out and quotes without marks; the line across is not the writer's."""
    reply = new_words(f"Yes.\n\n{rule}" + "\n".join(HEADERS[language]) + "\n\nIs it fixed?\n\nBo\n")
    assert (reply.text, reply.style) == ("Yes.", Style.TOP)


@pytest.mark.parametrize("language", HEADERS)
def test_the_same_fields_below_a_subject_that_says_so_are_passed_on(language: str) -> None:
    """A mail that is passed on looks like an answer but for its subject, and stays whole."""
    text = "See below.\n\n" + "\n".join(HEADERS[language]) + "\n\nIs it fixed?"
    reply = new_words(text, subject="FW: Order")
    assert (reply.text, reply.style) == (text, Style.FORWARD)


@pytest.mark.parametrize(
    "line",
    [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Пересылаемое сообщение --------",
        "Начало переадресованного сообщения:",
        "---------- Mensagem encaminhada ---------",
        "Início da mensagem reencaminhada:",
        "---------- Mesaj redirecționat ---------",
        "---------- Posredovano sporočilo ---------",
    ],
)
def test_what_is_passed_on_stays_whole(line: str) -> None:
    """The words of somebody else are what the mail is about."""
    text = f"See below.\n\n{line}\nFrom: {BO}\nDate: Monday\nSubject: Order\nTo: Ana\n\n> Is it fixed?\n\nOn it,\nBo"
    assert (new_words(text).text, new_words(text).style) == (text, Style.FORWARD)


TOP = f"On 3 Mar 2014 at 12:00, {BO} wrote:\n"


@pytest.mark.parametrize(
    ("text", "words", "style"),
    [
        ("Yes.\n\nThank you.\n", "Yes.\n\nThank you.", Style.PLAIN),
        (f"{TOP}{QUOTE}\nNo.\n", "No.", Style.BOTTOM),
        (f"{QUOTE}\nNo.\n", "No.", Style.BOTTOM),
        (f"No.\n{QUOTE}", "No.", Style.TOP),
        (f"{TOP}> Is it fixed?\nYes.\n> All of it?\nNo.\n", None, Style.INLINE),
        (f"Hello,\n\n{TOP}> Is it fixed?\n\nYes.\n", None, Style.INLINE),
        ("> Is it fixed?\nYes.\n> Bo\n", None, Style.INLINE),
        (f"{TOP}{QUOTE}", None, Style.UNCLEAR),
        (f"{TOP}\nIs it fixed?\n", None, Style.UNCLEAR),
        ("", "", Style.UNCLEAR),
        ("\n\n", "", Style.UNCLEAR),
        ("It is\n> 3 cm long\nand that is too long.", None, Style.INLINE),
        ("You wrote:\nthat it is fixed. It is not.", None, Style.PLAIN),
        ("From: my point of view\nit is bad.", None, Style.PLAIN),
        ("On Monday I wrote:\n\nwhere is it?", None, Style.PLAIN),
        ("Original message\nlost", None, Style.PLAIN),
        ("From: me\nIt broke.\n\nFrom: Bo\nSent: Monday\nTo: Ana\n\nFixed?", "From: me\nIt broke.", Style.TOP),
        ("Yes.\n\nFrom: Bo\nReply-To: Co\nSent: Monday\nTo: Ana,\n Di\nSubject: x\n\nFixed?", "Yes.", Style.TOP),
        ("Yes.\n\nFrom: Bo\n\nSent: Monday\n\nTo: Ana\n\nFixed?", "Yes.", Style.TOP),
        ("From: here\n\nTo: there\n\nit took long.\nSubject: to doubt.", None, Style.PLAIN),
        ("-----\nfive dashes\n-----", None, Style.PLAIN),
        ("Yes.\n\n> > > deep\n>> deeper\n>deepest", "Yes.", Style.TOP),
    ],
)
def test_new_words_are_told_from_the_rest_only_where_it_is_clear(text: str, words: str | None, style: Style) -> None:
    """Answers above and below are taken out; in between and in doubt, everything stays."""
    reply = new_words(text)
    assert (reply.text, reply.style) == (text.strip() if words is None else words, style)


@pytest.mark.parametrize(
    ("text", "words", "signature"),
    [
        ("Yes.\n\n-- \nAna\nExample Ltd\n", "Yes.", "-- \nAna\nExample Ltd"),
        ("Yes.\n--\nAna", "Yes.", "--\nAna"),
        (f"Yes.\n-- \nAna\n\n{TOP}{QUOTE}", "Yes.", "-- \nAna"),
        (f"{TOP}{QUOTE}\nNo.\n-- \nAna", "No.", "-- \nAna"),
        ("Yes.\n\nSent from my iPhone\n", "Yes.", "Sent from my iPhone"),
        ("Yes.\n\nGet Outlook for Android\n", "Yes.", "Get Outlook for Android"),
        ("Да.\n\nОтправлено с iPhone\n", "Да.", "Отправлено с iPhone"),
        ("Да.\n\nОтправлено из мобильной Почты Mail\n", "Да.", "Отправлено из мобильной Почты Mail"),
        ("Sim.\n\nEnviado do meu iPhone\n", "Sim.", "Enviado do meu iPhone"),
        ("Da.\n\nTrimis de pe telefonul meu\n", "Da.", "Trimis de pe telefonul meu"),
        ("Da.\n\nPoslano z mojega iPhona\n", "Da.", "Poslano z mojega iPhona"),
        ("Da.\n\nPoslano z mojega telefona\n", "Da.", "Poslano z mojega telefona"),
        (f"Yes.\n\n{TOP}{QUOTE}\nSent from my phone\n", "Yes.", "Sent from my phone"),
        ("It was sent from my iPhone\n", "It was sent from my iPhone", ""),
        ("Sent from my iPhone it fails.\nWhy?", "Sent from my iPhone it fails.\nWhy?", ""),
        ("Best regards,\nAna", "Best regards,\nAna", ""),
        ("One\n--\n" + "line\n" * 30, "One\n--\n" + ("line\n" * 30).strip(), ""),
    ],
)
def test_signatures_are_taken_off(text: str, words: str, signature: str) -> None:
    """What stands below two dashes, and what telephones add, is kept beside the words."""
    reply = new_words(text)
    assert (reply.text, reply.signature) == (words, signature)


SENT = "Dear Ana,\n\nyour order 42 has been sent to you by post on Monday.\nWe hope that it comes in one piece.\n\nBo"


def test_lines_of_our_own_mail_are_quoted_without_any_mark() -> None:
    """A program that quotes below with no mark is seen through, however it broke our lines."""
    copied = "Dear Ana, your order 42 has been sent\nto you by post on Monday. We hope that it comes in one piece.\nBo"
    text = f"{TOP}\n{copied}\n\nIt did not."
    assert new_words(text).style is Style.UNCLEAR
    reply = new_words(text, sent=SENT)
    assert (reply.text, reply.style) == ("It did not.", Style.BOTTOM)


def test_our_own_words_below_the_answer_are_taken_off() -> None:
    """Without a line that says who wrote, two lines of ours are enough."""
    text = "It did not.\n\nyour order 42 has been sent to you by post on Monday.\nWe hope that it comes in one piece.\n"
    assert new_words(text).text == text.strip()
    assert new_words(text, sent=SENT).text == "It did not."


def test_a_few_words_that_we_used_too_stay() -> None:
    """One short line that stands in our mail as well is the writer's own."""
    text = "Sent on Monday.\nBut which Monday?"
    assert new_words(text, sent="Sent on Monday. Regards").text == text


LINES = st.sampled_from(
    [
        "",
        "Yes.",
        "> q",
        ">> q",
        TOP.strip(),
        "-- ",
        "From: a",
        "To: b",
        "Sent: c",
        "Subject: d",
        "-----Original Message-----",
    ]
)


@given(lines=st.lists(LINES, max_size=12), sent=st.sampled_from(["", SENT]))
def test_no_line_is_lost(lines: list[str], sent: str) -> None:
    """Every line of a mail is among the new words, the quoted ones or the signature, whatever their order."""
    reply = new_words("\n".join(lines), sent=sent)
    kept = f"{reply.text}\n{reply.quoted}\n{reply.signature}".split("\n")
    assert sorted(line.strip() for line in kept if line.strip()) == sorted(
        line.strip() for line in lines if line.strip()
    )


@given(text=st.text(alphabet="On3:@ >-wrote\n", max_size=200))
def test_words_never_vanish(text: str) -> None:
    """If anything was written, there are words."""
    assert bool(new_words(text).text) == bool(text.strip())


def test_a_line_beyond_all_length_is_no_mark() -> None:
    """No table looks at a line that no program writes."""
    long = "x" * 1_000
    assert not attribution(f"On 3 Mar 2014 at 12:00 {long}@example.com wrote:")
    assert not original(f"-----Original Message-----{long}")
    assert not forward(f"---- Forwarded message {long}")
    assert not footer(f"Sent from my iPhone {long}")
    assert label(f"{long}: x") is None
