"""The nonces that clients draw, over forks, processes, threads and tasks."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

DRAW = """
import asyncio, concurrent.futures, multiprocessing, os, sys
from oauth1_core import generate_nonce

def draw(count):
    return [generate_nonce() for _ in range(count)]

def main():
    how, workers, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    draw(10)  # whatever a generator keeps, it has it before it is copied
    if how == "asyncio":
        async def task():
            return [(generate_nonce(), await asyncio.sleep(0))[0] for _ in range(count)]
        async def tasks():
            return await asyncio.gather(*[task() for _ in range(workers)])
        drawn = asyncio.run(tasks())
    elif how == "threads":
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            drawn = list(pool.map(draw, [count] * workers))
    else:
        with multiprocessing.get_context(how).Pool(workers) as pool:
            drawn = pool.map(draw, [count] * workers, chunksize=1)
    print(len({nonce for each in drawn for nonce in each}))

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("how", ["fork", "spawn", "threads", "asyncio"])
def test_no_nonce_is_drawn_twice(how, tmp_path, size, report):
    script, workers, count = tmp_path / "draw.py", 8, size(2000, 125000)
    script.write_text(DRAW, encoding="ascii")
    command = [sys.executable, str(script), how, str(workers), str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=600)
    repeats = workers * count - int(done.stdout)
    report("L20", f"{how}: {workers} x {count:,} client nonces", "0 repeats", f"{repeats} repeats", not repeats)
    assert not repeats
