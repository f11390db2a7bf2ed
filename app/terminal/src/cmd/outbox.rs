//! `outbox`: the letters that this machine's own host wrote into a folder instead of sending them.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::cli::Global;
use crate::exit::Exit;
use crate::local;
use crate::out::{Look, Out};
use crate::text;

/// Shows letters, the latest first.
pub fn run(to: Option<&str>, global: &Global, out: Out) -> Result<Exit> {
    let data = local::own_data(global)?;
    let letters =
        synapscribe_host::letters(&data).with_context(|| format!("the letters in {} cannot be read", data.display()))?;
    let mut none = true;
    for letter in letters.iter().filter(|letter| to.is_none_or(|to| letter.to.eq_ignore_ascii_case(to.trim()))) {
        none = false;
        out.event(
            &json!({ "type": "letter", "at": letter.at.0, "to": letter.to, "subject": letter.subject, "text": letter.text }),
        )?;
        let when = text::ago(letter.at.0, text::now());
        out.line(format!("{}  to {}  {when}", out.paint(Look::Strong, &letter.subject), letter.to))?;
        out.line(format!("{}\n", letter.text))?;
    }
    if none {
        out.line("There are no letters.")?;
    }
    Ok(Exit::Done)
}
