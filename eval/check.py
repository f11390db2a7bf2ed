#!/usr/bin/env python3
"""Checks the question set of the retrieval measurement: `python3 eval/check.py [-v] [NAME ...]`.

Every text in `eval/books` and `eval/talks` has its questions in `eval/questions`. A truth that is not in its text would make
every later figure a lie, so the support must stand verbatim in the text, and the answer inside the support.
With `-v` it also prints the paraphrased share of each file and the questions that lean on the text's own words.
"""
import json
import pathlib
import re
import sys
from collections import Counter

HERE = pathlib.Path(__file__).parent
KINDS = set("definition why how list number when where who difference example yes-no sequence comparison consequence".split())
FIELDS = {"ask", "kind", "answers", "support", "hard"}
# Words that carry no subject: they do not count as the "main words" of a question.
STOP = set("""a about after all also an and any are as at be because been before being between both but by can come could
did do does doesn don each ever for from get give go goes got had has have he her his how i if in into is isn it its just
know like ll make many me mean more most much my name need no not of on once one only or other our out over people please
really s same say she should so some such t tell than that the their them then there these they thing things this those
to too two up us use used was we were what when where which who whose why will with would you your actually again always
anything call called exactly explain happen happens kind long often old per still take takes work works m re ve one's
example difference list reason""".split())


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def stem(word: str) -> str:
    for end in ("ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "ly", "s", "e", "y"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word


def main_words(text: str) -> set:
    return {stem(w) for w in re.findall(r"[a-z0-9]+", text.lower().replace("'", " ")) if w not in STOP}


def overlap(question: dict) -> float:
    """The share of the question's main words that its support uses too."""
    asked = main_words(question["ask"])
    return len(asked & main_words(" ".join(question["support"]))) / max(1, len(asked))


def check_text(raw: str, bad) -> None:
    words, heads = len(raw.split()), len(re.findall(r"^## ", raw, re.M))
    if not raw.startswith("# "):
        bad("the text does not begin with a # title")
    if not 900 <= words <= 1400:
        bad(f"the text has {words} words, not 900 to 1,400")
    # A spoken text has no headings at all; a book-like one has three to six sections.
    if heads and not 3 <= heads <= 6:
        bad(f"the text has {heads} sections, not 3 to 6")


def check_question(question: dict, text: str, bad) -> None:
    ask = question.get("ask", "")
    if set(question) != FIELDS:
        return bad(f"fields {sorted(question)}: {ask}")
    if question["kind"] not in KINDS:
        bad(f"unknown kind {question['kind']}: {ask}")
    if not isinstance(question["hard"], bool):
        bad(f"hard is neither true nor false: {ask}")
    if bool(question["answers"]) != bool(question["support"]):
        bad(f"answers without support, or support without answers: {ask}")
    for sentence in question["support"]:
        if flat(sentence) not in text:
            bad(f"support is not verbatim: {ask}\n      {sentence}")
        if re.search(r"[*_`]|\]\(", sentence):
            bad(f"support holds mark-up, which an extractor takes away: {ask}")
    if question["answers"] and not any(flat(question["answers"][0]) in flat(s) for s in question["support"]):
        bad(f"the first answer is in no support sentence: {ask}\n      {question['answers'][0]}")
    if len(set(question["answers"])) != len(question["answers"]):
        bad(f"an answer stands twice: {ask}")


def main() -> int:
    args = [a for a in sys.argv[1:] if a != "-v"]
    wordy, faults, seen, kinds, total = "-v" in sys.argv, [], {}, Counter(), Counter()
    texts = {p.stem: p for kind in ("books", "talks") for p in sorted((HERE / kind).glob("*.md"))}
    files = {p.stem: p for p in sorted((HERE / "questions").glob("*.json"))}
    for name in sorted(set(texts) ^ set(files)):
        faults.append(f"{name}: a text without questions, or questions without a text")
    for name in sorted(set(texts) & set(files)):
        if args and name not in args:
            continue

        def bad(what, name=name):
            faults.append(f"{name}: {what}")

        raw = texts[name].read_text(encoding="utf-8")
        check_text(raw, bad)
        try:
            questions = json.loads(files[name].read_text(encoding="utf-8"))
        except ValueError as e:
            bad(f"not JSON: {e}")
            continue
        for question in questions:
            check_question(question, flat(raw), bad)
            key = flat(question["ask"]).lower()
            if key in seen:
                bad(f"asked twice (also in {seen[key]}): {question['ask']}")
            seen[key] = name
            kinds[question["kind"]] += 1
        known = [q for q in questions if q["support"]]
        lean = [q for q in known if overlap(q) > 0.34]
        hard = sum(q["hard"] for q in questions)
        if len(questions) < 12 or len(known) < 9 or len(questions) - len(known) < 2:
            bad(f"{len(known)} answerable and {len(questions) - len(known)} unanswerable questions are too few")
        if 2 * len(lean) > len(known):
            bad(f"{len(lean)} of {len(known)} questions lean on the words of their answer's sentence")
        if len({q["kind"] for q in questions}) < 6:
            bad("fewer than six kinds of question")
        total.update(texts=1, questions=len(questions), answerable=len(known), hard=hard, paraphrased=len(known) - len(lean))
        if wordy:
            print(f"{name}: {len(raw.split())} words, {len(known)}+{len(questions) - len(known)} questions, {hard} hard, {len(lean)} lean")
            for q in lean:
                print(f"   {overlap(q):.2f} {q['ask']}")
    print(", ".join(f"{n} {k}" for k, n in total.items()))
    print(", ".join(f"{k} {n}" for k, n in kinds.most_common()))
    for fault in faults:
        print("FAULT", fault)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
