"""A WebSocket server that only keeps its connections open: prints its port as JSON, and ends with its standard input."""

import asyncio
import json
import sys

from websockets.asyncio.server import serve


async def main():
    async def keep(connection):
        await connection.wait_closed()

    async with serve(keep, "127.0.0.1", 0, max_size=131072) as server:
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
