"""An exact comparison of vectors of 384 numbers, `search.py HOW_MANY`, one question at a time: prints p50 and p95 in milliseconds."""

import json
import sys
import time

import numpy

rng = numpy.random.default_rng(7)
library = rng.standard_normal((int(sys.argv[1]), 384), dtype=numpy.float32)
library /= numpy.linalg.norm(library, axis=1, keepdims=True)
times = []
for _ in range(100):
    question = rng.standard_normal(384, dtype=numpy.float32)
    begun = time.perf_counter()
    scores = library @ question
    best = numpy.argpartition(scores, -10)[-10:]
    best[numpy.argsort(scores[best])]
    times.append((time.perf_counter() - begun) * 1000)
times.sort()
print(json.dumps({"p50": times[50], "p95": times[95]}))
