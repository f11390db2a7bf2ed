"""Writes a book of the texts of `eval/books` as a PDF: `book.py FILE PAGES SEED`. Sentences are in another order in each chapter, so
that no two pages are alike, and headings, a running head and page numbers are there as in a real one."""

import pathlib
import random
import re
import sys

import pymupdf

path, pages, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
lot = random.Random(seed)
texts = sorted((pathlib.Path(__file__).parents[2] / "eval" / "books").glob("*.md"))
sentences = [
    sentence
    for text in texts
    for line in text.read_text().splitlines()
    if line and not line.startswith("#")
    for sentence in re.split(r"(?<=[.!?]) ", line)
]
book = pymupdf.open()
for number in range(1, pages + 1):
    page = book.new_page()
    page.insert_text((72, 40), f"A course in many subjects, volume {seed}", fontsize=8)
    page.insert_text((290, 815), str(number), fontsize=8)
    top = 72
    if number % 10 == 1:
        page.insert_text((72, 90), f"Chapter {number // 10 + 1} of volume {seed}", fontsize=18)
        top = 120
    words = []
    while len(words) < 380:
        words += lot.choice(sentences).split()
    left = page.insert_textbox((72, top, 523, 800), " ".join(words), fontsize=10.5, align=pymupdf.TEXT_ALIGN_LEFT)
    assert left >= 0, "a page holds its words"
book.save(path, deflate=True)
