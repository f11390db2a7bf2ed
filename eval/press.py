"""Sets a text of the question set as a PDF of small pages, as a publisher would: `python3 eval/press.py TEXT.md BOOK.pdf`."""
import json
import pathlib
import re
import sys

import typst

PAPER = """
#set page(paper: "a5", margin: 18mm, numbering: "1", header: context { if here().page() > 1 [#emph(%s)] })
#set text(size: 10pt, lang: "en", hyphenate: true)
#set par(justify: true)
"""


def plain(text: str) -> str:
    return re.sub(r"[*_`]", "", " ".join(text.split()))


def quoted(text: str) -> str:
    """As typst writes strings, which is as JSON does, but for letters beyond ASCII."""
    return json.dumps(text, ensure_ascii=False)


def block(text: str) -> str:
    lines = text.splitlines()
    if heading := re.match(r"(#+) (.*)", lines[0]):
        rest = "\n".join(lines[1:]).strip()
        return f"#heading(level: {len(heading[1])}, {quoted(plain(heading[2]))})\n" + (block(rest) if rest else "")
    if lines[0].startswith("|"):
        rows = [[plain(cell) for cell in line.strip("| ").split("|")] for line in lines if not re.fullmatch(r"[|\s:-]+", line)]
        cells = ", ".join(quoted(cell) for row in rows for cell in row)
        return f"#table(columns: {len(rows[0])}, {cells})\n"
    if re.match(r"- |[0-9]+\. ", lines[0]):
        items = [plain(re.sub(r"^(- |[0-9]+\. )", "", line)) for line in lines]
        return f"#{'list' if lines[0].startswith('-') else 'enum'}({', '.join(quoted(item) for item in items)})\n"
    return f"#par({quoted(plain(text))})\n"


text, book = map(pathlib.Path, sys.argv[1:])
written = text.read_text(encoding="utf-8").strip()
title = quoted(plain(written.splitlines()[0].lstrip("# ")))
source = PAPER % title + "".join(block(part) for part in re.split(r"\n{2,}", written))
sheet = book.with_suffix(".typ")
sheet.write_text(source, encoding="utf-8")
typst.compile(str(sheet), output=str(book))
