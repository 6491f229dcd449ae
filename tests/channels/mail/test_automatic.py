import pytest

from clientloop.channels.mail.automatic import Sign, judge
from clientloop.channels.mail.reading import read_mail
from tests.channels.mail.letters import letter

MACHINES = [
    ({"Auto-Submitted": "auto-replied"}, Sign.AUTO_SUBMITTED),
    ({"Auto-Submitted": "auto-generated (by cron); owner=x"}, Sign.AUTO_SUBMITTED),
    ({"Return-Path": "<>"}, Sign.NULL_PATH),
    ({"Return-Path": "< >"}, Sign.NULL_PATH),
    ({"Content-Type": "multipart/report; report-type=delivery-status; boundary=x"}, Sign.REPORT),
    ({"From": "MAILER-DAEMON (Mail Delivery System)"}, Sign.SERVER),
    ({"From": "Postmaster <postmaster@mx.example>"}, Sign.SERVER),
    ({"From": "Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@firm.example>"}, Sign.SERVER),
    ({"From": "Mail Delivery Subsystem <noreply@mx.example>"}, Sign.SERVER),
    ({"X-Autoreply": "yes"}, Sign.ANSWERING),
    ({"X-Autorespond": "Out"}, Sign.ANSWERING),
    ({"Precedence": "bulk"}, Sign.PRECEDENCE),
    ({"Precedence": "auto_reply"}, Sign.PRECEDENCE),
    ({"Precedence": "Junk"}, Sign.PRECEDENCE),
    ({"List-Id": "News <news.example.com>"}, Sign.LIST),
    ({"List-Unsubscribe": "<https://example.com/u>"}, Sign.LIST),
]


@pytest.mark.parametrize(("headers", "sign"), MACHINES)
def test_a_machine_is_known_by_one_sign(headers: dict[str, str], sign: Sign) -> None:
    """What only machines write is enough, and the judgement names it."""
    judgement = judge(read_mail(letter("I am away.", headers)))
    assert sign in judgement.signs
    assert judgement.automatic


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Auto-Submitted": "no"},
        {"Auto-Submitted": "No (a person)"},
        {"X-Auto-Response-Suppress": "All"},
        {"X-Auto-Response-Suppress": "DR, OOF, AutoReply"},
        {"Precedence": "first-class"},
        {"Precedence": "special-delivery"},
        {"Return-Path": "<ana@example.com>"},
        {"X-Autoreply": "no"},
        {"Subject": "Out of office since your update: nothing works"},
        {"Subject": "Re: Automatic reply: your order"},
        {"Subject": "Odsoten sem bil, zdaj pišem"},
        {"From": "Shop <no-reply@example.com>"},
        {"From": "Postmaster Pat <pat@example.com>"},
    ],
)
def test_a_person_is_not_taken_for_a_machine(headers: dict[str, str]) -> None:
    """What people's mails have too proves nothing."""
    assert not judge(read_mail(letter("It broke.", headers))).automatic


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Order",
        "Re: Out of Office: Order",
        "Автоответ: Заказ",
        "Resposta automática: x",
        "Răspuns automat: x",
        "Samodejni odgovor: x",
    ],
)
def test_two_weak_signs_prove_together_what_none_does_alone(subject: str) -> None:
    """The subject of an absence notice from an address that wants no answers is a machine's."""
    encoded = f"=?utf-8?Q?{''.join(f'={byte:02X}' for byte in subject.encode())}?="
    alone = judge(read_mail(letter("x", {"Subject": encoded})))
    both = judge(read_mail(letter("x", {"Subject": encoded, "From": "no-reply@example.com"})))
    assert (alone.signs, alone.automatic) == ((Sign.SUBJECT,), False)
    assert (both.signs, both.automatic) == ((Sign.SUBJECT, Sign.NO_REPLY), True)


def test_what_comes_by_the_firms_own_list_is_from_people() -> None:
    """A group that feeds the firm's mailbox adds list fields to everybody's mail."""
    mail = read_mail(letter("It broke.", {"List-Id": "Support <support.firm.example>", "Precedence": "list"}))
    assert judge(mail).automatic
    assert not judge(mail, frozenset({"Support.firm.example"})).automatic
    assert judge(mail, frozenset({"firm.example"})).automatic
