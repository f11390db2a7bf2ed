//! How the page answers a hand in a real browser, as its stories measure it, and how much is fetched before the first lecture opens.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::program;
use crate::table::{Better, Row, Table};

pub fn measure(table: &mut Table) -> anyhow::Result<()> {
    eprintln!("page: a lecture of three hours, and questions out loud, in a browser");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/page.sh");
    let mut stories = Command::new(script);
    stories.arg("measure").env("SYNAPSCRIBE_PROGRAM", program::synapscribe()?).stderr(Stdio::inherit());
    let said = String::from_utf8(stories.output()?.stdout)?;
    let kilobytes = said.lines().find_map(kilobytes).context("the page was not weighed")?;
    let weight = Row::new("page: JavaScript before the lecture view, compressed", kilobytes, "KB", Better::Lower);
    table.add(weight.bar(250.0));
    let figures = best(said.lines().filter_map(figure));
    // A story that broke off has told nothing, and a bar that is not measured is not held.
    anyhow::ensure!(figures.len() >= FIGURES, "the stories of the page measured {} of {FIGURES} figures", figures.len());
    for Figure { what, ms, bar } in figures {
        table.add(Row::new(format!("page: {what}"), ms, "ms", Better::Lower).bar(bar));
    }
    Ok(())
}

/// So many bars those stories hold.
const FIGURES: usize = 5;

/// What a story measured.
#[derive(Debug, Clone, PartialEq)]
struct Figure<'a> {
    what: &'a str,
    ms: f64,
    bar: f64,
}

/// Reads `# WHAT: 1.2 ms, the bar is 3 ms`.
fn figure(line: &str) -> Option<Figure<'_>> {
    let (said, bar) = line.trim().strip_prefix("# ")?.split_once(" ms, the bar is ")?;
    let (what, ms) = said.rsplit_once(": ")?;
    Some(Figure { what, ms: ms.parse().ok()?, bar: bar.strip_suffix(" ms")?.parse().ok()? })
}

/// Reads `115.6 KB of JavaScript…`.
fn kilobytes(line: &str) -> Option<f64> {
    line.split_once(" KB of JavaScript")?.0.trim().parse().ok()
}

/// What was measured more than once counts as it was at its best, as it does for the stories.
fn best<'a>(figures: impl Iterator<Item = Figure<'a>>) -> Vec<Figure<'a>> {
    let mut best: Vec<Figure<'a>> = Vec::new();
    for figure in figures {
        match best.iter_mut().find(|known| known.what == figure.what) {
            Some(known) => known.ms = known.ms.min(figure.ms),
            None => best.push(figure),
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_the_stories_tell_them() {
        let said = [
            "115.6 KB of JavaScript before the lecture view, compressed; at most 250 KB are allowed",
            "    # the middle jump: 61.0 ms, the bar is 50 ms",
            "# the middle jump: 31.5 ms, the bar is 50 ms",
            "ok 1 - a jump shows the right words at once",
            "# the middle frame while scrolling: 16.7 ms, the bar is 17.5 ms",
            "# duration_ms: 12",
        ];
        let figure_of = |what, ms, bar| Figure { what, ms, bar };
        let wanted = [figure_of("the middle jump", 31.5, 50.0), figure_of("the middle frame while scrolling", 16.7, 17.5)];
        assert_eq!(best(said.into_iter().filter_map(figure)), wanted);
        assert_eq!(said.into_iter().find_map(kilobytes), Some(115.6));
    }
}
