"""The same turn as a pipeline of asyncio tasks with engines that answer at once: prints p50 and p99 in milliseconds."""

import asyncio
import json
import time

STUDENTS, TURNS, THINKING = 200, 50, 0.040
PASSAGE = "The chain rule says that slopes multiply."


async def write(events, pieces):
    for word in PASSAGE.split(" "):
        await events.put(("wrote", word + " "))
    await events.put(("cited", PASSAGE))
    await pieces.put(PASSAGE)
    await pieces.put(None)


async def speak(events, pieces):
    while (piece := await pieces.get()) is not None:
        await events.put(("spoke", bytes(3200), piece))


async def run(events):
    await events.put(("retrieved",))
    pieces = asyncio.Queue(256)
    await asyncio.gather(write(events, pieces), speak(events, pieces))
    await events.put(None)


async def student(number, times):
    for turn in range(TURNS):
        spread = (number * 7919 + turn * 104729) % 1000
        await asyncio.sleep(THINKING * 2 * spread / 1000)
        begun = time.perf_counter()
        events = asyncio.Queue(16)
        work = asyncio.create_task(run(events))
        while await events.get() is not None:
            pass
        await work
        times.append((time.perf_counter() - begun) * 1000)


async def main():
    times = []
    await asyncio.gather(*(student(n, times) for n in range(STUDENTS)))
    times.sort()
    print(json.dumps({"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100]}))


asyncio.run(main())
