"""A stock WebSocket client: guest credentials by boto3, a signed address by botocore, a connection by `websockets`.

Every line of standard input goes out as one message; every message that comes in goes to standard output. A line
that begins with `@` is a command: `@close` ends the connection, `@big N` sends a message of N bytes in one frame,
`@parts N SIZE` one message in N frames of SIZE bytes, `@play FILE` a WAV file as a microphone brings it, in frames of a
tenth of a second, and then silence. Sound that comes in is told by its length: `{"type": "#sound", "bytes": N}`.
When the connection ends, the last line says so: `#closed CODE REASON`.
"""

import asyncio
import json
import sys
import urllib.request
import wave

import boto3
import websockets
from botocore import UNSIGNED
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials


def guest(discovery, identity):
    cognito = boto3.client(
        "cognito-identity",
        region_name=discovery["region"],
        endpoint_url=discovery["cognitoEndpoint"],
        config=Config(signature_version=UNSIGNED),
    )
    identity = identity or cognito.get_id(IdentityPoolId=discovery["identityPoolId"])["IdentityId"]
    issued = cognito.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    return identity, Credentials(issued["AccessKeyId"], issued["SecretKey"], issued["SessionToken"])


def signed(discovery, credentials, path):
    url = discovery["websocketUrl"].replace("ws", "http", 1) + path
    request = AWSRequest(method="GET", url=url)
    SigV4QueryAuth(credentials, "execute-api", discovery["region"], expires=300).add_auth(request)
    return request.url.replace("http", "ws", 1)


def spoken(file, tenths):
    """The file in frames of a tenth of a second, with so many of silence behind it."""
    with wave.open(file) as sound:
        tenth = sound.getframerate() // 10
        while frame := sound.readframes(tenth):
            yield frame
    for _ in range(tenths):
        yield bytes(2 * tenth)


async def talk(url):
    async with websockets.connect(url, max_size=None, ping_interval=None) as socket:
        loop = asyncio.get_running_loop()

        async def hear():
            try:
                async for message in socket:
                    if isinstance(message, bytes):
                        message = json.dumps({"type": "#sound", "bytes": len(message)})
                    print(message, flush=True)
            except websockets.ConnectionClosed:
                pass
            print(f"#closed {socket.close_code} {socket.close_reason}", flush=True)

        hearing = asyncio.create_task(hear())
        while True:
            line = await loop.run_in_executor(None, sys.stdin.readline)
            line = line.rstrip("\n")
            if not line or line == "@close":
                break
            if line.startswith("@big "):
                line = '{"type":"ping","pad":"' + "x" * int(line[5:]) + '"}'
            if line.startswith("@parts "):
                count, size = map(int, line.split()[1:])
                text = '{"type":"ping","pad":"' + "x" * (count * size - 24) + '"}'
                line = [text[n * size : (n + 1) * size] for n in range(count)]
            try:
                if isinstance(line, str) and line.startswith("@play "):
                    for frame in spoken(line[6:], 15):
                        await socket.send(frame)
                        await asyncio.sleep(0.1)
                else:
                    await socket.send(line)
            except websockets.ConnectionClosed:
                break
        await socket.close()
        await hearing


def main():
    server, path, identity = (sys.argv[1:] + ["", ""])[:3]
    with urllib.request.urlopen(server + "/.well-known/synapscribe.json") as answer:
        discovery = json.load(answer)
    identity, credentials = guest(discovery, identity)
    print(json.dumps({"identity": identity}), flush=True)
    asyncio.run(talk(signed(discovery, credentials, path)))


main()
