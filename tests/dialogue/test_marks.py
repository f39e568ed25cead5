"""The same words with their marks, for people who asked for them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.dialogue.texts import INSTEAD_IN_SMS, Gap, Texts
from service.gateway.echo import OurWords
from service.menus import read_menus
from service.text.fold import fold
from service.text.gsm7 import Encoding, count

MENUS = read_menus()
TEXTS = MENUS.texts
MARKED = [key for key in TEXTS.listed("vi") if TEXTS.has_marks(key, "vi")]
VALUES = {
    "number": "4711",
    "topic": "dvc",
    "leader": "Hoàng Văn Mẫu",
    "sms_code": "8499",
    "ussd": "sao 384 sao 1909 thang",
}
names = st.text(alphabet="aáàảãạăằâầđeêềếiíoôồơờuưứyý ABĐ", min_size=1, max_size=60)


def test_who_asked_for_marks_reads_the_words_and_the_names_with_theirs() -> None:
    said = TEXTS.say("sms.accepted", "vi", VALUES, marks=True)
    assert said.startswith("Hoàng Văn Mẫu đã nhận việc 4711 (Dịch vụ công)")
    assert count(said).encoding is Encoding.UCS2


def test_who_did_not_ask_reads_what_everybody_reads() -> None:
    assert TEXTS.say("sms.accepted", "vi", VALUES).startswith("Hoang Van Mau da nhan viec 4711")


def test_where_nobody_wrote_the_marks_there_are_none_at_all() -> None:
    values = {**VALUES, "task": "3"}
    said = TEXTS.say("sms.task_taken", "vi", values, marks=True)
    assert said == TEXTS.say("sms.task_taken", "vi", values)
    assert "Hoang Van Mau" in said
    assert TEXTS.say("sms.accepted", "en", VALUES, marks=True) == TEXTS.say(
        "sms.accepted", "en", VALUES
    )


def test_the_main_messages_and_every_guide_have_a_form_with_marks() -> None:
    guides = {guide.text for guide in MENUS.guides}
    assert set(MARKED) >= {"sms.filed", "sms.accepted", "sms.done", "sms.solved", *guides}


def test_a_message_with_marks_costs_three_segments_at_the_most() -> None:
    wide = dict.fromkeys(TEXTS.gaps, "Ễ" * 200) | {"topic": "banhang"}
    for key in MARKED:
        assert count(TEXTS.say(key, "vi", wide, marks=True)).segments <= 3, key


def test_signs_a_sender_refuses_are_written_otherwise_with_marks_too() -> None:
    said = TEXTS.say("sms.accepted", "vi", {"leader": "Lý [Tổ #1] & Mẫu"}, marks=True)
    assert said.startswith("Lý (Tổ .1) + Mẫu đã nhận")
    assert not set(said) & set(INSTEAD_IN_SMS)


@given(names)
def test_marks_change_nothing_but_marks(name: str) -> None:
    values = {**VALUES, "leader": name}
    for key in ("sms.accepted", "sms.done"):
        marked = TEXTS.say(key, "vi", values, marks=True)
        assert fold(marked).text == TEXTS.say(key, "vi", values)


def test_a_long_name_is_cut_between_letters() -> None:
    texts = Texts(
        {"vi": {"sms.x": "O {hamlet}."}}, {"hamlet": Gap(8)}, {"vi": {"sms.x": "Ở {hamlet}."}}
    )
    assert texts.say("sms.x", "vi", {"hamlet": "Khuổi Khoang"}, marks=True) == "Ở Khuổi...."
    assert texts.say("sms.x", "vi", {"hamlet": "Khuổi"}, marks=True) == "Ở Khuổi."


def test_our_own_words_are_known_when_they_come_back_with_marks() -> None:
    said = TEXTS.say("sms.done", "vi", VALUES, marks=True)
    ours = OurWords(TEXTS, MENUS.dialogue.menu)
    assert ours.are_in(f"Tra loi tu dong: {said}")
    assert ours.are_in(TEXTS.say("guide.luadao", "vi", marks=True))
