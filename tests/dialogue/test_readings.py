"""How sure a reading is: what is done, what is asked, and what is left alone."""

from __future__ import annotations

import unicodedata
from itertools import product
from string import ascii_uppercase

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from service.dialogue.answers import bare_answer
from service.dialogue.intents import KNOWN_INTENTS, NEVER_GUESSED
from service.dialogue.keywords import Between, Guess, Keywords, Match, Reading
from service.dialogue.spelling import spelling
from service.dialogue.wordlist import Care
from service.text.short import in_full
from service.text.telex import without_telex
from tests.dialogue.test_words import distance
from tests.dialogue.wordlists import ALIASES, TOPICS, WORDS, words_of

KEYWORDS = Keywords(WORDS)
TOPICS_FOUND = Keywords(TOPICS)
ANYTHING = st.text(max_size=80) | st.text(
    st.sampled_from("aươđệĐ giupxoatcd019?.,\u0301\u0323\u200b\u200d👍🏽🇻🇳０កI\ud800\x00\n"),
    max_size=80,
)
ALONE = [
    (meaning, alias) for meaning, alias in ALIASES if alias not in words_of(meaning, Care.SURE)
]
ARGUMENTS = {
    "number": "1234",
    "code": "4711",
    "phone": "0900000031",
    "choice": "2",
    "hours": "6-20",
    "none": "",
    "text": "",
}
HARMFUL = [pair for pair in ALIASES if pair[0] in NEVER_GUESSED]


def intents(reading: Reading) -> set[str]:
    match reading:
        case None:
            return set()
        case Between(intents=both):
            return set(both)
        case Match(intent=intent) | Guess(intent=intent):
            return {intent}


@pytest.mark.parametrize(("intent", "alias"), ALIASES)
def test_a_word_with_its_argument_is_certain(intent: str, alias: str) -> None:
    argument = ARGUMENTS[WORDS[intent].get("argument", "none")]
    if alias in WORDS["cancel"]["also"]:
        argument = ""
    for form in ("{} {}", "{}: {}", "soan {} {}", "Soạn: {}. {}"):
        written = form.format(alias, argument)
        assert KEYWORDS.understand(written) == Match(intent, argument), written


@pytest.mark.parametrize(("intent", "alias"), [a for a in ALIASES if a[1] != "DK"])
def test_politeness_changes_nothing(intent: str, alias: str) -> None:
    argument = ARGUMENTS[WORDS[intent].get("argument", "none")]
    if alias in WORDS["cancel"]["also"]:
        argument = ""
    for written in (f"{alias} {argument} nhé", f"{alias} {argument} ạ, cảm ơn"):
        reading = KEYWORDS.understand(written)
        assert isinstance(reading, Match), written
        assert reading.intent == intent, written


@pytest.mark.parametrize(("intent", "alias"), ALONE)
def test_a_word_that_begins_sentences_is_not_certain_in_one(intent: str, alias: str) -> None:
    reading = KEYWORDS.understand(f"{alias} qua nhieu chuyen khong biet lam sao ca")
    assert not isinstance(reading, Match), reading
    if intent in NEVER_GUESSED:
        assert reading is None
    assert (
        KEYWORDS.understand(f"cho toi {alias} khoi mat cong") is None or intent not in NEVER_GUESSED
    )


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("tro giup cai vneid", Between(("help", "howto"), "cai vneid")),
        ("dang ky", Between(("opt_in", "training"), "")),
        ("trowj giups", Between(("help", "howto"), "")),
        ("tro giu", Between(("help", "howto"), "")),
        ("stop", Match("opt_out", "")),
        ("stop 1234", Match("cancel", "1234")),
        ("stopp 1234", Guess("cancel", "1234")),
        ("TC toi khong can tin nay dau nhe", Guess("opt_out", "toi khong can tin nay dau nhe")),
        ("toi tu choi nhan moi thu tin cua xom", Guess("opt_out", "nhan moi thu tin cua xom")),
        ("dk 12", Match("training", "12")),
        ("dang ky 12", Match("training", "12")),
        ("ko nhan tin", Match("opt_out", "")),
        ("1 viec 1234", None),
        ("tu chio", Match("opt_out", "")),
        ("tu chio nhe", Match("opt_out", "nhe")),
        ("tu chio tin nay", Guess("opt_out", "nay")),
        ("cho toi tu chio", Guess("opt_out", "")),
        ("khong nhan tien", Guess("opt_out", "")),
        ("nhan tin", None),
        ("huyr tin", Match("opt_out", "")),
        ("huy tin nhe", Match("opt_out", "nhe")),
        ("HUY", Match("cancel", "")),
        ("huy cai hom qua", Guess("cancel", "cai hom qua")),
        ("toi huy hen roi", None),
        ("toi huy 1234", Match("cancel", "1234")),
        ("tinh trnag 12O4", Guess("status", "12O4")),
        ("GIUP 0OO18", Match("help", "0OO18")),
        ("L0P l2", Match("training", "l2")),
        ("soan GIUP VNEID", Match("help", "VNEID")),
        ("xin giup, toi mat the", Match("help", "toi mat the")),
        ("lam on cuu toi voi", Match("emergency", "voi")),
        ("xoas", Match("erase", "")),
        ("xoa nhe", Match("erase", "nhe")),
        ("xoa 4711 nhe", Match("erase", "4711 nhe")),
        ("xoa 4711 anh", None),
        ("xoa het di", Match("erase", "di")),
        ("nv", Match("accept", "")),
        ("chuyen 3 len xa", Match("forward", "3 len xa")),
        ("tieng Tày", Match("language", "Tày")),
        ("toi", None),
        ("viet nam", None),
        ("hong roi", None),
    ],
)
def test_how_sure_a_reading_is(text: str, reading: Reading) -> None:
    assert KEYWORDS.understand(text) == reading


@pytest.mark.parametrize(
    ("text", "from_leader", "from_others"),
    [
        ("THONG BAO mai hop", Match("broadcast", "mai hop"), Match("news", "mai hop")),
        ("Thông báo", Match("news", ""), Match("news", "")),
        ("thoong baos mai hop", Match("broadcast", "mai hop"), Match("news", "mai hop")),
        ("thogn bao mai hop", None, Guess("news", "mai hop")),
        ("TB mai hop", Match("broadcast", "mai hop"), Match("broadcast", "mai hop")),
    ],
)
def test_thong_bao_with_words_is_a_leaders(
    text: str, from_leader: Reading, from_others: Reading
) -> None:
    assert KEYWORDS.understand(text, leads=True) == from_leader
    assert KEYWORDS.understand(text) == from_others


def test_a_keyword_stands_within_the_first_sms() -> None:
    words = "toi " * 39
    assert KEYWORDS.understand(f"{words}giup") == Match("help", "")
    assert KEYWORDS.understand(f"{words}toi giup") is None
    long = "khong biet lam sao " * 80
    assert KEYWORDS.understand(f"giup {long}") == Match("help", long.strip())


@given(ANYTHING, st.booleans())
@settings(max_examples=500, deadline=None)
@example("a" * 1600, False)
@example("? " * 800, False)
@example("w j " * 400, False)
@example("toi " * 400, True)
@example("1 0 " * 400, False)
def test_any_text_is_read_without_fault(text: str, leads: bool) -> None:
    reading = KEYWORDS.understand(text, leads=leads)
    assert intents(reading) <= KNOWN_INTENTS
    assert reading is None or reading.rest in text
    found = TOPICS_FOUND.find(text)
    assert found is None or found.intent in TOPICS
    answer = bare_answer(text)
    assert answer is None or (
        answer.digits.isascii() and answer.digits.isdigit() and answer.words in text
    )


MARKS = st.sampled_from(
    ["", "", "", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323", "\u0302", "\u031b"]
)


@st.composite
def decorated(draw: st.DrawFn, words: str) -> str:
    """The same words with other marks, case, gaps and dots."""
    written = ""
    for character in words:
        if character == " ":
            written += draw(st.sampled_from([" ", "  ", ".", " . ", "\n", "-", ""]))
            continue
        letter = draw(st.sampled_from([character.lower(), character.upper()]))
        if letter in "dD":
            letter = draw(st.sampled_from([letter, {"d": "đ", "D": "Đ"}[letter]]))
        written += letter + (draw(MARKS) if letter in "aeiouyAEIOUY" else "")
    around = st.sampled_from(["", " ", "..", "\n ", "“", "- "])
    form = draw(st.sampled_from(["NFC", "NFD"]))
    return unicodedata.normalize(form, draw(around) + written + draw(around))


@given(st.sampled_from(ALIASES), st.data())
@settings(max_examples=300, deadline=None)
def test_marks_case_gaps_and_dots_change_nothing(
    pair: tuple[str, str], data: st.DataObject
) -> None:
    intent, alias = pair
    written = data.draw(decorated(alias))
    match KEYWORDS.understand(written):
        case Match(intent=read):
            assert read == intent
        case other:
            raise AssertionError((written, other))


LETTERS = "abcdeghiklmnopqrstuvxy"


@st.composite
def slipped(draw: st.DrawFn, word: str) -> str:
    """The word with one slip of a finger, or two."""
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(word) - 1))
        letter = draw(st.sampled_from(LETTERS))
        word = draw(
            st.sampled_from(
                [
                    word[:at] + word[at + 1 :],
                    word[:at] + letter + word[at:],
                    word[:at] + letter + word[at + 1 :],
                    word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
                ]
            )
        )
        assume(word.strip())
    return word


def means_it_still(words: str, intent: str) -> bool:
    """Whether the words begin with a word of this meaning, in full or short, Telex keys or not."""
    typed = words.lower().split()
    return any(
        spelling("".join(begun)) == spelling(alias)
        for alias in words_of(intent)
        for end in range(1, len(typed) + 1)
        for begun in (typed[:end], [without_telex(in_full(word)) for word in typed[:end]])
    )


@pytest.mark.parametrize(("intent", "alias"), [h for h in HARMFUL if not h[1].isdigit()])
def test_no_single_slip_of_a_finger_does_harm(intent: str, alias: str) -> None:
    for at, letter in product(range(len(alias) + 1), ascii_uppercase):
        before, here, behind = alias[:at], alias[at : at + 1], alias[at + 1 :]
        swapped = before + behind[:1] + here + behind[1:]
        for words in (
            before + letter + here + behind,
            before + letter + behind,
            before + behind,
            swapped,
        ):
            reading = KEYWORDS.understand(words, leads=True)
            if intents(reading) & NEVER_GUESSED:
                assert any(means_it_still(words, other) for other in NEVER_GUESSED), words


@given(st.sampled_from(HARMFUL), st.booleans(), st.data())
@settings(max_examples=500, deadline=None)
def test_no_slips_of_a_finger_do_harm_whatever_stands_behind(
    pair: tuple[str, str], leads: bool, data: st.DataObject
) -> None:
    _, alias = pair
    assume(alias.replace(" ", "").isalpha())
    words = data.draw(slipped(alias))
    behind = data.draw(st.sampled_from(["", " 1234", " 0900000031", " mai hop", " nhe", "!"]))
    reading = KEYWORDS.understand(words + behind, leads=leads)
    assume(not any(means_it_still(words + behind, other) for other in NEVER_GUESSED))
    assert not intents(reading) & NEVER_GUESSED, (words + behind, reading)


@given(st.sampled_from(ALIASES), st.data())
@settings(max_examples=400, deadline=None)
def test_a_slip_of_a_finger_is_at_most_asked_about(
    pair: tuple[str, str], data: st.DataObject
) -> None:
    _, alias = pair
    assume(alias.replace(" ", "").isalpha())
    words = data.draw(slipped(alias))
    reading = KEYWORDS.understand(words)
    assume(not any(means_it_still(words, intent) for intent in KNOWN_INTENTS))
    match reading:
        case Match(intent=intent):
            assert intent == "opt_out", words
            cleaned = "".join(map(without_telex, words.lower().split()))
            assert min(distance(cleaned, spelling(a)) for a in words_of("opt_out")) == 1
        case Guess() | Between() | None:
            pass


@pytest.mark.parametrize("alias", words_of("opt_out"))
def test_whoever_wants_no_messages_is_heard(alias: str) -> None:
    for written in (alias, alias.lower(), f"{alias}!!", f"{alias} nhé"):
        reading = KEYWORDS.understand(written)
        assert isinstance(reading, Match)
        assert reading.intent == "opt_out"
