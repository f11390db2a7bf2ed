"""Ends a process the hard way in the moment in which a document of some title is in some state, and prints the state it was left in.

Arguments: the database, the title, the state, the process. It gives up when the document is done.
"""
import os
import signal
import sqlite3
import sys
import time

path, title, wanted, process = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)


def state():
    row = database.execute("SELECT record ->> '$.state.state' FROM sources WHERE record ->> '$.title' = ?", (title,)).fetchone()
    return row and row[0]


print("watching", flush=True)
until = time.monotonic() + 120
while time.monotonic() < until:
    now = state()
    if now == wanted:
        os.kill(process, signal.SIGKILL)
        break
    if now in ("ready", "failed"):
        break
    time.sleep(0.0005)
print(state(), flush=True)
