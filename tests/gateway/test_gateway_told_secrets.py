"""Numbers and codes that nobody should send: hidden before anything is kept, and the sender told once."""

from __future__ import annotations

import pytest

from tests.village import NEIGHBOUR, VILLAGER, World

ID_NUMBER = "004190001234"
WARNED = "da xoa, khong luu"


def kept_anywhere(world: World, secret: str) -> list[str]:
    columns = world.rows(
        """
        SELECT c.table_name AS its_table, c.column_name AS its_name
        FROM information_schema.columns c JOIN information_schema.tables s
             USING (table_schema, table_name)
        WHERE c.table_schema = 'public' AND s.table_type = 'BASE TABLE'
          AND c.data_type IN ('text', 'jsonb')
        """
    )
    return [
        f"{c.its_table}.{c.its_name}"
        for c in columns
        if world.one(
            f'SELECT count(*) AS n FROM "{c.its_table}" '
            f'WHERE position(:secret IN CAST("{c.its_name}" AS text)) > 0',
            secret=secret,
        ).n
    ]


SECRETS = (
    (f"GIUP VNEID so can cuoc {ID_NUMBER}", ID_NUMBER),
    (f"GIUP VNEID số căn cước của tôi là {ID_NUMBER}, tôi ở xóm", ID_NUMBER),
    ("GIUP VNEID cccd 0382012345 67", "0382012345"),
    ("GIUP VNEID cccd 084*201*777*567", "084*201*777*567"),
    ("GIUP VNEID 00420 1234567", "1234567"),
    ("GIUP VNEID cccd ٠٠٤٢٠١٢٣٤٥٦٧", "٠٠٤٢٠١٢٣٤٥٦٧"),
    ("GIUP VNEID OTP 482913", "482913"),
    ("mã OTP của em là 482913 ạ", "482913"),
    ("GIUP VNEID mat khau la Hoa1987", "Hoa1987"),
    ("GIUP BAN HANG the 4111 1111 1111 1111", "4111 1111 1111 1111"),
)


@pytest.mark.parametrize(("said", "secret"), SECRETS)
def test_a_secret_in_a_text_is_not_kept_and_the_sender_is_told_once(
    world: World, said: str, secret: str
) -> None:
    neighbour = world.phone(NEIGHBOUR)
    neighbour.text(said, id="one")
    neighbour.text(said, id="one")
    assert kept_anywhere(world, secret) == []
    assert sum(WARNED in body for body in neighbour.inbox()) == 1


@pytest.mark.parametrize("place", [0, 700, 1560])
@pytest.mark.parametrize("filler", ["a ", "ă "], ids=["gsm7", "ucs2"])
def test_a_secret_anywhere_in_a_text_of_many_parts_is_not_kept(
    world: World, filler: str, place: int
) -> None:
    said = (filler * (place // 2) + f" so can cuoc {ID_NUMBER} " + filler * 800)[:1600]
    assert len(said) == 1600
    world.phone(NEIGHBOUR).text(said)
    kept = world.one("SELECT body FROM messages_in").body
    assert len(kept) == 1600 or len(kept) == len(said.strip())
    assert kept_anywhere(world, ID_NUMBER) == []


def test_what_is_cut_off_a_text_too_long_leaves_no_half_of_a_secret(world: World) -> None:
    world.phone(NEIGHBOUR).text("a " * 794 + f"so  .{ID_NUMBER}" + " a" * 100)
    assert kept_anywhere(world, ID_NUMBER[:6]) == []


def test_an_empty_text_is_kept_and_answered_as_any_other(world: World) -> None:
    (answer,) = world.phone(NEIGHBOUR).text("")
    assert WARNED not in answer
    assert world.one("SELECT body FROM messages_in").body == ""


@pytest.mark.parametrize("who", [NEIGHBOUR, VILLAGER], ids=["remembered", "stranger"])
@pytest.mark.parametrize("before", ["", "x" * 112 + " "], ids=["short", "at the cut"])
def test_a_secret_in_the_words_of_a_call_is_hidden_and_the_caller_told(
    world: World, who: str, before: str
) -> None:
    caller = world.phone(who)
    caller.dial()
    if who == VILLAGER:
        caller.keys("2", "00018", "1", "1", "2")
    else:
        caller.keys("1", "1", "2")
    caller.key(f"{before}{ID_NUMBER} mat khau Hoa1987")
    assert "Da xoa so can cuoc, OTP, mat khau" in caller.screen
    for secret in (ID_NUMBER, ID_NUMBER[:8], "Hoa1987"):
        assert kept_anywhere(world, secret) == []
    caller.keys("1", "1")
    assert not caller.open
    for secret in (ID_NUMBER, ID_NUMBER[:8], "Hoa1987"):
        assert kept_anywhere(world, secret) == []
    assert "**" in world.one("SELECT words FROM help_requests").words or before


def test_an_identity_number_as_the_person_to_help_is_hidden_too(world: World) -> None:
    caller = world.phone(NEIGHBOUR)
    caller.dial()
    caller.keys("1", "1", "3", f"me em {ID_NUMBER}", "1")
    assert kept_anywhere(world, ID_NUMBER) == []
    assert world.one("SELECT beneficiary FROM help_requests").beneficiary.startswith("me em ***")
