"""The phone in the terminal: what is typed is done, what comes of it is drawn and written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from service.player.handset import DirectHandset, Line
from service.player.people import NAMES, PEOPLE, number_of
from service.player.stage import Handset, NotADoing, Stage
from service.player.terminal import Terminal
from tests import village
from tests.transcripts.play import play
from tests.village import World


@pytest.fixture
def stage(world: World) -> Iterator[Stage]:
    line = Line.to(world.runtime)
    phones: dict[str, Handset] = {}
    with world.engine.connect() as held:
        stage = Stage(
            world.engine,
            held,
            lambda msisdn: phones.setdefault(msisdn, DirectHandset(line, msisdn)),
            world.runtime.menus.texts.languages,
        )
        yield stage
        stage.let_go()


class Played:
    """Somebody at the terminal, and all that was shown."""

    def __init__(self, stage: Stage, who: str, **more: bool) -> None:
        self.shown: list[str] = []
        self.terminal = Terminal(stage, self.shown.append, number_of(who), **more)

    def types(self, *lines: str) -> str:
        """Type these lines and return what was shown since."""
        before = len(self.shown)
        for line in lines:
            self.terminal.take(line)
        return "\n".join(self.shown[before:])


Plays = Callable[..., Played]


@pytest.fixture
def plays(stage: Stage) -> Plays:
    return lambda who, **more: Played(stage, who, **more)


def test_the_page_is_drawn_with_its_name_and_the_room_it_takes(plays: Plays) -> None:
    assert plays("stranger").types("redial").splitlines() == [
        "+-- stranger --------------------+",
        "| To cong nghe so luu so may,    |",
        "| xom cua ba con de giup va gui  |",
        "| tin xom. Xoa luc nao cung      |",
        "| duoc. Dong y?                  |",
        "| 1 Dong y                       |",
        "| 2 Khong                        |",
        "| 3 Duoi 16 tuoi                 |",
        "| 8 Khan cap                     |",
        "+--------------------------------+  welcome, vi, 140/140",
    ]


def test_a_request_goes_the_whole_way_from_hand_to_hand(plays: Plays) -> None:
    played = plays("neighbour")
    assert "SMS to leader: Viec 1: VNeID" in played.types("redial", "1", "1", "1", "1")
    assert played.types("as leader") == "You hold the phone of leader; 1 SMS."
    assert "SMS to neighbour: Hoang Van Mau da nhan viec" in played.types("sms NV 1")
    assert "SMS to neighbour: Hoang Van Mau noi viec" in played.types("sms XONG 1")
    assert "da xong." in played.types("as neighbour", "sms 1")
    assert len(played.types("inbox").splitlines()) == 4


def test_what_was_played_is_a_transcript_that_holds(plays: Plays, world: World) -> None:
    played = plays("neighbour")
    played.types(
        "redial", "1", "1", "2", "mat the", "1", "as leader", "sms NV 1", "as +84900000055"
    )
    number = world.one("SELECT number FROM help_requests").number
    played.types("sms YC", "as neighbour", f"sms HUY {number}", "*384*1909*5#", "#", "#")
    script = "\n".join([*played.terminal.script, ""])
    assert "neighbour texts HUY <A>\n    SMS to leader" in script
    assert "+84900000055 texts YC\n    SMS to +84900000055: " in script
    assert "neighbour dials *384*1909*5#\n    [mine_none, vi]\n" in script
    assert script.endswith("neighbour hangs up\n")
    played.terminal.stage.let_go()
    village.empty_tables(world.engine)
    village.demo_village(world)
    world.refresh()
    assert play(script, world) == script


def test_by_sms_whatever_is_typed_is_a_text(plays: Plays) -> None:
    played = plays("neighbour", by_sms=True)
    assert "SMS to neighbour: Da ghi viec so" in played.types("GIUP VNEID")
    assert played.terminal.script[0] == "neighbour texts GIUP VNEID"


def test_a_call_that_is_dropped_can_be_taken_up(plays: Plays) -> None:
    played = plays("neighbour")
    played.types("redial", "1", "1")
    assert played.types("#") == "(you hang up)"
    assert played.types("1") == "No call is open: redial, or sms TEXT."
    assert "resume, vi" in played.types("redial")
    assert "resume, vi" in played.types("redial"), "it hangs up by itself"
    assert played.terminal.script.count("neighbour hangs up") == 2


def test_a_language_is_read_by_those_who_could_have_chosen_it(plays: Plays) -> None:
    played = plays("neighbour")
    played.terminal.do("reads en")
    assert "1 Ask for help" in played.types("redial")
    assert played.terminal.script[0] == "neighbour reads en"
    stranger = plays("stranger")
    stranger.terminal.do("reads en")
    assert stranger.shown == ["nothing is kept of a stranger, not even the language"]
    played.terminal.do("reads xx")
    assert played.shown[-1] == "there are vi, en: xx"


@pytest.mark.parametrize("nonsense", ["as nobody", "as 12", "as 0263 852 123", "*123#"])
def test_what_cannot_be_done_is_said_and_not_written_down(plays: Plays, nonsense: str) -> None:
    played = plays("neighbour")
    assert played.types(nonsense)
    assert played.terminal.script == []
    assert played.terminal.who == "neighbour"


def test_help_names_everybody(plays: Plays) -> None:
    said = plays("neighbour").types("help")
    assert all(name in said for name in PEOPLE)


def test_nothing_typed_is_nothing_done(plays: Plays) -> None:
    played = plays("neighbour")
    played.types("redial")
    assert played.types("", "  ") == ""


def test_a_call_that_is_over_takes_no_answer(stage: Stage) -> None:
    with pytest.raises(NotADoing, match="the call is over"):
        list(stage.line("neighbour types 1"))


def test_people_are_those_of_the_demo_village(world: World) -> None:
    known = {row.msisdn for row in world.rows("SELECT msisdn FROM phones")}
    assert set(NAMES) - known == {PEOPLE["villager"], PEOPLE["stranger"]}
    assert (PEOPLE["villager"], PEOPLE["leader"]) == (village.VILLAGER, village.LEADER)
    assert PEOPLE["far-away"] == village.FAR_AWAY
