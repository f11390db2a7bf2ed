"""Learns the weights of the built-in tutor from what `synapscribe-eval learn` prints, and tells how well they do on texts that they
were not learned from. Needs numpy and scipy.

    synapscribe-eval learn > lessons.jsonl
    python eval/learn.py lessons.jsonl > backend/adapters/engines/src/extractive/weights.rs

The figures go to the standard error. A text is never judged by weights that were learned from its own questions: the texts are left
out ninth by ninth, in five partitions. `signs.rs` tells what the numbers of a sentence are.
"""

import json
import sys

import numpy as np
from scipy.optimize import minimize

PARTS, PARTITIONS = 9, 5
# How strongly weights are held near nothing.
HOLD_WORTH, HOLD_CERTAIN = 40.0, 25.0
# What a question without an answer counts, and one whose best sentence is another than the right one.
UNANSWERABLE, WRONG = 2.0, 0.3
BARS = [(-0.25, 0.15), (-0.1, 0.15), (0.0, 0.15), (0.25, 0.1)]
TAKEN = (-0.25, 0.15)
WHOLE, CUES, CUED = 6, 21, 8
CONTEXT, RULES = 8, 9
ALSO = [*range(17), 31]


def rank(cases):
    """The weights by which the sentences that hold the answer come first."""
    cases = [case for case in cases if case["answerable"] and case["right"].any()]
    rows = np.concatenate([case["signs"] for case in cases])
    mean, spread = rows.mean(0), rows.std(0) + 1e-6
    scaled = [(case["signs"] - mean) / spread for case in cases]

    def loss(weights):
        value, slope = HOLD_WORTH / 2 * weights @ weights, HOLD_WORTH * weights
        for case, signs in zip(cases, scaled):
            risen = np.exp((scores := signs @ weights) - scores.max())
            good = risen * case["right"]
            value += np.log(risen.sum()) - np.log(good.sum() + 1e-12)
            slope = slope + (risen / risen.sum() - good / (good.sum() + 1e-12)) @ signs
        return value, slope

    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 80})
    return found.x / spread


def certain(rows, holds, counts):
    """The weights and the base by which an answer is likely."""
    rows, holds, counts = np.array(rows), np.array(holds, float), np.array(counts, float)
    mean, spread = rows.mean(0), rows.std(0) + 1e-6
    scaled = np.c_[(rows - mean) / spread, np.ones(len(rows))]

    def loss(weights):
        scores, held = scaled @ weights, np.r_[weights[:-1], 0]
        slope = scaled.T @ (counts * (1 / (1 + np.exp(-scores)) - holds)) + HOLD_CERTAIN * held
        return (counts * (np.logaddexp(0, scores) - holds * scores)).sum() + HOLD_CERTAIN / 2 * held @ held, slope

    found = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
    weights = found[:-1] / spread
    return weights, found[-1] - weights @ mean


def assurance(case, worth, nth):
    """As `Evidence::assurance`."""
    signs, near, weights, strong = case["signs"], case["near"], case["weights"], case["strong"]
    shares, best, order = weights / max(weights.sum(), 1e-6), worth.max(), np.sort(worth)[::-1]
    most, own, wholes = near.max(0), near[nth], np.sort(signs[:, WHOLE])[::-1]
    missing, rare = strong[np.argmin(own[strong])], strong[np.argmax(weights[strong])]
    of_all = [
        np.log1p(len(own)), case["foreign"], wholes[0], wholes[:5].mean(), most[strong].min(), shares @ most, shares @ (most - own),
        (most - own)[strong].max(), weights[missing], shares @ (own < 0.45), shares @ (own < 0.6), own[rare], most[rare],
        float(signs[nth, CUES : CUES + CUED].any()),
    ]  # fmt: skip
    margin = min(order[0] - order[1], 5.0) if len(order) > 1 else 5.0
    first = [best, margin, 1 / np.exp(worth - best).sum(), max(worth[nth] - best, -8.0)]
    return np.array([*first, *signs[nth, ALSO], *of_all, *case["kinds"]])


def ruled(case):
    """The sentence that the rules chose."""
    score = case["signs"][:, RULES] + 0.9 * case["signs"][:, CONTEXT]
    return int(np.argmax(np.where(case["quoted"], score, score - 99)))


def heads(cases, worths, train):
    """What tells of the best sentence, and of that of the rules, whether it answers."""
    rows, holds, counts, ruled_rows, ruled_holds = [], [], [], [], []
    for at in np.flatnonzero(train):
        case, worth = cases[at], worths[at]
        best = int(worth.argmax())
        right = case["answerable"] and bool(case["right"][best])
        rows.append(assurance(case, worth, best))
        holds.append(right)
        counts.append(1.0 if right else WRONG if case["answerable"] else UNANSWERABLE)
        if case["ruled"]:
            ruled_rows.append(assurance(case, worth, ruled(case)))
            ruled_holds.append(case["answerable"] and case["ruled_right"])
    return certain(rows, holds, counts), certain(ruled_rows, ruled_holds, np.ones(len(ruled_rows)))


def judged(cases, worths, likely, low, high):
    """Shares of the question set: refused rightly, wrongly, F1, answers right; and of the taught lectures: answered rightly, refused."""
    told = []
    for case, worth, (meant, worded) in zip(cases, worths, likely):
        best = int(worth.argmax())
        if case["ruled"] and worded >= low:
            told.append((True, case["ruled_f1"], case["ruled_right"]))
        else:
            told.append((meant >= high, case["f1"][best], bool(case["right"][best])))
    answered, f1, right = (np.array(column, float) for column in zip(*told))
    set_, answerable = np.array([not case["taught"] for case in cases]), np.array([case["answerable"] for case in cases])
    asked, taught = set_ & answerable, ~set_ & answerable
    return [
        1 - answered[set_ & ~answerable].mean(), 1 - answered[asked].mean(), (answered * f1)[asked].mean(),
        (answered * right)[asked].sum() / max(answered[asked].sum(), 1), (answered * right)[taught].mean(),
        1 - answered[~set_ & ~answerable].mean(),
    ]  # fmt: skip


def left_out(cases, seed):
    """What each sentence is worth, and the likelihoods, by weights that were learned from other texts."""
    names = sorted({case["text"] for case in cases})
    part = dict(zip(names, np.random.RandomState(seed).permutation(len(names)) % PARTS))
    parts = np.array([part[case["text"]] for case in cases])
    worths, likely = [None] * len(cases), [None] * len(cases)
    for one in range(PARTS):
        worth = rank([case for case, other in zip(cases, parts) if other != one])
        for at in np.flatnonzero(parts == one):
            worths[at] = cases[at]["signs"] @ worth
    for one in range(PARTS):
        meant, worded = heads(cases, worths, parts != one)
        for at in np.flatnonzero(parts == one):
            likely[at] = likelihoods(cases[at], worths[at], meant, worded)
    return worths, likely


def likelihoods(case, worth, meant, worded):
    of = lambda head, nth: float(assurance(case, worth, nth) @ head[0] + head[1])  # noqa: E731
    return of(meant, int(worth.argmax())), of(worded, ruled(case))


def tell(name, figures):
    names = "refused rightly", "wrongly", "F1", "answers right", "taught answered", "taught refused"
    print(f"{name}: " + ", ".join(f"{name} {value:.3f}" for name, value in zip(names, figures)), file=sys.stderr)


def table(values):
    return "[" + ", ".join(f"{value:.3f}" for value in values) + "]"


def main():
    cases = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8") if line.startswith("{")]
    for case in cases:
        case.update({name: np.array(case[name], float) for name in ("signs", "near", "weights", "f1")})
        case.update({name: np.array(case[name], bool) for name in ("right", "quoted")}, strong=np.array(case["strong"], int))
    partitions = [left_out(cases, seed) for seed in range(PARTITIONS)]
    for bars in BARS:
        tell(f"left out, bars {bars}", np.mean([judged(cases, *one, *bars) for one in partitions], axis=0))
    worth = rank(cases)
    # Likelihoods are learned from what sentences are worth where their text was left out, as texts are that nobody learned from.
    meant, worded = heads(cases, partitions[0][0], np.ones(len(cases), bool))
    worths = [case["signs"] @ worth for case in cases]
    likely = [likelihoods(case, one, meant, worded) for case, one in zip(cases, worths)]
    tell(f"learned from, bars {TAKEN}", judged(cases, worths, likely, *TAKEN))
    print(WRITTEN.format(low=TAKEN[0], high=TAKEN[1], worth=table(worth), meant=table(meant[0]), meant_base=f"{meant[1]:.3f}",
                         worded=table(worded[0]), worded_base=f"{worded[1]:.3f}"), end="")  # fmt: skip


WRITTEN = """//! What the signs of a sentence are worth, as `eval/learn.py` learned it; knows no sentence.

use super::signs::{{ASSURANCES, SIGNS, Signs}};

/// A sentence that has the question's words answers unless it is less likely than this,
pub(super) const WORDED_BAR: f32 = {low};
/// and one that was found by its meaning when it is as likely as this.
pub(super) const MEANT_BAR: f32 = {high};

/// What each sign counts.
const WORTH: [f32; SIGNS] = {worth};
/// What each assurance counts for the best sentence.
const MEANT: [f32; ASSURANCES] = {meant};
/// And where nothing speaks for it.
const MEANT_BASE: f32 = {meant_base};
/// What each assurance counts for a sentence that has the question's words.
const WORDED: [f32; ASSURANCES] = {worded};
/// And where nothing speaks for it.
const WORDED_BASE: f32 = {worded_base};

/// What a sentence is worth as an answer, beside others.
pub(super) fn worth(signs: &Signs) -> f32 {{
    sum(signs, &WORTH)
}}

/// How likely the best sentence answers; 0 is as likely as not.
pub(super) fn meant(assurance: &[f32; ASSURANCES]) -> f32 {{
    sum(assurance, &MEANT) + MEANT_BASE
}}

/// How likely a sentence answers that has the question's words.
pub(super) fn worded(assurance: &[f32; ASSURANCES]) -> f32 {{
    sum(assurance, &WORDED) + WORDED_BASE
}}

fn sum(signs: &[f32], weights: &[f32]) -> f32 {{
    signs.iter().zip(weights).map(|(sign, weight)| sign * weight).sum()
}}
"""

if __name__ == "__main__":
    main()
