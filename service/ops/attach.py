from __future__ import annotations

from service.ops.embedded_postgres import EmbeddedPostgres
from service.ops.embedded_valkey import EmbeddedValkey
from service.ops.home import Home
from service.settings import Settings


def attached(settings: Settings) -> Settings:
    """Complete the settings for a command that runs beside `caunoi up`.

    Secrets come from CAUNOI_HOME; an empty DATABASE_URL or REDIS_URL becomes the address of the
    embedded server there, whether or not it runs at the moment. Raises StartError.
    """
    home = Home(settings.caunoi_home)
    completed = home.completed(settings)
    return completed.model_copy(
        update={
            "database_url": settings.database_url or EmbeddedPostgres(home.postgres).plain_url,
            "redis_url": settings.redis_url or EmbeddedValkey(home.valkey).url,
        }
    )
