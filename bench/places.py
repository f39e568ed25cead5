"""How long a search for a place takes: `make bench-places`. Prints figures beside targets.

Twice: in Cao Bằng with as many invented hamlets as it has, and in a whole country of invented
provinces. Every search is for something else; what is measured is the search itself, statements and
all, on one connection that is in use, as a web process has it.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from bench.report import Report, p50, p99
from bench.seed import vacuum
from bench.servers import databases
from service.ops.migrate import migrate
from service.records.areas import AliasKind, Area, AreaAlias, AreaKind
from service.records.engine import make_engine
from service.text.fold import fold, search_key
from service.village.finding import find
from service.village.gazetteer import load_places
from service.village.spelling import note_words

DATA = Path(__file__).resolve().parents[1] / "data"
MOST = 20.0
"""Milliseconds a search may take, in the middle of them."""
SEARCHES, BEFORE = 200, 20
"""How many of each kind are measured, and how many run before so that plans are made."""
PROVINCES, COMMUNES, OLD_COMMUNES, DISTRICTS, HAMLETS = 34, 3_321, 10_035, 696, 90_000
HAMLETS_OF_CAO_BANG = 1_462
FIRST = """Nà Pò Bó Pác Khuổi Lũng Cốc Bản Phia Nặm Phiêng Kéo Lăng Thâm Chè Gò Đồng Ao Cây Đầu"""
THEN = """Líp Thắm Luông Cương Đa Thùng Hoài Phai Khoang Sằng Kèng Mẫu Tẩu Chang Rì Pia Quang Bon
    Mạ Ngần Cại Rằng Lùng Vài Thin Cuối Nưa Đeng Lèng Sú Khoan Giàng Dẻ Lỏng Sâu Nọi Han Thoong"""
LARGE = """An Bình Cao Châu Chí Dân Đại Đông Đức Giang Hà Hải Hòa Hồng Hưng Khánh Kim Lạc Lâm Lập
    Lê Long Lộc Lý Mai Minh Nam Nghĩa Ngọc Nguyên Phong Phú Phúc Quang Quảng Sơn Tam Tân Tây Thái
    Thanh Thành Thạch Thắng Thịnh Thuận Tiên Trung Trường Vân Vĩnh Việt Xuân Yên"""


@dataclass
class Country:
    """Invented places: what was put in, to ask for some of it again."""

    chance: random.Random
    communes: list[tuple[str, str]] = field(default_factory=list)
    """Name and district."""
    old: list[tuple[str, str]] = field(default_factory=list)
    hamlets: list[tuple[str, str]] = field(default_factory=list)
    """Name and commune."""

    def named(self, *syllables: str) -> str:
        """Make up a name."""
        return " ".join(self.chance.choice(each.split()) for each in syllables)

    def hamlet(self) -> str:
        """Make up a hamlet's name; many are only numbered."""
        if self.chance.random() < 0.25:
            return str(self.chance.randint(1, 15))
        return self.named(FIRST, THEN, *([THEN] if self.chance.random() < 0.3 else []))


def cao_bang(session: Session) -> Country:
    """Fill an empty database with the province as it is and hamlets as it might have them."""
    load_places(session, DATA)
    country = Country(random.Random(4))
    communes = session.scalars(select(Area).where(Area.kind == AreaKind.COMMUNE)).all()
    country.communes = [(commune.name, commune.district or "") for commune in communes]
    old = select(AreaAlias).where(AreaAlias.kind == AliasKind.OLD_COMMUNE)
    country.old = [(alias.name, alias.district or "") for alias in session.scalars(old)]
    _put_hamlets(session, country, [(c.id, c.name) for c in communes], HAMLETS_OF_CAO_BANG)
    return country


def whole_country(session: Session) -> Country:
    """Fill an empty database with as many places as Vietnam has, all of them invented."""
    country = Country(random.Random(34))
    provinces = [
        _area(AreaKind.PROVINCE, f"{number:02d}", "Tỉnh", country.named(LARGE, LARGE))
        for number in range(PROVINCES)
    ]
    ids = _put(session, Area, provinces)
    districts = [f"Huyện {country.named(LARGE, LARGE)}" for _ in range(DISTRICTS)]
    country.communes = [
        (country.named(LARGE, LARGE), districts[number * DISTRICTS // COMMUNES])
        for number in range(COMMUNES)
    ]
    rows = [
        _area(
            AreaKind.COMMUNE,
            f"{n:05d}",
            "Xã",
            name,
            parent_id=ids[n * PROVINCES // COMMUNES],
            district=district,
        )
        for n, (name, district) in enumerate(country.communes)
    ]
    ids = _put(session, Area, rows)
    for number in range(OLD_COMMUNES):
        _, district = country.communes[number % COMMUNES]
        country.old.append((country.named(LARGE, LARGE), district))
    aliases = [
        _alias(ids[n % COMMUNES], AliasKind.OLD_COMMUNE, name, district)
        for n, (name, district) in enumerate(country.old)
    ]
    aliases += [
        _alias(ids[n], AliasKind.OLD_DISTRICT, district.partition(" ")[2], district)
        for n, (_, district) in enumerate(country.communes)
    ]
    _put(
        session,
        AreaAlias,
        list({(a["area_id"], a["kind"], a["name"]): a for a in aliases}.values()),
    )
    names = [name for name, _ in country.communes]
    _put_hamlets(session, country, list(zip(ids, names, strict=True)), HAMLETS)
    return country


def _put_hamlets(
    session: Session, country: Country, communes: Sequence[tuple[int, str]], many: int
) -> None:
    rows = []
    for number in range(many):
        commune_id, commune = communes[number % len(communes)]
        name = country.hamlet()
        # Five digits number 9,999 hamlets; what is measured does not look at them.
        title = "Thôn" if name.isdecimal() else "Xóm"
        rows.append(_area(AreaKind.HAMLET, f"h{number}", title, name, parent_id=commune_id))
        country.hamlets.append((name, commune))
    _put(session, Area, rows)


def _put(session: Session, table: type[Area | AreaAlias], rows: list[dict[str, Any]]) -> list[int]:
    note_words(session, [row["name"] for row in rows])
    made = insert(table).returning(table.id, sort_by_parameter_order=True)
    return list(session.scalars(made, rows))


def _area(
    kind: AreaKind,
    code: str,
    title: str,
    name: str,
    *,
    parent_id: int | None = None,
    district: str | None = None,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "code": code,
        "title": title,
        "name": name,
        "name_key": search_key(name),
        "parent_id": parent_id,
        "district": district,
    }


def _alias(area_id: int, kind: AliasKind, name: str, district: str) -> dict[str, Any]:
    return {
        "area_id": area_id,
        "kind": kind,
        "name": name,
        "name_key": search_key(name),
        "district": district,
        "source": "bench",
    }


def asked(country: Country) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield each kind of search, and what makes up one of it as it is typed."""
    chance = country.chance
    worded = [pair for pair in country.hamlets if not pair[0].isdecimal()]
    numbered = [pair for pair in country.hamlets if pair[0].isdecimal()]

    def typed(*parts: str) -> str:
        return fold(" ".join(parts).lower()).text

    def slip(name: str) -> str:
        place = chance.randrange(len(name))
        return f"{name[:place]}{chance.choice('bcdghklmnprstvx')}{name[place + 1 :]}"

    def misplaced() -> str:
        name, commune = chance.choice(worded)
        return f"{typed(name)} {slip(typed(commune))}"

    yield "a hamlet's name", lambda: typed(chance.choice(worded)[0])
    yield "a hamlet and its commune", lambda: typed(*chance.choice(worded))
    yield "with titles", lambda: "thon {} xa {}".format(*map(typed, chance.choice(numbered)))
    yield "the beginning of a name", lambda: typed(chance.choice(worded)[0])[:6]
    yield "a word of a name", lambda: typed(chance.choice(worded)[0].split()[1])
    yield "a commune", lambda: typed(chance.choice(country.communes)[0])
    yield "an old commune and district", lambda: typed(*chance.choice(country.old))
    yield "a name with a slip", lambda: slip(typed(chance.choice(worded)[0]))
    yield "a commune with a slip", lambda: slip(typed(chance.choice(worded)[1]))
    yield "a hamlet, a slip in its commune", misplaced
    yield "too little", lambda: typed(chance.choice(FIRST.split()))[:2]
    yield "nothing like it", lambda: typed(country.named(LARGE), "zzoi wik", country.named(THEN))


def measure(report: Report, engine: Engine, where: str, country: Country) -> None:
    """Search for many things of each kind; compare the slowest kind with the target."""
    vacuum(engine)
    middles: dict[str, float] = {}
    for kind, make_up in asked(country):
        took = []
        with Session(engine) as session:
            for number in range(BEFORE + SEARCHES):
                words = make_up()
                began = time.perf_counter()
                find(session, words)
                if number >= BEFORE:
                    took.append((time.perf_counter() - began) * 1000)
        middles[kind] = p50(took)
        report.say(f"{where}, {kind}: median {p50(took):.1f} ms, p99 {p99(took):.1f} ms")
    slowest = max(middles, key=lambda kind: middles[kind])
    report.figure(f"{where}, slowest kind ({slowest}), median", middles[slowest], "ms", most=MOST)


def main() -> int:
    """Run everything; return the exit code."""
    report = Report("Searching for a place")
    for where, fill in (("Cao Bang", cao_bang), ("whole country", whole_country)):
        with tempfile.TemporaryDirectory(prefix="caunoi-bench-") as name:
            folder = Path(name)
            folder.chmod(0o711)
            with databases(folder) as settings:
                migrate(settings.database_url)
                engine = make_engine(
                    settings.database_url, name="bench", pool_size=2, statement_seconds=120
                )
                with Session(engine) as session, session.begin():
                    country = fill(session)
                report.say(f"{where}: {len(country.hamlets):,} hamlets")
                measure(report, engine, where, country)
                engine.dispose()
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
