"""What accounts do, the plain way in Python: an RS256 access token checked by joserfc, and a password compared by Argon2id of OpenSSL
at the same cost, one after the other and fifty at once in threads. Prints medians, and the memory that the fifty took. Both libraries
come with moto."""

import asyncio
import json
import resource
import time

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from joserfc import jwt
from joserfc.jwk import RSAKey

PASSWORD = b"tide pools at noon"
SALT = bytes(16)


def median(times):
    return sorted(times)[len(times) // 2]


def timed(work, tries, unit):
    times = []
    for _ in range(tries):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * unit)
    return median(times)


def resident_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:"))


key = RSAKey.generate_key(2048)
now = int(time.time())
claims = {"iss": "https://study.example", "aud": "synapscribe", "sub": "a", "iat": now, "nbf": now, "exp": now + 900}
token = jwt.encode({"alg": "RS256", "kid": "k"}, claims, key)
registry = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": "https://study.example"}, aud={"essential": True, "value": "synapscribe"}, exp={"essential": True}
)


def check():
    registry.validate(jwt.decode(token, key, algorithms=["RS256"]).claims)


def argon2():
    return Argon2id(salt=SALT, length=32, iterations=1, lanes=1, memory_cost=46 * 1024)


KEPT = argon2().derive(PASSWORD)


def compare():
    argon2().verify(PASSWORD, KEPT)


async def fifty():
    await asyncio.gather(*(asyncio.to_thread(compare) for _ in range(50)))


compare()
before = resident_mb()
asyncio.run(fifty())
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
said = {"memory_mb": most - before, "login_ms": timed(compare, 20, 1e3), "check_us": timed(check, 2000, 1e6)}
print(json.dumps(said))
