"""What is said and what is asked for in the tests of search."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

#: What was said: subject and body.
SAID: tuple[tuple[str | None, str], ...] = (
    ("Order 4711", "The parcel came broken, and the 2nd one as well."),
    (None, "Žoga je počila! Vrnite mi ČIMPREJ denar."),
    ("z\u030coga", "Kolo je v redu"),
    ("Not", "working it is; refund me"),
    ("Broken", "It is not working. Refunds?"),
    (None, "ΟΔΟΣ Ночь Ångström Łódź straße great\U0001f929late 5€ 3½ 漢字"),
    (None, "e-mail: o'brien@example.com foo_bar NEAR(x,y) C++ ^a*"),
)

#: What is asked for, and which of these are found.
FOUND: list[tuple[str, set[int]]] = [
    ("parcel", {0}),
    ("PARCEL", {0}),
    ("parce", set()),
    ("parcels", set()),
    ("broken", {0, 4}),
    ("4711 parcel", {0}),
    ("parcel 4711", {0}),
    ("parcel working", set()),
    ("2nd", {0}),
    ("2", set()),
    # case and diacritics
    ("zoga", {1, 2}),
    ("ŽOGA", {1, 2}),
    ("z\u030coga", {1, 2}),
    ("pocila cimprej", {1}),
    ("οδοσ", {5}),
    ("οδος", {5}),
    ("НОЧЬ", {5}),
    ("angstrom", {5}),
    ("A\u030angstro\u0308m", {5}),
    ("łódź", {5}),
    ("łodz", {5}),
    ("lodz", set()),
    ("STRAßE", {5}),
    ("漢字", {5}),
    ("漢", set()),
    # signs separate
    ("great", {5}),
    ("late", {5}),
    ("great\U0001f929", {5}),
    ("brien o", {6}),
    ("o'brien@example.com", {6}),
    ("email", set()),
    ("foo", {6}),
    ("near(y)", {6}),
    ("c", {6}),
    ("5", {5}),
    ("3½", {5}),
    # beginnings
    ("work*", {3, 4}),
    ("refund*", {3, 4}),
    ("refund", {3}),
    ("w* ref*", {3, 4}),
    ("CIM*", {1}),
    ("漢*", {5}),
    ("2* p*", {0}),
    ("* parcel", {0}),
    ("parcel *", {0}),
    ("par*cel", set()),
    ("*arcel", set()),
    # words that follow one another, in one text
    ('"not working"', {4}),
    ('"Not-Working"', {4}),
    ('"working not"', set()),
    ('"work* it"', set()),
    ('"je pocila" denar', {1}),
    ('"broken"', {0, 4}),
    ('parcel "broken', {0}),
    ('"" parcel', {0}),
    ('"parcel" "came"', {0}),
    ('"parcel"came"', {0}),
]

#: What other languages of questions would take for more than words.
NO_SYNTAX = [
    "broken OR parcel",
    "broken AND",
    "NOT broken",
    "NEAR(broken parcel, 2)",
    "broken NEAR/1 it",
    "subject:broken",
    "subject : broken",
    "{subject body} : broken",
    "- broken",
    "^broken",
    "+broken",
    "broken & (",
    "broken <-> not",
    "broken:*",
    "bro%",
    "bro_en",
    "broken\\",
    "broken'",
    "broken'' --",
    'broken"',
    '"broken" "',
    '"broken" + "not"',
    "broken\0",
    "\ud800broken",
    "broken;",
    "rank:broken",
]

#: What holds no word.
NO_WORDS = ["", " \t\n", "*", '"', '""', '"*"', "* *", "!?", "\U0001f929", "\0", "\ud800", "_", "'", "()"]

#: Few words, so that texts meet questions; some differ in what does not count.
WORDS = ["žoga", "Zoga", "z\u030coga", "zog", "not", "NOT", "work", "working", "5", "漢", "ж", "\U0001f929"]
SIGNS = [" ", " ", " ", ", ", "-", "\n", "'", "*", '"', "_", "\U0001f929"]


def sayings(most: int) -> SearchStrategy[str]:
    """Words and signs, at most so many of them."""
    return st.lists(st.sampled_from(WORDS) | st.sampled_from(SIGNS), max_size=most).map("".join)
