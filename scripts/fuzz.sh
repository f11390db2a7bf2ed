#!/usr/bin/env bash
# Feeds every parser of outside bytes for a minute each: `fuzz.sh [SECONDS] [TARGET…]`. A crash is kept under fuzz/artifacts.
# It needs a C++ compiler and cargo-fuzz, which it builds; the address sanitizer is a nightly feature of rustc, so a stable
# compiler is told to allow those (RUSTC_BOOTSTRAP), for these programs alone.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/setup.sh test
find_cargo
tool cargo-fuzz 0.13.2

seconds="${1:-60}"
[ "$#" -gt 0 ] && shift
if [ "$#" -gt 0 ]; then targets=("$@"); else mapfile -t targets < <(sed -n 's/^name = "\([a-z_]*\)"$/\1/p' fuzz/Cargo.toml); fi

# Recordings to begin with: a second of sound in every container that is accepted.
seeds="$TARGET/fuzz-seeds/recording"
if [ ! -d "$seeds" ]; then
    say "making recordings to begin with"
    mkdir -p "$seeds.new"
    for name in a.wav a.mp3 a.flac a.ogg a.opus a.m4a a.webm; do
        ffmpeg -nostdin -loglevel error -f lavfi -i "sine=frequency=300:duration=1:sample_rate=48000" -y "$seeds.new/$name"
    done
    mv "$seeds.new" "$seeds"
fi

# And documents: a page of every kind.
documents="$TARGET/fuzz-seeds/document"
if [ ! -d "$documents" ]; then
    say "making documents to begin with"
    mkdir -p "$documents.new"
    (cd "$documents.new" && "$VENV/bin/python" - <<'PY')
import docx, pptx
from ebooklib import epub
from fpdf import FPDF
book = FPDF()
book.add_page()
book.start_section("Tides")
book.set_font("helvetica", size=12)
book.multi_cell(0, 6, "The tide rises and falls.")
book.output("a.pdf")
word = docx.Document()
word.add_heading("Tides", 1)
word.add_table(rows=2, cols=2).cell(0, 0).text = "Port"
word.save("a.docx")
talk = pptx.Presentation()
talk.slides.add_slide(talk.slide_layouts[1]).shapes.title.text = "Tides"
talk.save("a.pptx")
novel = epub.EpubBook()
chapter = epub.EpubHtml(title="Tides", file_name="a.xhtml", content="<h1>Tides</h1><ul><li>ebb</li></ul>")
novel.add_item(chapter)
novel.toc, novel.spine = [chapter], [chapter]
novel.add_item(epub.EpubNav())
epub.write_epub("a.epub", novel)
PY
    printf '# Tides\n\n- ebb\n\n| a | b |\n|---|---|\n| 1 | 2 |\n' >"$documents.new/a.md"
    mv "$documents.new" "$documents"
fi

export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$TARGET/fuzz"
say "building the targets (ten minutes on two cores the first time; artefacts go to $CARGO_TARGET_DIR)"
cargo fuzz build
for target in "${targets[@]}"; do
    say "$target for $seconds s"
    corpus="$TARGET/fuzz-corpus/$target"
    mkdir -p "$corpus"
    given=()
    # Whatever can be measured can be decoded and played in parts, so all three begin with the same recordings.
    case "$target" in decoding | clip) kind=recording ;; *) kind=$target ;; esac
    for folder in "$ROOT/fuzz/seeds/$target" "$TARGET/fuzz-seeds/$kind"; do [ -d "$folder" ] && given+=("$folder"); done
    # A parser that takes more than ten seconds or two gigabytes for one input has failed as surely as one that panics.
    cargo fuzz run "$target" "$corpus" "${given[@]}" -- -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 2>&1 |
        grep -E 'panicked|ERROR|SUMMARY|stat::(number_of_executed_units|peak_rss_mb)|Test unit|^Done' ||
        fail "$target failed; the input is under fuzz/artifacts/$target"
done
say "all targets survived"
