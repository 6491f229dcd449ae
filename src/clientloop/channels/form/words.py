"""The words around the fields of a form, in the languages that clientloop speaks; a firm may replace each."""

from collections.abc import Mapping
from enum import StrEnum


class Word(StrEnum):
    """What is said around the fields; names in braces are filled in."""

    # Labels, by what a field asks for.
    TEXT = "text"
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    RATING = "rating"
    PRODUCT = "product"
    CATEGORY = "category"
    KIND = "kind"
    FILES = "files"
    # Around them.
    OPTIONAL = "optional"
    NO_ANSWER = "no_answer"
    SEND = "send"
    CONTACTS = "contacts"
    TRAP = "trap"
    # After a good post.
    THANKS = "thanks"
    RECEIVED = "received"
    NUMBER = "number"
    # Errors.
    PROBLEM = "problem"
    ERROR = "error"
    AGAIN = "again"
    MISSING = "missing"
    TOO_LONG = "too_long"
    BAD_EMAIL = "bad_email"
    BAD_PHONE = "bad_phone"
    BAD_CHOICE = "bad_choice"
    TOO_MANY_FILES = "too_many_files"
    FILES_AGAIN = "files_again"
    FILE_TOO_LARGE = "file_too_large"
    BAD_MEDIA_TYPE = "bad_media_type"


#: The ready words by the language's primary subtag.
WORDS: Mapping[str, Mapping[Word, str]] = {
    "en": {
        Word.TEXT: "Your message",
        Word.NAME: "Your name",
        Word.EMAIL: "E-mail address",
        Word.PHONE: "Phone number",
        Word.RATING: "Your rating",
        Word.PRODUCT: "Product",
        Word.CATEGORY: "What it is about",
        Word.KIND: "What is it?",
        Word.FILES: "Files",
        Word.OPTIONAL: "{label} (optional)",
        Word.NO_ANSWER: "No answer",
        Word.SEND: "Send",
        Word.CONTACTS: "Other ways to reach us",
        Word.TRAP: "Leave this field empty",
        Word.THANKS: "Thank you",
        Word.RECEIVED: "We have your message.",
        Word.NUMBER: "Its number is {number}. Please give it whenever you write or call about this matter.",
        Word.PROBLEM: "There is a problem",
        Word.ERROR: "Error",
        Word.AGAIN: "Your message has not been sent yet. Please send it again",
        Word.MISSING: "Write your message",
        Word.TOO_LONG: "Write at most {most} characters",
        Word.BAD_EMAIL: "Write an e-mail address like name@example.com, or none",
        Word.BAD_PHONE: "Write a phone number like +386 40 123 456, or none",
        Word.BAD_CHOICE: "Choose one of the answers",
        Word.TOO_MANY_FILES: "Choose at most {most} files",
        Word.FILES_AGAIN: "Choose your files again: browsers do not keep them",
        Word.FILE_TOO_LARGE: "Choose files of at most {most} kilobytes",
        Word.BAD_MEDIA_TYPE: "Choose other files: only {types} can be sent",
    },
    "sl": {
        Word.TEXT: "Vaše sporočilo",
        Word.NAME: "Vaše ime",
        Word.EMAIL: "E-poštni naslov",
        Word.PHONE: "Telefonska številka",
        Word.RATING: "Vaša ocena",
        Word.PRODUCT: "Izdelek",
        Word.CATEGORY: "Za kaj gre",
        Word.KIND: "Kaj nam sporočate?",
        Word.FILES: "Datoteke",
        Word.OPTIONAL: "{label} (ni obvezno)",
        Word.NO_ANSWER: "Brez odgovora",
        Word.SEND: "Pošlji",
        Word.CONTACTS: "Drugi načini, kako nas dosežete",
        Word.TRAP: "To polje pustite prazno",
        Word.THANKS: "Hvala",
        Word.RECEIVED: "Vaše sporočilo smo prejeli.",
        Word.NUMBER: "Njegova številka je {number}. Navedite jo, kadar nam o tej zadevi pišete ali nas pokličete.",
        Word.PROBLEM: "Nekaj je narobe",
        Word.ERROR: "Napaka",
        Word.AGAIN: "Vaše sporočilo še ni poslano. Prosimo, pošljite ga še enkrat",
        Word.MISSING: "Napišite sporočilo",
        Word.TOO_LONG: "Napišite največ toliko znakov: {most}",
        Word.BAD_EMAIL: "Napišite e-poštni naslov, na primer ime@example.com, ali pa nobenega",
        Word.BAD_PHONE: "Napišite telefonsko številko, na primer +386 40 123 456, ali pa nobene",
        Word.BAD_CHOICE: "Izberite enega od odgovorov",
        Word.TOO_MANY_FILES: "Izberite največ toliko datotek: {most}",
        Word.FILES_AGAIN: "Datoteke izberite še enkrat: brskalniki jih ne obdržijo",
        Word.FILE_TOO_LARGE: "Izberite datoteke, velike največ toliko kilobajtov: {most}",
        Word.BAD_MEDIA_TYPE: "Izberite druge datoteke: poslati je mogoče samo {types}",
    },
}

#: Primary subtags of languages that are written from right to left.
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})


def direction(language: str) -> str:
    """How a language is written, as the attribute `dir` says it.

    >>> direction("sl"), direction("he-IL")
    ('ltr', 'rtl')
    """
    return "rtl" if language.partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"
