"""A Valkey of a test's own, to be stopped, hung and searched."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from service.ops.embedded_valkey import EmbeddedValkey


@contextmanager
def own_valkey() -> Iterator[EmbeddedValkey]:
    """Run one in a folder of its own; wake it at the end if the test left it hanging."""
    folder = Path(tempfile.mkdtemp(prefix="caunoi-vk-", dir="/tmp"))
    valkey = EmbeddedValkey(folder, appendonly=False)
    valkey.start()
    try:
        yield valkey
    finally:
        with_process = valkey.process
        if with_process is not None and with_process.poll() is None:
            os.kill(with_process.pid, signal.SIGCONT)
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)


def hang(valkey: EmbeddedValkey) -> None:
    """Let it stand still: it takes connections and answers nothing."""
    assert valkey.process is not None
    os.kill(valkey.process.pid, signal.SIGSTOP)


def refused_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{probe.getsockname()[1]}/0"


def everything_in(url: str) -> bytes:
    """All keys and values, as one heap of bytes."""
    redis = Redis.from_url(url)
    heap = []
    for key in redis.scan_iter(count=1000):
        heap.append(key)
        heap.append(redis.dump(key) or b"")
        kind = redis.type(key)
        if kind == b"hash":
            heap += [part for pair in redis.hgetall(key).items() for part in pair]
        elif kind == b"list":
            heap += redis.lrange(key, 0, -1)
        elif kind == b"set":
            heap += list(redis.smembers(key))
        elif kind == b"zset":
            heap += redis.zrange(key, 0, -1)
        elif kind == b"string":
            heap.append(redis.get(key) or b"")
    redis.close()
    return b"\n".join(heap)
