//! `class`: joining classes, teaching them, and what they are shown.

use anyhow::Result;
use serde_json::json;
use synapscribe_client::Client;
use synapscribe_client::protocol::SourceDto;
use synapscribe_client::protocol::classes::{ClassDto, RoomDto};

use super::sessions::each;
use super::{Connected, named};
use crate::cli::Class;
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text;

/// Does one thing.
pub async fn run(action: Option<Class>, connected: &Connected, out: Out) -> Result<Exit> {
    let client = &connected.client;
    match action.unwrap_or(Class::List) {
        Class::List => list(client, out).await?,
        Class::Show { class } => tell(&client.class(&named::class(client, &class).await?).await?, out)?,
        Class::Join { code, name } => {
            let room = client.join_class(&code, name.as_deref()).await?;
            out.event(&room)?;
            out.line(format!("you are in {}", out.paint(Look::Strong, &room.class.name)))?;
            shown(&room, out)?;
        }
        Class::Leave { class } => {
            let id = named::class(client, &class).await?;
            client.leave_class(&id).await?;
            out.event(&json!({ "type": "left", "classId": id }))?;
            out.line("you are not in this class any more")?;
        }
        Class::Create { name } => {
            let class = client.make_class(&name).await?;
            out.event(&class)?;
            out.line(row(&class, out))?;
            out.line("Whoever you give the code to comes in with: synapscribe class join CODE")?;
        }
        Class::Rename { class, name } => {
            tell(&client.rename_class(&named::class(client, &class).await?, &name).await?, out)?;
        }
        Class::Renew { class } => {
            let room = client.renew_class_code(&named::class(client, &class).await?).await?;
            out.event(&room)?;
            out.line(row(&room.class, out))?;
            out.line("The code before lets nobody in any more; whoever came by it stays.")?;
        }
        Class::Share { class, sources } => {
            let id = named::class(client, &class).await?;
            return each(&sources, out, async |name| {
                let source = named::source(client, name).await?;
                client.show_class(&id, &source).await?;
                noted("shared", &id, &source, out)?;
                Ok(out.line(format!("{name} is shared with the class"))?)
            })
            .await;
        }
        Class::Unshare { class, sources } => {
            let id = named::class(client, &class).await?;
            return each(&sources, out, async |name| {
                let source = named::source(client, name).await?;
                client.hide_from_class(&id, &source).await?;
                noted("unshared", &id, &source, out)?;
                Ok(out.line(format!("{name} is not shared with the class any more"))?)
            })
            .await;
        }
        Class::Remove { class, members } => {
            let id = named::class(client, &class).await?;
            return each(&members, out, async |member| {
                client.send_away(&id, member).await?;
                out.event(&json!({ "type": "removed", "classId": id, "memberId": member }))?;
                Ok(out.line(format!("{member} is not in the class any more"))?)
            })
            .await;
        }
        Class::Delete { class } => {
            let id = named::class(client, &class).await?;
            client.end_class(&id).await?;
            out.event(&json!({ "type": "class_deleted", "classId": id }))?;
            out.line("the class is deleted; what was shared with it stays its owners'")?;
        }
    }
    Ok(Exit::Done)
}

async fn list(client: &Client, out: Out) -> Result<()> {
    let classes = client.classes().await?;
    for class in &classes {
        out.event(class)?;
        out.line(row(class, out))?;
    }
    if classes.is_empty() {
        out.line("You are in no class. Come into one by its code: synapscribe class join CODE")?;
    }
    Ok(())
}

fn tell(room: &RoomDto, out: Out) -> Result<()> {
    out.event(room)?;
    out.line(row(&room.class, out))?;
    for member in room.people.iter().flatten() {
        let name = member.name.as_deref().unwrap_or("a guest without a name");
        out.line(format!("  {}  {}  {name}", out.paint(Look::Dim, &member.member_id), text::day(member.joined)))?;
    }
    shown(room, out)
}

fn shown(room: &RoomDto, out: Out) -> Result<()> {
    for one in &room.shown {
        let id = one.source.lecture_id.as_ref().or(one.source.document_id.as_ref()).map_or("", String::as_str);
        out.line(format!("  {}  {}", out.paint(Look::Dim, id), out.paint(Look::Strong, &one.title)))?;
    }
    for pack in &room.packs {
        out.line(format!("  {}", super::packs::row(pack, out)))?;
    }
    if room.shown.is_empty() && room.packs.is_empty() {
        out.line("  nothing is shared with it yet")?;
    }
    Ok(())
}

fn row(class: &ClassDto, out: Out) -> String {
    let code = class.code.as_deref().map(|code| format!("  code {}", out.paint(Look::Place, code))).unwrap_or_default();
    let teacher = class.teacher.as_deref().filter(|_| !class.teaching).map(|name| format!("  taught by {name}"));
    format!(
        "{}  {}{code}{}  {} in it, {} shared",
        out.paint(Look::Dim, &class.class_id),
        out.paint(Look::Strong, &class.name),
        teacher.unwrap_or_default(),
        class.members,
        class.sources,
    )
}

fn noted(what: &str, class: &str, source: &SourceDto, out: Out) -> Result<()> {
    Ok(out.event(&json!({ "type": what, "classId": class, "source": source }))?)
}
