//! What operators can ask for, as data; does nothing.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use synapscribe_operations::costs::{Gpu, Known};
use synapscribe_operations::deploy::Step;

/// `ops`.
#[derive(Debug, Args, PartialEq)]
pub struct Ops {
    /// Which deployment.
    #[command(flatten)]
    pub place: Place,
    /// What to do.
    #[command(subcommand)]
    pub action: Operation,
}

/// Which deployment on AWS.
#[derive(Debug, Clone, Args, PartialEq)]
pub struct Place {
    /// The deployment's stack, such as synapscribe-prod.
    #[arg(long, global = true, env = "SYNAPSCRIBE_STACK", value_name = "NAME")]
    pub stack: Option<String>,
    /// Its region; left out, that of the AWS profile.
    #[arg(long, global = true, env = "AWS_REGION", value_name = "REGION")]
    pub region: Option<String>,
    /// The address of an emulator in place of AWS, for rehearsals.
    #[arg(long, global = true, env = "AWS_ENDPOINT_URL", value_name = "URL", hide = true)]
    pub endpoint: Option<String>,
}

/// What an operator does.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Operation {
    /// Bring a stage up, or up to date, with all that belongs to it.
    Deploy(Deploy),
    /// Show what the stack says of itself: addresses, queues, names.
    Outputs,
    /// Prove that a deployment works, from credentials to a spoken answer.
    Doctor {
        /// Seconds that the work on the recording may take.
        #[arg(long, value_name = "SECONDS", default_value_t = 600)]
        ready: u64,
        /// Seconds that its event may take to arrive.
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        event: u64,
    },
    /// Show the logs of every function and of the GPU host as one.
    Logs {
        /// Go on as lines are written, until Ctrl-C.
        #[arg(long, short)]
        follow: bool,
        /// Only lines about this: the name that a student sees with an error, a lecture or a question.
        #[arg(long, value_name = "NAME")]
        correlation: Option<String>,
        /// Only one part, by a piece of its name, such as answer.
        #[arg(long, value_name = "NAME")]
        part: Option<String>,
        /// Begin so long ago, such as 90s, 15m or 2h.
        #[arg(long, value_name = "TIME", value_parser = ago, default_value = "15m")]
        since: Duration,
    },
    /// Estimate what a deployment costs in a month, or show what it did cost.
    Costs(Costs),
    /// Put messages that failed too often back into their queues.
    Replay {
        /// Only those about uploads, answers or ingests.
        #[arg(value_name = "ABOUT")]
        about: Option<String>,
        /// Only show how many there are.
        #[arg(long)]
        dry_run: bool,
    },
    /// Invite people to sign up where that takes an invitation, or to a role.
    ///
    /// A deployment on AWS that is named by its stack is asked with your credentials for AWS; so it gets its first operator. Any other
    /// server takes an operator's account, but for this machine's own host, which is yours.
    Invite {
        /// What to do.
        #[command(subcommand)]
        action: Invite,
    },
    /// Give an account that is there another role.
    ///
    /// Whoever may invite may do it: by the stack, or by an operator's account, but for one's own. A higher role holds from the next
    /// renewal on, within a quarter of an hour; with any other the account is signed out everywhere at once.
    Role {
        /// What to do.
        #[command(subcommand)]
        action: Role,
    },
    /// Show what happened to accounts, the latest first.
    ///
    /// Whoever may invite may look: by the stack, or by an operator's account.
    Audit {
        /// At most so many events.
        #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
        most: u32,
        /// Only what happened before this moment, as `at` of an earlier event tells it with --json, in milliseconds.
        #[arg(long, value_name = "TIME")]
        before: Option<i64>,
        /// And of what happened at it, whatever has a smaller number, as `number` of that event tells it with --json: with both of the last event it goes on after that one.
        #[arg(long, value_name = "NUMBER", requires = "before")]
        number: Option<i64>,
    },
    /// Remove the stacks of a stage.
    Teardown {
        /// The stage, such as dev.
        stage: String,
        /// The folder with the template.
        #[arg(long, value_name = "DIR", default_value = "infra", value_hint = ValueHint::DirPath)]
        infra: PathBuf,
        /// Mean it; without this nothing happens.
        #[arg(long)]
        yes: bool,
    },
}

/// `ops deploy`.
#[derive(Debug, Args, PartialEq)]
pub struct Deploy {
    /// The stage, such as dev or prod, as the template's samconfig.toml describes it.
    pub stage: String,
    /// The folder with the template.
    #[arg(long, value_name = "DIR", default_value = "infra", value_hint = ValueHint::DirPath)]
    pub infra: PathBuf,
    /// Go on from this step; those before it are done.
    #[arg(long, value_name = "STEP", value_parser = Step::NAMES)]
    pub from: Option<String>,
    /// Do this step alone.
    #[arg(long, value_name = "STEP", value_parser = Step::NAMES, conflicts_with = "from")]
    pub only: Option<String>,
    /// Take the functions as they were built before.
    #[arg(long)]
    pub built: bool,
    /// Do not ask before anything is changed.
    #[arg(long)]
    pub yes: bool,
    /// What the AWS SAM command line is told besides, behind --.
    #[arg(last = true, value_name = "SAM")]
    pub sam: Vec<String>,
}

/// `ops invite`.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Invite {
    /// Make an invitation and tell its code, this once.
    Create {
        /// The role of whoever comes by it.
        #[arg(long, value_name = "ROLE", default_value = "student", value_parser = ["student", "lecturer", "operator"])]
        role: String,
        /// How many may come.
        #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        uses: u32,
        /// Days it is good for.
        #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=365))]
        days: u32,
        /// A note for whoever reads the list.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// List all invitations.
    List,
    /// Let nobody in by these any more.
    Revoke {
        /// The invitations, as the list names them.
        #[arg(required = true, value_name = "INVITATION")]
        invitations: Vec<String>,
    },
}

/// `ops role`.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Role {
    /// Give the account of an address a role.
    Set {
        /// The address.
        #[arg(value_name = "ADDRESS", value_hint = ValueHint::EmailAddress)]
        address: String,
        /// The role from now on.
        #[arg(value_name = "ROLE", value_parser = ["student", "lecturer", "operator"])]
        role: String,
    },
}

/// `ops costs`.
#[derive(Debug, Args, PartialEq)]
pub struct Costs {
    /// Students.
    #[arg(long, value_name = "NUMBER", default_value_t = 500)]
    pub students: u32,
    /// Questions of each student in a week.
    #[arg(long, value_name = "NUMBER", default_value_t = 10.0, value_parser = amount)]
    pub questions: f64,
    /// Hours that each student is connected in a week.
    #[arg(long, value_name = "HOURS", default_value_t = 3.0, value_parser = amount)]
    pub connected: f64,
    /// Hours of recordings that come in a week.
    #[arg(long, value_name = "HOURS", default_value_t = 20.0, value_parser = amount)]
    pub recorded: f64,
    /// Months that recordings have been kept.
    #[arg(long, value_name = "MONTHS", default_value_t = 6.0, value_parser = amount)]
    pub kept: f64,
    /// Hours a day that the GPU host runs.
    #[arg(long, value_name = "HOURS", default_value_t = 24.0, value_parser = amount)]
    pub gpu_hours: f64,
    /// The GPU host's machine.
    #[arg(long, value_name = "NAME", default_value = "g6.2xlarge", value_parser = Gpu::NAMES)]
    pub gpu: String,
    /// What the database takes on average, in capacity units.
    #[arg(long, value_name = "UNITS", default_value_t = 0.5, value_parser = amount)]
    pub database: f64,
    /// Reach the database through a proxy, as prod does.
    #[arg(long)]
    pub proxy: bool,
    /// NAT gateways.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub nats: u32,
    /// Interface endpoints of the network, one for each service and zone; 6 in prod.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub endpoints: u32,
    /// A price that you know better, by its name, such as nat.hour=0.052; --json and docs/costs.md name them. It may be given several
    /// times.
    #[arg(long = "price", value_name = "NAME=USD", value_parser = price)]
    pub prices: Vec<(String, f64)>,
    /// Show what the stack did cost in the last days instead, from the bill.
    #[arg(long, value_name = "DAYS", num_args = 0..=1, default_missing_value = "30")]
    pub spent: Option<u32>,
}

/// Reads a time such as `90s`, `15m`, `2h` or `1d`.
fn ago(text: &str) -> Result<Duration, String> {
    let bad = || "give a number and s, m, h or d, such as 15m".to_owned();
    let unit = text.chars().next_back().ok_or_else(bad)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(bad()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| bad())?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

/// Reads an amount of something.
fn amount(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(amount) if (0.0..=1_000_000.0).contains(&amount) => Ok(amount),
        _ => Err("give a number from 0 up".into()),
    }
}

/// Reads the name of a price and what one costs.
fn price(text: &str) -> Result<(String, f64), String> {
    let (name, usd) = text.split_once('=').ok_or("give the name of a price and US dollars, such as nat.hour=0.052")?;
    let name = Known::name(name).ok_or_else(|| format!("there is no price {name}; --json names them"))?;
    Ok((name.to_owned(), amount(usd)?))
}
