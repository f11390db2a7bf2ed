//! `ops`: what an operator does with a deployment on AWS, and the proof that any deployment works.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use synapscribe_client::ClientError;
use synapscribe_operations::costs::{self, Estimate, GIVEN, Gpu, Known, Use};
use synapscribe_operations::deploy::{self, Checkout, Part, State, Told, Wish};
use synapscribe_operations::letters;
use synapscribe_operations::logs::{Follower, Line, Wanted};
use synapscribe_operations::people::Registry;
use synapscribe_operations::proof::{Outcome, Patience, Step, known_cause, prove};
use synapscribe_operations::{Cloud, Site, Stack};

use super::people::{self, Desk};
use super::{served, unless_stopped};
use crate::cli::{Costs, Deploy, Global, Operation, Ops, Place};
use crate::exit::Exit;
use crate::local;
use crate::out::{Look, Out};

/// Does one thing.
pub async fn run(ops: Ops, global: &Global, out: Out) -> Result<Exit> {
    let Ops { place, action } = ops;
    let place = told(place);
    match action {
        Operation::Deploy(wish) => deploy(wish, place, out).await,
        Operation::Teardown { stage, infra, yes } => {
            let checkout = Checkout::at(&infra)?;
            let stage = checkout.stage(&stage)?;
            if !yes {
                let why = format!("this removes everything of {} that is not retained; say --yes if you mean it", stage.name);
                return Err(ClientError::new("usage", why).into());
            }
            deploy::teardown(&checkout, &stage).await?;
            Ok(Exit::Done)
        }
        Operation::Outputs => outputs(&place, out).await,
        Operation::Doctor { ready, event } => doctor(&place, ready, event, global, out).await,
        Operation::Logs { follow, correlation, part, since } => {
            let (cloud, stack) = find(&place).await?;
            let follower = Follower::new(&cloud, &stack, Wanted { correlation, part }, since);
            unless_stopped(logs(follower, follow, out), out, "").await
        }
        Operation::Costs(wish) => match wish.spent {
            None => estimate(&wish, &place, out),
            Some(days) => spent(&place, days, out).await,
        },
        Operation::Invite { action } => staffed(&place, global, out, async |desk| people::invite(action, desk, out).await).await,
        Operation::Role { action } => staffed(&place, global, out, async |desk| people::role(action, desk, out).await).await,
        Operation::Audit { most, before, number } => {
            staffed(&place, global, out, async |desk| people::audit(most, before, number, desk, out).await).await
        }
        Operation::Replay { about, dry_run } => replay(&place, about.as_deref(), dry_run, out).await,
    }
}

/// A variable of the environment that is empty names nothing.
fn told(place: Place) -> Place {
    let told = |name: Option<String>| name.filter(|name| !name.is_empty());
    Place { stack: told(place.stack), region: told(place.region), endpoint: told(place.endpoint) }
}

/// Brings a stage up. The region is that of the stage, whatever the environment says.
async fn deploy(wish: Deploy, place: Place, out: Out) -> Result<Exit> {
    let checkout = Checkout::at(&wish.infra)?;
    let stage = checkout.stage(&wish.stage)?;
    let step = |name: &Option<String>| name.as_deref().and_then(deploy::Step::named);
    let part = match (step(&wish.from), step(&wish.only)) {
        (_, Some(step)) => Part::Only(step),
        (Some(step), None) => Part::From(step),
        (None, None) => Part::Whole,
    };
    out.line(format!("{} in {}", out.paint(Look::Strong, &stage.stack), stage.region))?;
    if let Some(other) = place.region.as_deref().filter(|other| *other != stage.region) {
        out.remark(format!("note: the region is that of the stage's samconfig.toml, and not {other}"));
    }
    let wish = Wish { part, built: wish.built, unattended: wish.yes, sam: wish.sam, endpoint: place.endpoint };
    let deployed = deploy::deploy(&checkout, &stage, wish, |told| drop(progress(&told, out))).await?;
    out.event(&json!({ "type": "deployed", "stack": deployed.stack, "page": deployed.page, "remarks": deployed.remarks }))?;
    if let Some(page) = &deployed.page {
        out.line(format!("{} {page}", out.paint(Look::Strong, "deployed:")))?;
    }
    for remark in &deployed.remarks {
        out.remark(format!("note: {remark}"));
    }
    out.remark(format!("Prove it: AWS_REGION={} synapscribe ops doctor --stack {}", stage.region, stage.stack));
    Ok(Exit::Done)
}

fn progress(told: &Told, out: Out) -> std::io::Result<()> {
    let Told { step, state, ms, message } = told;
    out.event(&json!({ "type": "step", "step": step, "state": state, "ms": ms, "message": message }))?;
    let sign = match state {
        State::Begun => out.paint(Look::Strong, "==>"),
        State::Goes => "   ".into(),
        State::Done => out.paint(Look::Good, "  ✓"),
        // The error itself is told at the end.
        State::Failed => out.paint(Look::Bad, "  ✗"),
    };
    match state {
        State::Begun | State::Goes => out.line(format!("{sign} {step}: {message}")),
        State::Done => out.line(format!("{sign} {step}: {message} ({} s)", ms / 1_000)),
        State::Failed => out.line(format!("{sign} {step}")),
    }
}

async fn connect(place: &Place) -> Result<Cloud> {
    Ok(Cloud::connect(Site { region: place.region.clone(), endpoint: place.endpoint.clone() }).await?)
}

fn named(place: &Place) -> Result<&str, ClientError> {
    let unnamed = || ClientError::new("usage", "no deployment is named; give --stack, such as synapscribe-prod");
    place.stack.as_deref().ok_or_else(unnamed)
}

async fn find(place: &Place) -> Result<(Cloud, Stack)> {
    let name = named(place)?;
    let cloud = connect(place).await?;
    let stack = Stack::read(&cloud, name).await?;
    Ok((cloud, stack))
}

/// Asks about accounts: the server that is named, the deployment of the stack, or this machine's own host.
async fn staffed(place: &Place, global: &Global, out: Out, work: impl AsyncFnOnce(&Desk) -> Result<Exit>) -> Result<Exit> {
    if global.server.is_none() && place.stack.is_some() {
        let (cloud, stack) = find(place).await?;
        return work(&Desk::Stack(Registry::of(&cloud, &stack)?)).await;
    }
    served(global, out, async |connected| {
        let key = local::operator_key(global, connected.client.server());
        work(&Desk::Server(connected.client.account()?.clone(), key)).await
    })
    .await
}

async fn outputs(place: &Place, out: Out) -> Result<Exit> {
    let (_, stack) = find(place).await?;
    out.event(&json!({ "type": "stack", "name": stack.name, "status": stack.status, "outputs": stack.outputs }))?;
    out.line(format!("{} {}", out.paint(Look::Strong, &stack.name), out.paint(Look::Dim, &stack.status)))?;
    for (key, value) in &stack.outputs {
        out.line(format!("{key:<26} {value}"))?;
    }
    Ok(Exit::Done)
}

/// Proves the server that is named, the deployment of the stack, or this machine's own host.
async fn doctor(place: &Place, ready: u64, event: u64, global: &Global, out: Out) -> Result<Exit> {
    let own = match (&global.server, &place.stack) {
        (None, None) => Some(local::find(global, out).await?),
        _ => None,
    };
    let stack = if own.is_none() && global.server.is_none() { Some(find(place).await?.1) } else { None };
    let server: &str = match (&own, &stack) {
        (Some(own), _) => own.address(),
        (_, Some(stack)) => stack.output("PageUrl")?,
        _ => global.server.as_deref().unwrap_or_default(),
    };
    let patience = Patience { ready: Duration::from_secs(ready), event: Duration::from_secs(event), ..Patience::default() };
    let home = local::client_home()?;
    let work = async {
        let told = |step: Step| {
            let known = stack.as_ref().and_then(|stack| known_cause(stack, &step)).map(str::to_owned);
            drop(tell(&Step { cause: known.or_else(|| step.cause.clone()), ..step }, out));
        };
        let well = prove(server, home, patience, told).await;
        Ok(if well { Exit::Done } else { Exit::Failed })
    };
    let exit = unless_stopped(work, out, "").await;
    if let Some(own) = own {
        own.settle().await;
    }
    exit
}

fn tell(step: &Step, out: Out) -> std::io::Result<()> {
    out.event(step)?;
    let sign = match step.result {
        Outcome::Ok => out.paint(Look::Good, "✓"),
        Outcome::Failed => out.paint(Look::Bad, "✗"),
        Outcome::Skipped => out.paint(Look::Dim, "–"),
    };
    let name = step.correlation.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let took = if step.result == Outcome::Skipped { String::new() } else { format!("{} ms", step.ms) };
    out.line(format!("{sign} {:<12} {took:>9}  {}{name}", step.check, step.message))?;
    match &step.cause {
        Some(cause) => out.line(format!("{:26}likely cause: {cause}", "")),
        None => Ok(()),
    }
}

async fn logs(mut follower: Follower, follow: bool, out: Out) -> Result<Exit> {
    if follower.groups().is_empty() {
        return Err(ClientError::new("not_found", "the stack has no part of that name; see: synapscribe ops outputs").into());
    }
    loop {
        let lines = follower.next().await?;
        for line in &lines {
            out.event(line)?;
            out.line(written(line, out))?;
        }
        if !follow {
            if lines.is_empty() {
                out.remark("No such line was logged in that time; --since looks further back.");
            }
            return Ok(Exit::Done);
        }
        follower.pause().await;
    }
}

/// A line for people: when, who, what, and the other fields behind it.
fn written(line: &Line, out: Out) -> String {
    let seconds = line.at / 1_000;
    let time = format!("{:02}:{:02}:{:02}.{:03}", seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60, line.at % 1_000);
    let head = format!("{} {:<24}", out.paint(Look::Dim, &time), line.part);
    let Value::Object(fields) = &line.said else {
        return format!("{head} {}", line.said.as_str().unwrap_or_default());
    };
    let field = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let look = if matches!(field("level"), "WARN" | "ERROR") { Look::Bad } else { Look::Dim };
    let told = ["timestamp", "level", "target", "message", "_aws"];
    let others = fields.iter().filter(|(name, _)| !told.contains(&name.as_str())).map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    });
    let others: Vec<String> = others.collect();
    format!("{head} {} {} {}", out.paint(look, field("level")), field("message"), out.paint(Look::Dim, &others.join(" ")))
}

fn estimate(wish: &Costs, place: &Place, out: Out) -> Result<Exit> {
    let unknown = || ClientError::new("usage", "no price is known of that machine");
    let gpu = Gpu::named(&wish.gpu).ok_or_else(unknown)?;
    let known = wish.prices.iter().fold(Known::default(), |known, (name, usd)| known.and(name, *usd));
    let of = Use {
        students: f64::from(wish.students),
        questions: wish.questions,
        connected: wish.connected,
        recorded: wish.recorded,
        kept: wish.kept,
        gpu_hours: wish.gpu_hours.min(24.0),
        gpu,
        database: wish.database,
        proxy: wish.proxy,
        nats: f64::from(wish.nats),
        endpoints: f64::from(wish.endpoints),
    };
    let made = costs::estimate(&of, &known);
    out.event(&made)?;
    let Estimate { region, noted, items, usd, each } = &made;
    for item in items.iter().filter(|item| item.usd >= 0.005) {
        let mark = if item.source == GIVEN { " (given)" } else { "" };
        out.line(format!("{:>10.2} USD  {:<38} {:>12} × {}{mark}", item.usd, item.what, grouped(item.amount), item.per))?;
    }
    out.line(out.paint(Look::Strong, &format!("{usd:>10.2} USD  a month, {each:.2} for each of {} students", wish.students)))?;
    let told = format!(
        "Prices of {region} on demand, looked up {noted}; --json names the source of each. Check them before you decide."
    );
    out.line(out.paint(Look::Dim, &told))?;
    if let Some(own) = place.region.as_deref().filter(|own| own != region) {
        out.remark(format!(
            "note: {own} is another region, and most are dearer, by a quarter for some machines with a GPU: look up the largest lines, and give them by --price NAME=USD"
        ));
    }
    Ok(Exit::Done)
}

/// A number as people read it.
fn grouped(amount: f64) -> String {
    let whole = format!("{:.0}", amount.round());
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if amount < 10.0 { format!("{amount:.1}") } else { text }
}

async fn spent(place: &Place, days: u32, out: Out) -> Result<Exit> {
    let deployment = named(place)?;
    let services = costs::spent(&connect(place).await?, deployment, days).await?;
    // The sum of nothing is -0.
    let usd = services.iter().fold(0.0, |usd, service| usd + service.usd);
    out.event(&json!({ "type": "spent", "deployment": deployment, "days": days, "services": services, "usd": usd }))?;
    for service in &services {
        out.line(format!("{:>10.2} USD  {}", service.usd, service.service))?;
    }
    out.line(out.paint(Look::Strong, &format!("{usd:>10.2} USD  in the last {days} days")))?;
    if services.is_empty() {
        out.remark(
            "Nothing is billed under the tag Deployment yet; it has to be activated as a cost allocation tag, and takes a day.",
        );
    }
    Ok(Exit::Done)
}

async fn replay(place: &Place, about: Option<&str>, dry_run: bool, out: Out) -> Result<Exit> {
    let (cloud, stack) = find(place).await?;
    let all = letters::all(&cloud, &stack).await?;
    let known: Vec<&str> = all.iter().map(|letters| letters.about.as_str()).collect();
    if known.is_empty() {
        return Err(ClientError::new(
            "not_found",
            "this stack sets nothing aside: no output of it ends in DeadLettersUrl; see: synapscribe ops outputs",
        )
        .into());
    }
    if let Some(about) = about.filter(|about| !known.contains(about)) {
        return Err(
            ClientError::new("not_found", format!("nothing is set aside about {about}; there are {}", known.join(", "))).into()
        );
    }
    for letters in all.iter().filter(|letters| about.is_none_or(|about| letters.about == about)) {
        let moved = if dry_run { 0 } else { letters::replay(&cloud, letters).await? };
        out.event(&json!({ "type": "replayed", "about": letters.about, "waiting": letters.waiting, "moved": moved }))?;
        let word = if dry_run { "would go back".to_owned() } else { format!("waited, {moved} went back") };
        out.line(format!("{:<10} {} {word}", letters.about, letters.waiting))?;
    }
    Ok(Exit::Done)
}
