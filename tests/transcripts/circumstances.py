"""What may have happened in the village besides calls and texts: a line in a transcript, and how."""

from __future__ import annotations

from collections.abc import Callable

from service.records.areas import AreaKind
from service.text.codes import hamlet_code
from service.village.area_keeping import commune_by_code, put_area
from service.village.area_rows import named_province
from service.village.commune_lists import load_communes
from service.village.hamlet_lists import load_hamlets
from tests.transcripts.class_circumstances import CLASS_CIRCUMSTANCES
from tests.village import DEMO, DEPUTY, LEADER, MEMBER, NEIGHBOUR, World

FIRST, MANY = 100, 24


def _load_hamlets(world: World) -> None:
    with world.runtime.units.open() as unit:
        commune = commune_by_code(unit.session, DEMO["commune"])
        for number in range(FIRST, FIRST + MANY):
            code, name = hamlet_code(number), f"Nà Thử {number}"
            put_area(unit.session, AreaKind.HAMLET, code, "Xóm", name, parent_id=commune.id)


def _load(*rows: str) -> Callable[[World], None]:
    """Load hamlets as `caunoi areas load` does."""
    head = "code,title,name,commune_code,former_names"

    def load(world: World) -> None:
        with world.runtime.units.open() as unit:
            plan = load_hamlets(unit.session, "\n".join([head, *rows]).encode(), source="test")
            assert not plan.faults, plan.faults

    return load


def _load_second_province(world: World) -> None:
    communes = (
        "code,type,name,main_old_district\n98001,Xã,Thử Một,Huyện Giả\n98002,Xã,Hòa An,Huyện Thử"
    )
    with world.runtime.units.open() as unit:
        province = named_province("98", "Tỉnh Giả Định")
        plan = load_communes(unit.session, communes.encode(), province, source="test")
        assert not plan.faults, plan.faults
    _load(",Xóm,Nà Giả,98001,", ",Xóm,Cốc Phia,98002,")(world)


def _sql(*statements: str) -> Callable[[World], None]:
    def happen(world: World) -> None:
        for statement in statements:
            world.do(statement)

    return happen


def _pass(time: str) -> Callable[[World], None]:
    """Let time pass for all that is forgotten, asked again or counted after a while."""
    return _sql(
        *(
            f"UPDATE {table} SET {', '.join(f'{at} = {at} - interval {time!r}' for at in times)}"
            for table, times in TIMES.items()
        ),
        f"UPDATE shown SET day = day - (interval {time!r} >= interval '24 hours')::int",
    )


TIMES = {
    "help_requests": ("created_at",),
    "ussd_sessions": ("updated_at",),
    "messages_out": ("created_at",),
    "text_dialogues": ("asked_at", "expires_at"),
    "questions": ("asked_at", "expires_at"),
    "phones": ("last_heard_at",),
    "audit": ("at",),
}
"""What is looked at again after a while -> the times it is judged by."""
NEWS = """
    INSERT INTO notices (area_id, title, body, source, published_at, expires_at)
    SELECT id, 'Họp xóm', '19h thứ 5, 27/11, tại nhà văn hoá. Mời mỗi nhà một người.', 'trưởng xóm',
           clock_timestamp(), clock_timestamp() + interval '7 days'
    FROM areas WHERE code = '00018'
"""
TWENTY_HEARD = """
    INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                              valid_until)
    SELECT 'sms:heard ' || n, 'reply', 'reply', 0, '{neighbour}', 'x ' || n, 1, 'delivered',
           clock_timestamp()
    FROM generate_series(1, 20) AS n
"""
SIXTY_TAKEN = """
    INSERT INTO messages_out (idem_key, class, lane, priority, msisdn, body, segments, state,
                              valid_until)
    SELECT 'task ' || n || ' sms.task_yours', 'alert', 'reply', 1, '{leader}', 'x', 1, 'delivered',
           clock_timestamp()
    FROM generate_series(1, 60) AS n
"""
FULL_ROTA = """
    INSERT INTO duties (team_id, day, person_id)
    SELECT 1, day, CASE WHEN extract(day FROM day)::int % 2 = 0 THEN d.holder_id ELSE l.holder_id END
    FROM generate_series((clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
                         (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date + 14,
                         interval '1 day') AS day,
         phones d, phones l
    WHERE d.msisdn = '{deputy}' AND l.msisdn = '{leader}'
    ON CONFLICT (team_id, day) DO UPDATE SET person_id = excluded.person_id
"""
SIX_OFFERED = """
    INSERT INTO duty_swaps (team_id, day, giver_id, expires_at, ended_at)
    SELECT 1, day, f.holder_id, clock_timestamp(), clock_timestamp()
    FROM phones f, generate_series(date '2026-12-20', date '2026-12-25', interval '1 day') AS day
    WHERE f.msisdn = '{leader}'
"""
ONLY_THE_DEPUTY = """
    INSERT INTO absences (person_id, from_at, until_at)
    SELECT holder_id, clock_timestamp(), clock_timestamp() + interval '2 days' FROM phones
    WHERE msisdn IN ('{leader}', '{member}')
"""

LED_CLASS = """
    INSERT INTO courses (code, title, topic) VALUES ('vneid-1', 'VNeID cho người lớn tuổi', 'vneid')
    ON CONFLICT DO NOTHING;
    INSERT INTO trainings (number, course_id, area_id, place, starts_at, ends_at, seats, state)
    SELECT {number}, c.id, a.id, 'nhà văn hóa', {at}, {at} + interval '90 minutes', 25, 'open'
    FROM courses c, areas a WHERE c.code = 'vneid-1' AND a.code = '00018' AND a.kind = 'hamlet'
"""
THREE_REGISTERED = """
    INSERT INTO enrolments (training_id, phone_id, person_id, state)
    SELECT t.id, f.id, f.holder_id, 'seated' FROM trainings t, phones f
    WHERE f.msisdn IN ('{member}', '{deputy}', '{neighbour}')
    ORDER BY f.msisdn
"""
AT_TWENTY_PAST_NINE = "timestamptz '2026-12-01 09:20+07'"
TWO_DAYS_LATER = "timestamptz '2026-12-03 19:00+07'"

CIRCUMSTANCES: dict[str, Callable[[World], None]] = {
    **CLASS_CIRCUMSTANCES,
    "(nobody is on duty in the commune)": _sql(
        "UPDATE memberships SET until = now() FROM teams "
        "WHERE teams.id = team_id AND teams.level = 'commune'"
    ),
    "(nobody is on duty anywhere)": _sql("UPDATE memberships SET until = now()"),
    "(the rota is full for two weeks)": _sql(FULL_ROTA.format(leader=LEADER, deputy=DEPUTY)),
    "(the leader has offered six days)": _sql(SIX_OFFERED.format(leader=LEADER)),
    "(the rest of the team is away)": _sql(ONLY_THE_DEPUTY.format(leader=LEADER, member=MEMBER)),
    "(a day and a night pass)": _pass("25 hours"),
    "(a quarter of an hour passes)": _pass("15 minutes"),
    "(an hour passes)": _pass("1 hour"),
    "(three months pass)": _pass("91 days"),
    "(nobody takes it: it moves up)": World.move_up,
    "(there is news for the hamlet: a meeting)": _sql(NEWS),
    "(the news is over)": _sql("UPDATE notices SET expires_at = clock_timestamp()"),
    "(the leader has taken 60 requests today)": _sql(SIXTY_TAKEN.format(leader=LEADER)),
    "(the neighbour has had 20 texts today)": _sql(TWENTY_HEARD.format(neighbour=NEIGHBOUR)),
    "(the leader's PIN has been wrong ten times)": _sql("UPDATE pins SET wrong = 10"),
    "(the deputy and the member are helpers now)": _sql(
        "UPDATE memberships SET role = 'helper' WHERE role IN ('member', 'deputy')"
    ),
    "(24 more hamlets of the commune are loaded)": _load_hamlets,
    "(Cốc Phia is renamed Nà Mới)": _load(
        "00018,Xóm,Nà Mới,01654,",
        "00026,Xóm,Pàn Kèng,01654,",
    ),
    "(hamlets with names alike are loaded)": _load(
        ",Xóm,Khuổi Khoang,01660,",
        ",Xóm,Khuổi Mẩn,01660,",
        ",Xóm,Khuổi Mần,01660,",
        ",Xóm,Khuổi Rất Xa Sau Đèo Cao,01339,",
        ",Xóm,Hưng Đạo,01304,",
        ",Tổ dân phố,1,01273,",
        ",Tổ dân phố,2,01273,",
        ",Tổ dân phố,10,01273,",
    ),
    "(a hamlet that is called only Nà is loaded)": _load(",Xóm,Nà,01660,"),
    "(a second province is loaded)": _load_second_province,
    "(the menu changes: the screen this call shows is taken out)": _sql(
        "UPDATE ussd_sessions SET state = jsonb_set(state, '{s}', '\"no_longer_there\"') WHERE open"
    ),
    "(the menu changes: the screen this text showed is taken out)": _sql(
        "UPDATE text_dialogues SET state = jsonb_set(state, '{menu,s}', '\"no_longer_there\"')"
    ),
    "(class 12 is at twenty past nine, and nobody has registered)": _sql(
        LED_CLASS.format(number=12, at=AT_TWENTY_PAST_NINE)
    ),
    "(class 14 is in two days)": _sql(LED_CLASS.format(number=14, at=TWO_DAYS_LATER)),
    "(three people register for each class)": _sql(
        THREE_REGISTERED.format(member=MEMBER, deputy=DEPUTY, neighbour=NEIGHBOUR)
    ),
    "(the roll was called two days ago)": _sql(
        "UPDATE trainings SET called_at = clock_timestamp() - interval '2 days'"
    ),
    "(class 12 is cancelled)": _sql("UPDATE trainings SET state = 'cancelled' WHERE number = 12"),
}
