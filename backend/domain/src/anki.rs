//! A pack as a text that Anki imports: a line for each card with its question, its answer, and tags.

use std::collections::HashMap;

use crate::citation::Citation;
use crate::pack::CardSeen;
use crate::source::Source;

/// How Anki is to read the lines below; it has taken these words since its version 2.1.54.
const HEAD: &str = "#separator:tab\n#html:true\n#tags column:3\n";

/// Writes a pack down. `titles` are those of what its cards cite; what has none is told by its place alone.
pub fn text(title: &str, cards: &[CardSeen], titles: &HashMap<Source, String>) -> String {
    let tags = format!("synapscribe {}", tag(title));
    let mut out = HEAD.to_owned();
    for CardSeen { card, .. } in cards {
        let cited: String = card.citations.iter().map(|one| cited(one, titles)).collect();
        let parted = if cited.is_empty() { "" } else { "<br>" };
        out.push_str(&format!("{}\t{}{parted}{cited}\t{tags}\n", escaped(&card.question), escaped(&card.answer)));
    }
    out
}

fn cited(citation: &Citation, titles: &HashMap<Source, String>) -> String {
    let title = titles.get(&citation.source).map(|title| format!("{}, ", escaped(title))).unwrap_or_default();
    let excerpt = citation.excerpt.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("<br><small>[{}] {title}{}: “{}”</small>", citation.number, citation.spot, escaped(&excerpt))
}

/// Text of one field. Marks of quotation would begin a field that ends at the next one, and a line that begins with `#` is a remark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '#' if at == 0 => out.push_str("&#35;"),
            '\n' => out.push_str("<br>"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A title as one tag: Anki takes spaces for the ends of tags, and `::` for a tag within another.
fn tag(title: &str) -> String {
    let words = title.replace("::", ":");
    words.split_whitespace().collect::<Vec<_>>().join("_").replace('"', "'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{LectureId, PassageId};
    use crate::pack::{Card, CardId};
    use crate::passage::{Pages, Spot};
    use crate::time::{Millis, Span, Timestamp};

    #[test]
    fn a_card_is_one_line_of_three_fields_whatever_is_written_on_it() {
        let lecture = LectureId::parse("l").unwrap();
        let cited = |number, spot| Citation {
            number,
            source: (&lecture).into(),
            passage: PassageId::of(&lecture, 0),
            spot,
            excerpt: "slopes\tmultiply".into(),
            score: 1.0,
        };
        let kept = Card {
            id: CardId::parse("c").unwrap(),
            question: "#1: is \"a<b\"\tso?".into(),
            answer: "Yes & no:\nsee [1].".into(),
            citations: vec![
                cited(1, Spot::Said(Span::new(Millis(65_000), Millis(70_000)))),
                cited(2, Spot::Printed(Pages::one(3))),
            ],
            quoted: false,
            kept: Timestamp(1),
        };
        let cards = [
            CardSeen { card: kept.clone(), withheld: 0 },
            CardSeen { card: Card { question: "Why?".into(), answer: "So.".into(), citations: Vec::new(), ..kept }, withheld: 1 },
        ];
        let titles = HashMap::from([((&lecture).into(), "Week <3>".to_owned())]);
        let expected = "#separator:tab\n#html:true\n#tags column:3\n\
            &#35;1: is &quot;a&lt;b&quot; so?\tYes &amp; no:<br>see [1].<br>\
            <br><small>[1] Week &lt;3&gt;, 1:05–1:10: “slopes multiply”</small>\
            <br><small>[2] Week &lt;3&gt;, page 3: “slopes multiply”</small>\tsynapscribe The_chain_rule\n\
            Why?\tSo.\tsynapscribe The_chain_rule\n";
        assert_eq!(text("The chain  rule", &cards, &titles), expected);
        assert_eq!(tag(" a::b \"c\""), "a:b_'c'");
    }
}
