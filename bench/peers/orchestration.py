"""The same turn as a pipeline of asyncio tasks whose engines only wait, which is taken off: prints p50 and p99 in milliseconds."""

import asyncio
import itertools
import json
import time

STUDENTS, TURNS, WAITING = 200, 50, 0.040
PASSAGE = "The chain rule says that slopes multiply."
asked = itertools.count()


async def write(events, pieces):
    began = time.perf_counter()
    await asyncio.sleep(WAITING * 2 * (next(asked) * 7919 % 1000) / 1000)
    waited = time.perf_counter() - began
    for word in PASSAGE.split(" "):
        await events.put(("wrote", word + " "))
    await events.put(("cited", PASSAGE))
    await pieces.put(PASSAGE)
    await pieces.put(None)
    return waited


async def speak(events, pieces):
    while (piece := await pieces.get()) is not None:
        await events.put(("spoke", bytes(3200), piece))


async def run(events):
    await events.put(("retrieved",))
    pieces = asyncio.Queue(256)
    waited, _ = await asyncio.gather(write(events, pieces), speak(events, pieces))
    await events.put(None)
    return waited


async def student(times):
    for _ in range(TURNS):
        begun = time.perf_counter()
        events = asyncio.Queue(16)
        work = asyncio.create_task(run(events))
        while await events.get() is not None:
            pass
        waited = await work
        times.append((time.perf_counter() - begun - waited) * 1000)


async def main():
    times = []
    await asyncio.gather(*(student(times) for _ in range(STUDENTS)))
    times.sort()
    print(json.dumps({"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100]}))


asyncio.run(main())
