"""The same book by PyMuPDF and sentence-transformers: `embedding.py FILE MODEL` reads every page, cuts the text into passages as long as
ours and finds what each means. Prints the seconds, of which reading and cutting took how many, and the passages."""

import json
import re
import sys
import time

import pymupdf
from sentence_transformers import SentenceTransformer, models

# The sizes of backend/domain/src/document/chunker.rs, and the tokens that our own model reads of a passage.
TARGET, MOST, OVERLAP, TOKENS = 600, 900, 200, 256


def passages(sentences):
    waiting = []
    for sentence in sentences:
        size = sum(len(one) + 1 for one in waiting)
        if waiting and (size >= TARGET or size + len(sentence) > MOST):
            yield " ".join(waiting)
            waiting = waiting[-1:] if len(waiting) > 1 and len(waiting[-1]) < OVERLAP else []
        waiting.append(sentence)
    if waiting:
        yield " ".join(waiting)


# As a library that is at hand: neither starting Python nor reading the weights is counted.
reader = models.Transformer(sys.argv[2], max_seq_length=TOKENS)
model = SentenceTransformer(modules=[reader, models.Pooling(reader.get_word_embedding_dimension())], device="cpu")
model.encode(["warm"])

begun = time.perf_counter()
blocks = (block[4] for page in pymupdf.open(sys.argv[1]) for block in page.get_text("blocks", sort=True))
text = " ".join(" ".join(blocks).split())
cut = list(passages(re.split(r"(?<=[.!?]) ", text)))
read = time.perf_counter() - begun
model.encode(cut, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
print(json.dumps({"seconds": time.perf_counter() - begun, "read": read, "passages": len(cut)}))
