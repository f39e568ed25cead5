"""The first call for help, the whole way, as the villager and the leader live it."""

from __future__ import annotations

import re

from tests.village import DEPUTY, HAMLET, LEADER, VILLAGER, World


def test_a_call_for_help_reaches_the_leader_and_is_solved(world: World) -> None:
    villager, leader, deputy = (world.phone(m) for m in (VILLAGER, LEADER, DEPUTY))

    assert "Dong y?" in villager.dial()
    assert "Nhap ma xom" in villager.key("1")
    assert "xom Coc Phia, xa Hoa An" in villager.key(HAMLET)
    assert "1 VNeID" in villager.key("1"), "five keys from dialling to a sent request"
    assert "1 Gui ngay" in villager.key("1")
    villager.keys("2", "khong mo duoc")
    screen = villager.key("1")
    assert not villager.open
    number = re.search(r"viec so (\d{4}) \(VNeID\)", screen)[1]
    assert "Hoang Van Mau se goi" in screen
    assert number in villager.inbox()[0]
    assert "Hoang Van Mau" in villager.inbox()[0]

    (alert,) = leader.inbox()
    assert alert.startswith("Viec 1: VNeID, xom Coc Phia. Loi nhan: khong mo duoc.")
    assert VILLAGER[3:] not in alert
    (yours,) = leader.text("NV 1")
    assert "Goi 0900000001, noi so viec " + number in yours
    assert "Hoang Van Mau da nhan viec " + number in villager.inbox()[-1]
    assert deputy.inbox() == [], "the leader answered in time"

    (noted,) = leader.text("XONG 1 da cai xong")
    assert noted.startswith("Da ghi viec 1 xong")
    assert "da xong. Xong that chua?" in villager.inbox()[-1]
    (thanks,) = villager.text("1")
    assert f"Viec {number} da xong" in thanks
    assert villager.text("YC") == [
        "Ba con khong co viec nao chua xong. Can giup: soan GIUP gui 8499 hoac bam sao 384 sao 1909 thang."
    ]
    history = world.rows("SELECT event, note FROM request_events ORDER BY id")
    assert [row.event for row in history] == [
        "started",
        "opened",
        "told",
        "accepted",
        "done",
        "solved",
    ]
    assert history[4].note == "da cai xong"
