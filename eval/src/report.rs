//! The figures as a table for people.

use std::fmt::Write as _;

use crate::answers::Answered;
use crate::citing::{self, Cited, Wording};
use crate::retrieval::Both;
use crate::set::{Form, Text};
use crate::way::Way;

/// One way of searching in one database.
pub struct Line {
    /// The database.
    pub store: &'static str,
    /// The way.
    pub way: Way,
    /// What was found.
    pub found: Both,
    /// What was answered.
    pub answered: Answered,
}

/// How large the set is.
pub fn size(texts: &[Text]) -> String {
    let talks = texts.iter().filter(|text| matches!(text.form, Form::Talk(_))).count();
    let all = texts.iter().map(|text| text.questions.len()).sum::<usize>();
    let answerable = texts.iter().flat_map(|text| &text.questions).filter(|question| question.is_answerable()).count();
    format!(
        "{} texts, {talks} of them spoken and recognised; {all} questions, {} of them without an answer in any text",
        texts.len(),
        all - answerable
    )
}

/// Both tables, in Markdown.
pub fn tables(lines: &[Line]) -> String {
    let mut out = String::new();
    out.push_str("| passages found | | hit@1 | hit@5 | MRR | hit@1, speech | hit@5, speech | MRR, speech |\n");
    out.push_str("| --- | --- | --: | --: | --: | --: | --: | --: |\n");
    for Line { store, way, found: Both { books, talks }, .. } in lines {
        let [a, b, c] = [books.hit_1(), books.hit_5(), books.mrr()];
        let [d, e, f] = [talks.hit_1(), talks.hit_5(), talks.mrr()];
        let _ = writeln!(out, "| {store} | {} | {a:.3} | {b:.3} | {c:.3} | {d:.3} | {e:.3} | {f:.3} |", way.name());
    }
    out.push_str(
        "\n| answers | | are it word for word | hold it word for word | F1 | F1 of those answered | citations right | on their page | page holds the answer | support cited | refused rightly | refused wrongly |\n",
    );
    out.push_str("| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n");
    for Line { store, way, answered: a, .. } in lines {
        let (equal, exact) = (Answered::share(a.equal, a.answerable), Answered::share(a.exact, a.answerable));
        let (precision, recall) = (Answered::share(a.supported, a.citations), Answered::share(a.cited, a.supports));
        let (standing, on_page) = (Answered::share(a.standing, a.opened), Answered::share(a.on_page, a.opened));
        let (refused, wrongly) = (Answered::share(a.refused, a.unanswerable), 1.0 - Answered::share(a.answered, a.answerable));
        let (f1, answered) = (a.mean_f1(), a.f1 / a.answered.max(1) as f64);
        let name = way.name();
        let _ = writeln!(
            out,
            "| {store} | {name} | {equal:.3} | {exact:.3} | {f1:.3} | {answered:.3} | {precision:.3} | {standing:.3} | {on_page:.3} | {recall:.3} | {refused:.3} | {wrongly:.3} |"
        );
    }
    out
}

/// What becomes of citations that a passage holds, and of others.
pub fn citations(found: &[(Wording, citing::Both)]) -> String {
    let mut out = String::from("| claimed | kept of right ones | dropped of wrong ones | kept, speech | dropped, speech |\n");
    out.push_str("| --- | --: | --: | --: | --: |\n");
    for (wording, citing::Both { books, talks }) in found {
        let shares = |cited: &Cited| (Answered::share(cited.kept, cited.right), Answered::share(cited.dropped, cited.wrong));
        let ((a, b), (c, d)) = (shares(books), shares(talks));
        let _ = writeln!(out, "| {} | {a:.3} | {b:.3} | {c:.3} | {d:.3} |", wording.name());
    }
    out
}

/// What each share of the words in the order brings.
pub fn sweep(found: &[(f32, Both)]) -> String {
    let mut out = String::from("| share of the words | hit@1 | hit@5 | MRR | hit@1, speech | hit@5, speech | MRR, speech |\n");
    out.push_str("| --: | --: | --: | --: | --: | --: | --: |\n");
    for (share, Both { books, talks }) in found {
        let [a, b, c] = [books.hit_1(), books.hit_5(), books.mrr()];
        let [d, e, f] = [talks.hit_1(), talks.hit_5(), talks.mrr()];
        let _ = writeln!(out, "| {share:.1} | {a:.3} | {b:.3} | {c:.3} | {d:.3} | {e:.3} | {f:.3} |");
    }
    out
}
