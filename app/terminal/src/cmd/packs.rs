//! `packs`: keeping answers on cards, and revising them.

use std::path::Path;

use anyhow::Result;
use serde_json::json;
use synapscribe_client::protocol::packs::{CardChangeDto, CardDto, OpenPackDto, PackDto};
use synapscribe_client::protocol::rest::TurnDto;
use synapscribe_client::{Client, ClientError, code};

use super::{Connected, named};
use crate::cli::Packs;
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text::{self, Titles};

/// Does one thing.
pub async fn run(action: Option<Packs>, connected: &Connected, out: Out) -> Result<Exit> {
    let client = &connected.client;
    match action.unwrap_or(Packs::List) {
        Packs::List => list(client, out).await?,
        Packs::Show { pack } => {
            let open = client.pack(&named::pack(client, &pack).await?).await?;
            tell(&open, &named::titles(client).await?, out)?;
        }
        Packs::Make { title } => told(&client.make_pack(&title).await?, out)?,
        Packs::Rename { pack, title } => told(&client.rename_pack(&named::pack(client, &pack).await?, &title).await?, out)?,
        Packs::Keep { pack, session, turn } => {
            let id = named::pack(client, &pack).await?;
            let (session, turn) = answered(client, session.as_deref(), turn).await?;
            kept(&client.keep_turn(&id, &session, &turn.query_id).await?, out)?;
            if !is_worth_keeping(&turn) {
                out.remark("nothing in what was asked stands behind this answer");
            }
        }
        Packs::Add { pack, question, answer } => {
            kept(&client.add_card(&named::pack(client, &pack).await?, &question, &answer).await?, out)?;
        }
        Packs::Edit { pack, card, question, answer } => {
            let id = named::pack(client, &pack).await?;
            let card = named::card(client, &id, &card).await?;
            kept(&client.change_card(&id, &card, &CardChangeDto { question, answer }).await?, out)?;
        }
        Packs::Remove { pack, card } => {
            let id = named::pack(client, &pack).await?;
            let card = named::card(client, &id, &card).await?;
            client.remove_card(&id, &card).await?;
            out.event(&json!({ "type": "card_removed", "packId": id, "cardId": card }))?;
            out.line("the card is removed")?;
        }
        Packs::Delete { pack } => {
            let id = named::pack(client, &pack).await?;
            client.delete_pack(&id).await?;
            out.event(&json!({ "type": "pack_deleted", "packId": id }))?;
            out.line("the pack is deleted with all its cards")?;
        }
        Packs::Publish { pack } => publish(client, &pack, true, out).await?,
        Packs::Unpublish { pack } => publish(client, &pack, false, out).await?,
        Packs::Share { pack, class } => {
            let (id, class) = (named::pack(client, &pack).await?, named::class(client, &class).await?);
            client.show_pack(&class, &id).await?;
            out.event(&json!({ "type": "shared", "classId": class, "packId": id }))?;
            out.line(format!("{pack} is shared with the class"))?;
        }
        Packs::Unshare { pack, class } => {
            let (id, class) = (named::pack(client, &pack).await?, named::class(client, &class).await?);
            client.hide_pack(&class, &id).await?;
            out.event(&json!({ "type": "unshared", "classId": class, "packId": id }))?;
            out.line(format!("{pack} is not shared with the class any more"))?;
        }
        Packs::Anki { pack, file, replace } => anki(client, &pack, file.as_deref(), replace, out).await?,
    }
    Ok(Exit::Done)
}

async fn list(client: &Client, out: Out) -> Result<()> {
    let packs = client.packs().await?;
    for pack in &packs {
        told(pack, out)?;
    }
    if packs.is_empty() {
        out.line("There are no packs yet. Make one, and keep answers in it: synapscribe packs make \"…\"")?;
    }
    Ok(())
}

fn tell(open: &OpenPackDto, titles: &Titles, out: Out) -> Result<()> {
    out.event(open)?;
    out.line(row(&open.pack, out))?;
    for card in &open.cards {
        out.line("")?;
        out.line(format!("{}  {}", out.paint(Look::Dim, &card.card_id), out.paint(Look::Strong, &card.question)))?;
        out.line(&card.answer)?;
        for cited in &card.citations {
            out.line(format!("  {}", out.paint(Look::Place, &text::citation(cited, titles.of(cited)))))?;
        }
        if card.withheld > 0 {
            let count = text::counted(card.withheld, "citation");
            out.line(out.paint(Look::Dim, &format!("  {count} of something you cannot open")))?;
        }
    }
    Ok(())
}

/// The session and the turn that is meant: the one of this number, or the last one that was answered.
async fn answered(client: &Client, session: Option<&str>, number: Option<u32>) -> Result<(String, TurnDto)> {
    let of = match session {
        Some(name) => vec![named::session(client, name).await?],
        None => client.sessions(None).await?,
    };
    for one in of {
        let mut turns = client.session(&one.session_id).await?.turns.unwrap_or_default();
        let found = match number {
            Some(number) => usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).filter(|at| *at < turns.len()),
            None => turns.iter().rposition(is_worth_keeping),
        };
        if let Some(at) = found {
            return Ok((one.session_id, turns.swap_remove(at)));
        }
        if number.is_some() {
            break;
        }
    }
    let what = if number.is_some() { "there is no such question in the session" } else { "there is no answer to keep yet" };
    Err(ClientError::new(code::NOT_FOUND, format!("{what}; see what there is with: synapscribe sessions list")).into())
}

/// Whether an answer was found, and something stands behind it. What is not is kept only by its number.
fn is_worth_keeping(turn: &TurnDto) -> bool {
    let backed = !turn.generated || !turn.citations.is_empty();
    turn.state == "done" && turn.found && backed && !turn.answer.trim().is_empty()
}

fn kept(card: &CardDto, out: Out) -> Result<()> {
    out.event(card)?;
    Ok(out.line(format!("{}  {} is kept", out.paint(Look::Dim, &card.card_id), out.paint(Look::Strong, &card.question)))?)
}

async fn publish(client: &Client, name: &str, public: bool, out: Out) -> Result<()> {
    let pack = client.publish_pack(&named::pack(client, name).await?, public).await?;
    out.event(&json!({ "type": if public { "published" } else { "unpublished" }, "packId": pack.pack_id }))?;
    Ok(out.line(match public {
        true => format!("{}: everybody on this server sees it", pack.title),
        false => format!("{}: you see it, and the classes it is shared with", pack.title),
    })?)
}

async fn anki(client: &Client, name: &str, file: Option<&Path>, replace: bool, out: Out) -> Result<()> {
    if let Some(file) = file
        && file.exists()
        && !replace
    {
        let why = format!("{} is there already; replace it with --replace", file.display());
        return Err(ClientError::new("backup_exists", why).into());
    }
    let id = named::pack(client, name).await?;
    let written = client.pack_for_anki(&id).await?;
    match file {
        None if out.json => out.event(&json!({ "type": "anki", "packId": id, "text": written }))?,
        None => out.words(&written)?,
        Some(file) => {
            std::fs::write(file, &written)
                .map_err(|error| ClientError::new(code::DISK, format!("{} cannot be written: {error}", file.display())))?;
            out.event(&json!({ "type": "exported", "file": file }))?;
            out.line(format!("the pack is in {}; import it in Anki by File, Import", file.display()))?;
        }
    }
    Ok(())
}

fn told(pack: &PackDto, out: Out) -> Result<()> {
    out.event(pack)?;
    Ok(out.line(row(pack, out))?)
}

/// A pack in one line.
pub(super) fn row(pack: &PackDto, out: Out) -> String {
    let whose = match (&pack.owner_name, pack.own) {
        (_, true) => String::new(),
        (Some(name), false) => format!("  by {name}"),
        (None, false) => "  by somebody else".to_owned(),
    };
    let public = if pack.public { "  public" } else { "" };
    let id = out.paint(Look::Dim, &pack.pack_id);
    format!("{id}  {}{whose}  {}{public}", out.paint(Look::Strong, &pack.title), text::counted(pack.cards, "card"))
}

#[cfg(test)]
mod tests {
    use synapscribe_client::protocol::{TimingsDto, UsageDto};

    use super::*;

    #[test]
    fn what_is_kept_unasked_was_found_and_something_stands_behind_it() {
        let turn = |state: &str, generated: bool, found: bool| {
            is_worth_keeping(&TurnDto {
                query_id: "q".into(),
                asked: 1,
                question: "Why?".into(),
                answer: "So.".into(),
                citations: Vec::new(),
                state: state.into(),
                generated,
                found,
                spoken: 0.0,
                timings: TimingsDto::default(),
                usage: UsageDto::default(),
                error: None,
            })
        };
        assert!(turn("done", false, true), "in its own sentences");
        assert!(!turn("done", false, false), "the nearest place is no answer");
        assert!(!turn("done", true, true), "a model's, with nothing behind it");
        assert!(!turn("cancelled", false, true));
    }
}
