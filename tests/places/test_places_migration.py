"""Places that were there before they could be searched are found after the migration."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from service.ops.migrate import migrate
from service.records.engine import driver_url
from tests.conftest import make_database
from tests.places.kit import handles
from tests.village import World

HAMLET = """
    WITH province AS (INSERT INTO areas (kind, code, title, name, name_key)
                      VALUES ('province', '04', 'Tỉnh', 'Cao Bằng', 'cao bang') RETURNING id),
         commune AS (INSERT INTO areas (kind, code, title, name, name_key, parent_id)
                     SELECT 'commune', '01654', 'Xã', 'Hòa An', 'hoa an', id FROM province
                     RETURNING id)
    INSERT INTO areas (kind, code, title, name, name_key, parent_id)
    SELECT 'hamlet', '00018', 'Xóm', 'Cốc Phia (Trên)', 'coc phia (tren', id FROM commune
"""


def test_what_was_there_is_found_even_mistyped(servers: dict[str, str], worker_id: str) -> None:
    url = make_database(servers["postgres"], f"caunoi_before_{worker_id}", "template0")
    migrate(url, "0001")
    engine = create_engine(driver_url(url))
    with engine.begin() as connection:
        connection.execute(text(HAMLET))
    engine.dispose()
    migrate(url)
    world = World(url)
    for typed in ("coc phia", "phia", "cocphia hoa an", "cocs phia", "coc phja tren"):
        assert handles(world, typed) == ["00018"], typed
    world.close()
