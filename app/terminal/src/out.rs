//! Where a command writes: JSON lines for programs, or words and colours for people. Knows no command.

use std::io::{self, IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use synapscribe_client::ClientError;

use crate::cli::Global;

/// The command's output.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    /// Whether programs read it.
    pub json: bool,
    colours: bool,
    live: bool,
}

/// How a word is to stand out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A heading.
    Strong,
    /// A side remark.
    Dim,
    /// Something that went well.
    Good,
    /// Something that needs attention.
    Bad,
    /// A place in a lecture.
    Place,
}

impl Out {
    /// Looks at the options, the environment and the terminal.
    pub fn new(global: &Global) -> Self {
        let plain = global.no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colours = !plain && !dumb && io::stdout().is_terminal();
        Self { json: global.json, colours, live: !global.json && !dumb && io::stderr().is_terminal() }
    }

    /// Whether progress bars can move.
    pub fn live(self) -> bool {
        self.live
    }

    /// Whether colours are wanted.
    pub fn colours(self) -> bool {
        self.colours
    }

    /// Columns of the terminal, where the output goes to one.
    pub fn width(self) -> Option<usize> {
        let to_terminal = !self.json && io::stdout().is_terminal();
        let (columns, _) = to_terminal.then(crossterm::terminal::size)?.ok()?;
        (columns > 0).then_some(columns.into())
    }

    /// Prints a JSON line; nothing for people.
    pub fn event(self, value: &impl Serialize) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        let mut stdout = io::stdout().lock();
        stdout.write_all(&line)?;
        stdout.flush()
    }

    /// Prints a line for people; nothing for programs.
    pub fn line(self, text: impl AsRef<str>) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        writeln!(io::stdout().lock(), "{}", clean(text.as_ref(), self.colours))
    }

    /// Prints words for people as they come.
    pub fn words(self, text: &str) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(clean(text, self.colours).as_bytes())?;
        stdout.flush()
    }

    /// Prints a remark for people beside the output.
    pub fn remark(self, text: impl AsRef<str>) {
        if !self.json {
            // A remark that nobody can read is not worth failing for.
            let _ = writeln!(io::stderr().lock(), "{}", clean(text.as_ref(), self.colours));
        }
    }

    /// Tells of an error: people read it beside the output, programs as the last line.
    pub fn error(self, error: &ClientError) {
        if self.json {
            let mut value = serde_json::to_value(error.to_dto()).unwrap_or_default();
            value["type"] = "error".into();
            let _ = self.event(&value);
        } else {
            let name = error.correlation.as_ref().map(|name| self.paint(Look::Dim, &format!(" ({name})"))).unwrap_or_default();
            self.remark(format!("{} {}{name}", self.paint(Look::Bad, "error:"), error.message));
        }
    }

    /// A word that stands out, where colours are wanted.
    pub fn paint(self, look: Look, text: &str) -> String {
        if !self.colours {
            return text.to_owned();
        }
        let code = match look {
            Look::Strong => "1",
            Look::Dim => "2",
            Look::Good => "32",
            Look::Bad => "31",
            Look::Place => "36",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// A text that is drawn by something else, such as a bar, as it may reach a terminal.
    pub fn harmless(self, text: impl AsRef<str>) -> String {
        clean(text.as_ref(), self.colours)
    }

    /// A bar that is seen where somebody looks, and has colours where they are wanted.
    pub fn bar(self, template: &str) -> ProgressBar {
        let bar = if self.live { ProgressBar::new(0) } else { ProgressBar::hidden() };
        bar.with_style(self.style(template))
    }

    /// How such a bar looks.
    pub fn style(self, template: &str) -> ProgressStyle {
        let template = if self.colours { template.to_owned() } else { template.replace(".cyan/dim", "").replace(":.bold", "") };
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─")
    }
}

/// Words of a lecture or a server cannot steer the terminal: of all control sequences only colours stay, where they
/// are wanted.
fn clean(text: &str, colours: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let colour = if colours { colour_at_start(rest) } else { 0 };
        let taken = colour.max(c.len_utf8());
        if colour > 0 || !c.is_control() || matches!(c, '\n' | '\t') {
            out.push_str(&rest[..taken]);
        }
        rest = &rest[taken..];
    }
    out
}

/// The length of a colour sequence such as `ESC [ 3 1 m` at the start; 0 when there is none.
fn colour_at_start(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\u{1b}[") else { return 0 };
    let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b';').count();
    if digits <= 8 && rest[digits..].starts_with('m') { digits + 3 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\u{7}\r\n", false), "a[2Jb\n");
        assert_eq!(clean("a\u{1b}[2Jb\u{1b}]0;x\u{7}\u{1b}[31mé\u{1b}", true), "a[2Jb]0;x\u{1b}[31mé");
    }

    #[test]
    fn without_colours_nothing_is_painted() {
        let out = Out { json: false, colours: false, live: false };
        assert_eq!(out.paint(Look::Bad, "x"), "x");
        let out = Out { json: false, colours: true, live: false };
        assert_eq!(out.paint(Look::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
