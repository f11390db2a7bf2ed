//! What the pages for people tell them to type is what the command line takes.

use std::path::Path;

use clap::Parser as _;
use clap::error::ErrorKind;
use synapscribe_terminal::cli::Cli;

/// Words that stand for what is given instead of them, where not everything may be.
const STAND_INS: [(&str, &str); 1] = [("ROLE", "lecturer")];

/// A page, and whether what it says is to be typed as it stands; within a sentence a command may be only named.
struct Typed {
    page: String,
    line: String,
    whole: bool,
}

/// What follows the name of the program in a line, as a shell would take it apart.
fn arguments(line: &str) -> Option<Vec<String>> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.trim_start_matches("$ ").chars() {
        match character {
            '"' => quoted = !quoted,
            '#' if !quoted && words.last().is_some_and(String::is_empty) => break,
            space if space.is_whitespace() && !quoted => words.push(String::new()),
            other => words.last_mut()?.push(other),
        }
    }
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    let is_setting =
        |word: &String| word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    let program = words.by_ref().find(|word| !is_setting(word))?;
    let stands_for =
        |word: String| STAND_INS.iter().find(|(name, _)| *name == word).map_or(word, |(_, given)| (*given).to_owned());
    (program == "synapscribe").then(|| words.map(stands_for).collect())
}

/// Every command of a page.
fn commands(page: &str, text: &str) -> Vec<Typed> {
    let mut found = Vec::new();
    for (at, part) in text.split("```").enumerate() {
        let typed = |line: String| Typed { page: page.to_owned(), line, whole: at % 2 == 1 };
        match at % 2 {
            1 => found.extend(part.replace("\\\n", " ").lines().map(|line| typed(line.trim().to_owned()))),
            _ => {
                let spans = part.split('`').skip(1).step_by(2).map(|span| span.split_whitespace().collect::<Vec<_>>().join(" "));
                let spans = spans.map(|span| if span.starts_with("ops ") { format!("synapscribe {span}") } else { span });
                found.extend(spans.map(typed));
            }
        }
    }
    found.retain(|typed| arguments(&typed.line).is_some_and(|words| !words.is_empty()));
    found
}

#[test]
fn what_people_are_told_to_type_can_be_typed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pages = [
        "README.md",
        "infra/README.md",
        "docs/aws.md",
        "docs/costs.md",
        "docs/engines.md",
        "docs/operators.md",
        "docs/runbook.md",
    ];
    let read = |page: &str| std::fs::read_to_string(root.join(page)).unwrap();
    let typed: Vec<Typed> = pages.iter().flat_map(|page| commands(page, &read(page))).collect();
    assert!(
        typed.iter().filter(|typed| typed.line.contains("synapscribe ops ")).count() > 20,
        "the pages are not read as they are written"
    );
    for Typed { page, line, whole } in &typed {
        let words = arguments(line).unwrap_or_default();
        let Err(error) = Cli::try_parse_from(std::iter::once("synapscribe".to_owned()).chain(words)) else { continue };
        let only_named = matches!(
            error.kind(),
            ErrorKind::MissingSubcommand
                | ErrorKind::MissingRequiredArgument
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        );
        assert!(only_named && !whole, "{page}: {line}\n{error}");
    }
}

#[test]
fn a_line_is_taken_apart_as_a_shell_does() {
    let parted = |line: &str| arguments(line).map(|words| words.join("|"));
    assert_eq!(parted(r#"$ A_B=c synapscribe ask "what is it?" --json   # out loud"#).as_deref(), Some("ask|what is it?|--json"));
    assert_eq!(parted("aws s3 ls"), None);
}
