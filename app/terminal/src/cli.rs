//! The command line as data: what can be asked for, and how it is explained. Does nothing.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueHint};

mod account;
mod class;
mod operators;
mod packs;

pub use account::{Account, Devices};
pub use class::Class;
pub use operators::{Costs, Deploy, Invite, Operation, Ops, Place, Role};
pub use packs::Packs;

/// Where the host listens when nothing else is said.
pub const LISTEN: &str = "127.0.0.1:4517";

/// What applies to every command stands apart, below what is a command's own.
const EVERYWHERE: &str = "For every command";

/// Ask a lecture out loud and hear a cited answer.
#[derive(Debug, Parser, PartialEq)]
#[command(name = "synapscribe", version, after_help = crate::exit::table(), propagate_version = true, max_term_width = 110)]
pub struct Cli {
    /// What applies to every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What applies to every command.
#[derive(Debug, Clone, Args, PartialEq)]
pub struct Global {
    /// The server's address; left out, this machine's own host is used, and started when it is not running.
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "SYNAPSCRIBE_SERVER", value_name = "URL", value_hint = ValueHint::Url)]
    pub server: Option<String>,
    /// The folder of this machine's own host; left out, the platform's data folder.
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "SYNAPSCRIBE_DATA", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data: Option<PathBuf>,
    /// Print one JSON object a line, for programs.
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// Print without colours; so does NO_COLOR.
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub no_color: bool,
}

/// What to do.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Command {
    /// Run this machine's own host until Ctrl-C.
    Serve(Serve),
    /// Bring recordings to the server.
    Upload(Upload),
    /// List, look into and delete lectures and documents.
    Library {
        /// What to do with them.
        #[command(subcommand)]
        action: Option<Library>,
    },
    /// Ask a lecture or a document a question.
    Ask(Ask),
    /// Find passages in lectures and documents.
    Search(Search),
    /// Talk with a lecture, full screen.
    Talk(Talk),
    /// List, look into, end and delete sessions.
    Sessions {
        /// What to do with them.
        #[command(subcommand)]
        action: Option<Sessions>,
    },
    /// Keep answers on cards, revise them, and share them.
    Packs {
        /// What to do with them.
        #[command(subcommand)]
        action: Option<Packs>,
    },
    /// Sign up, sign in, and look after an account; nothing needs one.
    Account {
        /// What to do with it.
        #[command(subcommand)]
        action: Option<Account>,
    },
    /// Join a class by its code, or teach one: what it is shown, everybody in it can ask.
    Class {
        /// What to do.
        #[command(subcommand)]
        action: Option<Class>,
    },
    /// Read the letters that this machine's own host wrote instead of sending them.
    Outbox {
        /// Only those to this address.
        #[arg(long, value_name = "EMAIL")]
        to: Option<String>,
    },
    /// List, fetch and choose speech models.
    Models {
        /// What to do with them.
        #[command(subcommand)]
        action: Option<Models>,
    },
    /// Check that everything works, and say what to do where it does not.
    Doctor,
    /// Write everything this machine's host holds to a file.
    Backup {
        /// The file to write.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// Replace the file when it is there already.
        #[arg(long)]
        replace: bool,
    },
    /// Bring back what a backup holds; the host must not be running.
    Restore {
        /// The file to read.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// Replace what the host holds now.
        #[arg(long)]
        replace: bool,
    },
    /// Deploy to AWS and look after what runs there.
    Ops(Ops),
    /// Show what the product does with the sample lecture and a spoken question.
    Demo(Demo),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write all of them into a folder.
    Man {
        /// The folder.
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: Option<PathBuf>,
    },
}

/// `serve`.
#[derive(Debug, Args, PartialEq)]
pub struct Serve {
    /// The address and port to listen on; port 0 picks one.
    #[arg(long, value_name = "ADDR:PORT", default_value = LISTEN)]
    pub listen: SocketAddr,
}

/// `upload`.
#[derive(Debug, Args, PartialEq)]
pub struct Upload {
    /// The recordings: mp3, wav, m4a or mp4, ogg or opus, flac, webm; documents: pdf, epub, docx, pptx, md, txt; or captions, srt or
    /// vtt, named like a lecture that is there.
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Wait until they can be asked.
    #[arg(long)]
    pub wait: bool,
    /// Captions for the recording; left out, a file of the same name ending in .srt or .vtt is used.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub captions: Option<PathBuf>,
    /// The lecture that a caption file is for: its ID, its title, or the first characters of its ID; left out, the one it is
    /// named like.
    #[arg(long, value_name = "LECTURE", conflicts_with = "captions")]
    pub lecture: Option<String>,
}

/// `library`.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Library {
    /// List all lectures and documents.
    List,
    /// Show a lecture or a document and what became of its file.
    Show {
        /// The lecture or the document: its ID, its title, the first characters of its ID, or `sample`.
        #[arg(value_name = "LECTURE")]
        source: String,
    },
    /// Print a lecture's words with their times, or a document's by pages.
    Transcript {
        /// The lecture or the document: its ID, its title, the first characters of its ID, or `sample`.
        #[arg(value_name = "LECTURE")]
        source: String,
    },
    /// Give a lecture or a document another title.
    Rename {
        /// The lecture or the document: its ID, its title, or the first characters of its ID.
        #[arg(value_name = "LECTURE")]
        source: String,
        /// The title it gets.
        title: String,
    },
    /// Show lectures and documents of yours to everybody on the server; lecturers can.
    Publish {
        /// The lectures and documents, each by its ID, its title, or the first characters of its ID.
        #[arg(required = true, value_name = "LECTURE")]
        lectures: Vec<String>,
    },
    /// Show them to nobody any more but yourself and the classes they are shared with.
    Unpublish {
        /// The lectures and documents, each by its ID, its title, or the first characters of its ID.
        #[arg(required = true, value_name = "LECTURE")]
        lectures: Vec<String>,
    },
    /// Delete lectures, or documents, and everything made of them.
    Delete {
        /// The lectures and documents, each by its ID, its title, or the first characters of its ID.
        #[arg(required = true, value_name = "LECTURE")]
        lectures: Vec<String>,
    },
}

/// `ask`.
#[derive(Debug, Args, PartialEq)]
#[command(group = ArgGroup::new("of").required(true).multiple(true).args(["lecture", "documents"]))]
#[command(group = ArgGroup::new("question").required(true).args(["audio", "mic", "text"]))]
pub struct Ask {
    /// The lecture: its ID, its title, the first characters of its ID, or `sample`.
    #[arg(long, value_name = "ID")]
    pub lecture: Option<String>,
    /// A document to ask, alone or beside the lecture: its ID, its title, or the first characters of its ID. It may be given
    /// several times.
    #[arg(long = "document", value_name = "ID")]
    pub documents: Vec<String>,
    /// The question, in writing; `-` reads it from the standard input.
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
    /// The question, as a recording.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub audio: Option<PathBuf>,
    /// The question, spoken into the microphone; Enter ends it.
    #[arg(long)]
    pub mic: bool,
    /// Where in the lecture you are: seconds from its beginning, or minutes and seconds like 2:05.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub playhead: Option<f64>,
    /// The session to go on with, for follow-up questions; a name that is new (letters, digits, - _ : = .) begins one of that name,
    /// and leaving it out begins one without.
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// Save the spoken answer as a wave file, in a folder that exists.
    #[arg(long, value_name = "ANSWER.wav", value_hint = ValueHint::FilePath)]
    pub save: Option<PathBuf>,
    /// Play the spoken answer on the loudspeaker; done by itself after a question by microphone.
    #[arg(long)]
    pub play: bool,
    /// Answer in writing only.
    #[arg(long, conflicts_with_all = ["save", "play", "voice", "speed"])]
    pub silent: bool,
    /// The voice to answer in; an unknown one is refused with the names of those there are.
    #[arg(long, value_name = "NAME")]
    pub voice: Option<String>,
    /// The pace of the voice, 0.5 to 2.
    #[arg(long, value_name = "FACTOR", value_parser = speed)]
    pub speed: Option<f32>,
}

/// `search`.
#[derive(Debug, Args, PartialEq)]
pub struct Search {
    /// What to look for, in words.
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// Only in this lecture: its ID, its title, the first characters of its ID, or `sample`. It may be given several times.
    #[arg(long = "lecture", value_name = "ID")]
    pub lectures: Vec<String>,
    /// Only in this document: its ID, its title, or the first characters of its ID. It may be given several times, also beside
    /// lectures.
    #[arg(long = "document", value_name = "ID")]
    pub documents: Vec<String>,
    /// At most so many passages, 1 to 50.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub limit: Option<u32>,
}

/// `talk`.
#[derive(Debug, Args, PartialEq)]
pub struct Talk {
    /// The lecture to begin with: its ID, its title, the first characters of its ID, or `sample`.
    #[arg(long, value_name = "ID")]
    pub lecture: Option<String>,
}

/// `sessions`.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Sessions {
    /// List sessions.
    List {
        /// Only those of one lecture: its ID, its title, the first characters of its ID, or `sample`.
        #[arg(long, value_name = "ID")]
        lecture: Option<String>,
    },
    /// Show a session's questions and answers.
    Show {
        /// The session: its ID, its title, or the first characters of its ID.
        session: String,
    },
    /// End sessions; they can still be read.
    End {
        /// The sessions, each by its ID, its title, or the first characters of its ID.
        #[arg(required = true, value_name = "SESSION")]
        sessions: Vec<String>,
    },
    /// Delete sessions.
    Delete {
        /// The sessions, each by its ID, its title, or the first characters of its ID.
        #[arg(required = true, value_name = "SESSION")]
        sessions: Vec<String>,
    },
}

/// `models`.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Models {
    /// List the models that can be fetched, and those that are here.
    List,
    /// Fetch a model; an interrupted download goes on where it stopped.
    Get {
        /// The model.
        name: String,
    },
    /// Use a model from now on, or go back: `built-in`, `built-in-ear` or `built-in-meaning`.
    Use {
        /// The model.
        name: String,
    },
}

/// `demo`.
#[derive(Debug, Args, PartialEq)]
pub struct Demo {
    /// End after the answer instead of serving on.
    #[arg(long)]
    pub once: bool,
    /// Where to save the spoken answer.
    #[arg(long, value_name = "ANSWER.wav", value_hint = ValueHint::FilePath)]
    pub save: Option<PathBuf>,
    /// The address and port to listen on when the host is started.
    #[arg(long, value_name = "ADDR:PORT", default_value = LISTEN)]
    pub listen: SocketAddr,
}

/// Reads seconds, also as `1:23` or `1:02:03`.
fn seconds(text: &str) -> Result<f64, String> {
    let mut total = 0.0;
    for part in text.split(':') {
        let value: f64 = part.trim().parse().map_err(|_| "give seconds, or minutes and seconds like 2:05".to_owned())?;
        if !value.is_finite() || value < 0.0 {
            return Err("a lecture begins at 0; give the seconds from there, or minutes and seconds like 2:05".into());
        }
        total = total * 60.0 + value;
    }
    Ok(total)
}

fn speed(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(speed) if (0.5..=2.0).contains(&speed) => Ok(speed),
        _ => Err("give a factor from 0.5 to 2".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("synapscribe").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn contracts_others_build_on_are_kept() {
        let lines = [
            "serve --data d --listen 127.0.0.1:0 --json",
            "--server http://h:1 upload a.mp3 b.wav --wait --json",
            "upload a.mp3",
            "--server http://h:1 ask --lecture l --audio q.wav --json",
            "ask --lecture l --mic",
            "ask --lecture l --document d --document e why",
            "ask --lecture sample why --playhead 12.5 --session s --save a.wav --json",
            "search tides --lecture sample --document d --limit 3 --json",
            "library",
            "library list --json",
            "library show l",
            "library transcript sample",
            "library delete a b",
            "talk",
            "sessions",
            "sessions list --lecture l",
            "sessions show s",
            "sessions end s t",
            "sessions delete s t",
            "packs",
            "packs list --json",
            "packs show p",
            "packs make t",
            "packs rename p t",
            "packs keep p",
            "packs keep p --session s --turn 2",
            "packs add p why because",
            "packs edit p c --question why",
            "packs edit p c --question why --answer because",
            "packs remove p c",
            "packs delete p",
            "packs publish p",
            "packs unpublish p",
            "packs share p c",
            "packs unshare p c",
            "packs anki p",
            "packs anki p f.txt --replace",
            "ask --lecture sample -",
            "models list",
            "models get tiny.en",
            "models use built-in",
            "doctor --json",
            "backup f.tar",
            "restore f.tar --replace",
            "demo --once",
            "ops deploy dev --infra i",
            "ops outputs --stack s --region r",
            "ops --stack s doctor --ready 30",
            "--server http://h:1 ops doctor --json",
            "ops logs --follow --correlation q-1 --since 2h --part answer",
            "ops costs --students 500 --gpu g6.xlarge --gpu-hours 10",
            "ops costs --connected 2 --kept 12 --price nat.hour=0.052 --price gpu.g6.xlarge=0.9",
            "ops costs --spent --stack s",
            "ops replay answers --dry-run",
            "ops teardown dev --yes",
            "ops invite create --role lecturer --uses 30 --days 7 --note spring",
            "ops invite list --json",
            "ops invite revoke i",
            "ops role set ada@example.org lecturer --stack s",
            "ops audit --most 20",
            "ops audit --before 1790000000000 --number 7",
            "account",
            "account sign-up ada@example.org --name Ada --invitation ABCD",
            "account verify ada@example.org ABCD-EFGH",
            "account verify ada@example.org --again",
            "account sign-in ada@example.org",
            "account sign-out --everywhere",
            "account show --json",
            "account forgot ada@example.org",
            "account reset ada@example.org ABCD-EFGH",
            "account sessions",
            "account sessions revoke s",
            "account export f.json",
            "account delete",
            "outbox --to ada@example.org --json",
            "completions bash",
            "man",
        ];
        for line in lines {
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
        }
    }

    #[test]
    fn what_makes_no_sense_is_a_usage_error() {
        let lines = [
            "",
            "dance",
            "upload",
            "ask --lecture l",
            "ask why",
            "ask --lecture l why --mic",
            "ask --lecture l --mic --audio q.wav",
            "ask --lecture l why --playhead -3",
            "ask --lecture l why --playhead soon",
            "ask --lecture l why --silent --save a.wav",
            "ask --lecture l why --speed 9",
            "serve --listen nowhere",
            "completions tcsh",
            "packs keep",
            "packs keep p --turn 0",
            "packs add p why",
            "packs edit p c",
            "packs remove p",
            "packs delete",
            "packs anki p --replace",
            "ops",
            "account sign-in",
            "account sign-in ada@example.org secret",
            "account verify ada@example.org",
            "ops invite create --uses 0",
            "ops audit --number 7",
            "ops role set ada@example.org",
            "ops role set ada@example.org dean",
            "ops logs --since soon",
            "ops costs --gpu abacus",
            "ops costs --questions -1",
            "ops costs --price nat=1",
            "ops costs --price nat.hour",
            "ops deploy",
        ];
        for line in lines {
            assert_eq!(parse(line).expect_err(line).exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn whoever_asks_nothing_in_particular_hears_what_can_be_asked() {
        let told = parse("ask why").unwrap_err().to_string();
        assert!(told.contains("--lecture <ID>|--document <ID>"), "{told}");
    }

    #[test]
    fn places_are_read_as_people_write_them() {
        for (text, value) in [("12.5", 12.5), ("2:05", 125.0), ("1:02:03", 3723.0)] {
            assert_eq!(seconds(text), Ok(value));
        }
        assert!(seconds("1:-5").is_err() && seconds("NaN").is_err() && seconds("").is_err());
    }

    #[test]
    fn everything_is_explained() {
        fn walk(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }
}
