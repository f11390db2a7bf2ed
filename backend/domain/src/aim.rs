//! What a question is after: a subject, the lecture as a whole, what was just said, or the page that is seen. Knows how such questions are worded and
//! nothing of any lecture.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::terms::{content_words, words};
use crate::time::Millis;

/// What a question is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Aim {
    /// A subject, which has to be looked for.
    #[default]
    Subject,
    /// The lecture as a whole.
    Overview,
    /// The lecture up to the playhead.
    SoFar,
    /// How the lecture begins.
    Beginning,
    /// How the lecture ends.
    Ending,
    /// What was said just before the playhead, once more.
    JustSaid,
    /// What was said just before the playhead, and what leads up to it.
    Explained,
    /// The page that is seen.
    Page,
}

/// What went on before a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Setting {
    /// Where in the lecture the student is.
    pub playhead: Option<Millis>,
    /// Whether something was asked and answered before.
    pub asked_before: bool,
    /// Where the student was then.
    pub playhead_before: Option<Millis>,
    /// The page that the student sees, in a document.
    pub page: Option<u32>,
}

/// Who has moved on by more than this has heard something else since.
const MOVED_MS: u64 = 5_000;

impl Aim {
    /// What a question is after. "What does that mean?" is about the last answer, unless the lecture was heard since.
    pub fn of(question: &str, setting: Setting) -> Self {
        let said = Said::of(question);
        if setting.page.is_some() && said.asks_for_the_page() {
            return Self::Page;
        }
        if said.names_a_subject() {
            return Self::Subject;
        }
        let answered = setting.asked_before && !setting.has_moved();
        // "How did it end?" may be about what was talked of before.
        if (said.names_the_lecture() || !answered) && !said.has(&["when", "what time"]) {
            if said.has(END) {
                return Self::Ending;
            }
            if said.has(START) {
                return Self::Beginning;
            }
        }
        if said.asks_again() {
            // Without the lecturer, and without a place, it is the answer that is wanted again.
            let of_the_answer = !said.has(LECTURER) && answered && setting.playhead.is_none();
            return if of_the_answer { Self::Subject } else { Self::JustSaid };
        }
        if said.asks_for_the_part() {
            return Self::Explained;
        }
        if said.asks_for_the_missed() {
            return if setting.playhead.is_some() { Self::SoFar } else { Self::Overview };
        }
        if said.asks_for_the_whole() {
            return Self::Overview;
        }
        match said.points_somewhere() && !answered {
            true if setting.page.is_some() => Self::Page,
            true => Self::Explained,
            false => Self::Subject,
        }
    }
}

impl Setting {
    fn has_moved(&self) -> bool {
        match (self.playhead_before, self.playhead) {
            (Some(before), Some(now)) => before.0.abs_diff(now.0) > MOVED_MS,
            (None, Some(_)) => true,
            (_, None) => false,
        }
    }
}

/// Whoever speaks in the lecture.
const LECTURER: &[&str] =
    &["she", "he", "they", "lecturer", "professor", "teacher", "speaker", "instructor", "tutor", "she's", "he's", "they're"];

/// Words for how a lecture ends, and begins.
const END: &[&str] =
    &["end", "ends", "ended", "ending", "conclude", "concludes", "concluded", "conclusion", "finish", "finishes"];
const START: &[&str] = &["begin", "begins", "began", "beginning", "start", "starts", "started", "opening", "introduction"];

/// Words that name no subject, beside those that no search looks for.
static NO_SUBJECT: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "lecture lectures video recording talk talked talking class lesson session course clip audio whole entire main key important \
     importantly major central basic basics essential point points idea ideas topic topics theme themes takeaway takeaways message \
     gist essence summary summaries summarize summarise summarized summarised summarizing summing sum recap overview outline brief \
     briefly short shortly quick quickly sentence sentences word words nutshell cover covered covers discuss discussed learn learned \
     learning learnt teach teaches taught explained explain explains content contents subject subjects tldr tl dr miss missed far \
     today list show want need know remember understand understood follow following catch caught hear heard general high level please hi \
     hello okay ok deal present presented presents speak speaking spoke telling tells told saying repeat repeated again last previous \
     recent part bit section minute minutes second seconds moment passage phrase statement slide once sorry pardon huh lost didn't \
     didn’t don't don’t couldn't couldn’t can't can’t what's what’s whats that's that’s it's it’s she's she’s he's he’s they're they’re \
     rewind back happen happened happening going begin beginning begins began start starts started opening introduction \
     end ends ended ending conclude concludes concluded conclusion finish finishes everything lecturer professor teacher speaker instructor tutor \
     concept concepts focus purpose goal objective objectives little quite really exactly actually basically thing things much highlight \
     highlights review refresh catch come came question answer way simple simpler terms different differently hey um uh well so aim i'm \
     i’m i've i’ve got getting get whatever clarify elaborate rephrase simply wait another time times stuff"
        .split_whitespace()
        .collect()
});

/// A question as its words.
struct Said {
    /// In lower case between spaces, so that whole words can be looked for.
    line: String,
    /// Words that name a subject.
    names: Vec<String>,
}

impl Said {
    fn of(question: &str) -> Self {
        let line = format!(" {} ", words(question).collect::<Vec<_>>().join(" ").replace(['‘', '’'], "'"));
        let names = content_words(question).into_iter().filter(|word| !NO_SUBJECT.contains(word.as_str())).collect();
        Self { line, names }
    }

    fn has(&self, any: &[&str]) -> bool {
        any.iter().any(|phrase| self.line.contains(&format!(" {phrase} ")))
    }

    fn names_a_subject(&self) -> bool {
        !self.names.is_empty()
    }

    fn asks_for_the_page(&self) -> bool {
        self.has(&["this page", "the page", "that page", "these pages"])
            && self.names.iter().all(|word| matches!(word.as_str(), "page" | "pages"))
    }

    fn names_the_lecture(&self) -> bool {
        self.has(LECTURER) || self.has(&["lecture", "video", "recording", "class", "lesson", "talk", "session", "today"])
    }

    fn asks_again(&self) -> bool {
        self.has(&[
            "repeat",
            "say that again",
            "say it again",
            "again please",
            "come again",
            "once more",
            "rewind",
            "one more time",
        ]) || self.has(&["pardon", "huh", "play that again", "hear that again", "what was that", "tell me that again"])
            || (self.has(LECTURER) && self.has(&["just"]) && self.has(&["said", "say", "saying", "told", "tell", "mentioned"]))
            || (self.has(LECTURER) && self.has(&["did", "was", "were"]) && self.has(&["say", "saying"]) && !self.has(&["far"]))
            || (self.has(&["just"]) && self.has(&["heard", "hear", "said", "happened", "miss", "missed"]))
            || (self.has(&["last", "previous"]) && self.has(&["say", "said", "hear", "what was"]))
            || (self.has(NEGATIONS) && self.has(&["catch", "hear"]))
    }

    fn asks_for_the_part(&self) -> bool {
        let part = [
            "part",
            "bit",
            "sentence",
            "point",
            "section",
            "minute",
            "minutes",
            "seconds",
            "passage",
            "statement",
            "thing",
            "slide",
        ];
        (self.has(&["last", "previous", "recent"]) && self.has(&part))
            || (self.has(LECTURER) && self.has(&["mean", "means", "meant", "meaning", "just"]))
            || (self.has(LECTURER) && self.has(&["talking about", "on about"]) && self.has(&["now", "here", "there"]))
            || self.has(&[
                "explain this part",
                "explain that part",
                "explain this bit",
                "explain that bit",
                "this part",
                "that part",
            ])
    }

    fn asks_for_the_missed(&self) -> bool {
        self.has(&["miss", "missed", "so far", "until now", "up to now", "up to here", "till now", "catch me up"])
    }

    fn asks_for_the_whole(&self) -> bool {
        let summary = [
            "summary",
            "summarize",
            "summarise",
            "summarized",
            "summarised",
            "sum",
            "overview",
            "outline",
            "recap",
            "gist",
            "tldr",
        ];
        let part = [
            "point",
            "points",
            "idea",
            "ideas",
            "topic",
            "topics",
            "theme",
            "themes",
            "message",
            "takeaway",
            "takeaways",
            "thing",
        ];
        let more = ["things", "concept", "concepts", "highlights", "highlight"];
        let weight = ["main", "key", "important", "major", "central", "basic", "essential", "what", "which", "list"];
        let lecture =
            ["lecture", "video", "recording", "class", "lesson", "talk", "session", "course", "today", "this", "it", "whole"];
        let does =
            ["cover", "covered", "covers", "learn", "discuss", "discussed", "teach", "taught", "present", "presented", "deal"];
        self.has(&summary)
            || self.has(&["tl dr", "takeaways", "takeaway", "nutshell", "essence"])
            || ((self.has(&part) || self.has(&more)) && self.has(&weight))
            || (self.has(&["what", "what's", "whats"]) && self.has(&lecture) && self.ends_about())
            || (self.has(&["what", "which"]) && self.has(&does))
            || (self.has(&["what is", "what's", "tell me about"])
                && self.has(&["this lecture", "the lecture", "this video", "the video"]))
            || (self.has(&["what", "tell", "explain"]) && self.has(&["whole", "everything", "entire"]))
    }

    /// Whether nothing is named behind "about".
    fn ends_about(&self) -> bool {
        let named = self.line.rsplit_once(" about ").map(|(_, behind)| behind.split_whitespace());
        let nothing = ["today", "exactly", "again", "please", "in", "general", "then", "actually", "here", "really"];
        named.is_some_and(|mut behind| behind.all(|word| nothing.contains(&word)))
    }

    /// Whether it points at something that was said, without a name for it.
    fn points_somewhere(&self) -> bool {
        let at = ["that", "this", "it", "that's", "what's that", "here"];
        (self.has(&at)
            && self.has(&["mean", "means", "explain", "clarify", "elaborate", "rephrase", "what is", "what's", "understand"]))
            || (self.has(NEGATIONS) && self.has(&["understand", "get", "follow", "know"]))
            || (self.has(&["lost", "explain", "understand"]) && self.line.split_whitespace().count() <= 4)
            || (self.has(&at) && self.line.split_whitespace().count() <= 3 && self.has(&["what", "what's", "whats"]))
            || self.has(&["what's going on", "what is going on", "simpler terms", "in other words"])
    }
}

const NEGATIONS: &[&str] = &["not", "didn't", "don't", "couldn't", "can't", "cannot", "never"];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(question: &str) -> Aim {
        Aim::of(question, Setting { playhead: Some(Millis(60_000)), ..Setting::default() })
    }

    #[test]
    fn questions_about_the_whole_are_told_from_those_about_a_subject() {
        for question in [
            "What is this lecture about?",
            "what's this about?",
            "What is it all about?",
            "Summarize this lecture.",
            "Can you summarise it please?",
            "Please sum up the lecture",
            "what are the main points?",
            "What are the key takeaways?",
            "Give me an overview",
            "give me a quick summary of the video",
            "tl;dr",
            "TLDR",
            "What will I learn?",
            "What does this lecture cover?",
            "what topics are covered?",
            "What is the main idea?",
            "the gist?",
            "What was the lecture about?",
        ] {
            assert_eq!(of(question), Aim::Overview, "{question}");
        }
        for question in [
            "What is the loss about?",
            "Summarize gradient descent",
            "What are the main points about overfitting?",
            "Give me an overview of the chain rule",
            "What about momentum?",
            "tell me more",
            "Why is that?",
            "what can be done about it?",
            "what do you know about it?",
            "give an example",
            "What is the key enzyme?",
            "What did she say about transformers?",
            "What did she mean by the chain rule?",
            "What is the last step of the cycle?",
            "Explain the chain rule again",
            "",
        ] {
            assert_eq!(of(question), Aim::Subject, "{question}");
        }
    }

    #[test]
    fn questions_about_what_was_just_said_are_understood_however_they_are_put() {
        for question in [
            "What did she just say?",
            "what did the professor just say",
            "What did he say?",
            "Can you repeat that?",
            "say that again please",
            "What was that?",
            "Pardon?",
            "I didn't catch that.",
            "I missed what she just said",
            "What did I just hear?",
        ] {
            assert_eq!(of(question), Aim::JustSaid, "{question}");
        }
        for question in [
            "What does that mean?",
            "Explain the last part.",
            "explain that",
            "Can you explain this?",
            "What does she mean?",
            "What did she mean by that?",
            "I don't understand.",
            "Sorry, I didn't get that.",
            "what is she talking about here?",
            "I'm lost",
            "what's that?",
            "Explain this part again",
        ] {
            assert_eq!(of(question), Aim::Explained, "{question}");
        }
        assert_eq!(of("What did I miss?"), Aim::SoFar);
        assert_eq!(of("summarize it so far"), Aim::SoFar);
        assert_eq!(Aim::of("What did I miss?", Setting::default()), Aim::Overview);
    }

    #[test]
    fn the_page_that_is_seen_is_meant_only_where_one_is_seen() {
        let seen = Setting { page: Some(12), ..Setting::default() };
        for question in [
            "What does this page say?",
            "Explain this page",
            "summarize the page please",
            "What is on this page?",
            "explain this",
        ] {
            assert_eq!(Aim::of(question, seen), Aim::Page, "{question}");
        }
        for question in ["What does this page say about tides?", "What is a page fault?", "What is the theorem on the page?"] {
            assert_eq!(Aim::of(question, seen), Aim::Subject, "{question}");
        }
        assert_eq!(Aim::of("What does this page say?", Setting::default()), Aim::Subject);
        let answered = Setting { asked_before: true, ..seen };
        assert_eq!(Aim::of("explain that", answered), Aim::Subject, "the answer is meant");
        assert_eq!(Aim::of("explain this page", answered), Aim::Page);
    }

    #[test]
    fn how_a_lecture_begins_and_ends_is_asked_of_the_lecture_and_not_of_what_was_talked_of() {
        for question in ["How does the lecture end?", "what did she say at the end?", "What's the conclusion?", "how did it end?"]
        {
            assert_eq!(of(question), Aim::Ending, "{question}");
        }
        for question in ["How does the lecture start?", "what did he say in the beginning", "what is the introduction about?"] {
            assert_eq!(of(question), Aim::Beginning, "{question}");
        }
        for question in ["How did the war end?", "When does the cycle start?", "How do you begin a proof?"] {
            assert_eq!(of(question), Aim::Subject, "{question}");
        }
        let talked = Setting { asked_before: true, ..Setting::default() };
        assert_eq!(Aim::of("how did it end?", talked), Aim::Subject);
        assert_eq!(Aim::of("how does the lecture end?", talked), Aim::Ending);
    }

    #[test]
    fn what_points_back_is_about_the_last_answer_unless_the_lecture_went_on() {
        let there =
            Setting { playhead: Some(Millis(60_000)), asked_before: true, playhead_before: Some(Millis(59_000)), page: None };
        assert_eq!(Aim::of("What does that mean?", there), Aim::Subject);
        assert_eq!(Aim::of("What does that mean?", Setting { playhead: Some(Millis(90_000)), ..there }), Aim::Explained);
        assert_eq!(Aim::of("What did she just say?", there), Aim::JustSaid);
        let nowhere = Setting { asked_before: true, ..Setting::default() };
        assert_eq!(Aim::of("Can you repeat that?", nowhere), Aim::Subject);
        assert_eq!(Aim::of("What did she just say?", nowhere), Aim::JustSaid);
        assert_eq!(Aim::of("What does that mean?", nowhere), Aim::Subject);
    }
}
