//! An estimate of a month, each line of it with how it comes about. The prices are a table with its date, in `data/prices.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// Hours of an average month.
const HOURS: f64 = 730.0;
/// Weeks of an average month.
const WEEKS: f64 = 52.0 / 12.0;
/// A megabyte as storage counts it, in the gigabytes it is priced by.
const GB: f64 = 1.0 / 1_000.0;

/// Seconds that an answer takes to be written and spoken, and the function that relays it.
const ANSWER_SECONDS: f64 = 12.0;
/// Messages of an answer: its words, its citations, and a stretch of speech of 32 KB for each half second.
const ANSWER_MESSAGES: f64 = 60.0;
/// A spoken answer and what is sent with it, in megabytes of base64.
const ANSWER_MB: f64 = 0.9;
/// A spoken question as it is kept for a week, with its answer, in megabytes.
const KEPT_MB: f64 = 1.2;
/// Writes and reads of tables for one question: its job, its turn with each piece that is spoken, its session, the connection.
const QUESTION_WRITES: f64 = 44.0;
const QUESTION_READS: f64 = 21.0;
/// What is logged of one question, in megabytes.
const QUESTION_LOG_MB: f64 = 0.006;
/// How much a function has, in gigabytes.
const FUNCTION_GB: f64 = 0.5;
/// A minute of a recording, in megabytes, as an mp3 of 128 kbit/s.
const RECORDING_MB: f64 = 0.96;
/// Minutes of recording that a GPU host works off in a minute.
const INGEST_PACE: f64 = 20.0;
/// What Lambda asks three queues in an hour, with five pollers each that wait twenty seconds.
const POLLS: f64 = 3.0 * 5.0 * 180.0;
/// What a proxy of the database is charged for at least, in capacity units.
const PROXY: f64 = 8.0;
/// The GPU host's disk: gigabytes, operations a second, megabytes a second.
const DISK_GB: f64 = 200.0;
const DISK_OPERATIONS: f64 = 6_000.0;
const DISK_THROUGHPUT: f64 = 500.0;
/// Metrics, alarms, secrets and keys of a stack.
const METRICS: f64 = 30.0;
const ALARMS: f64 = 58.0;
const SECRETS: f64 = 2.0;
const KEYS: f64 = 1.0;

#[derive(Deserialize)]
struct Table {
    region: String,
    noted: String,
    prices: BTreeMap<String, Price>,
}

#[derive(Deserialize)]
struct Price {
    usd: f64,
    per: String,
    what: String,
    source: String,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/prices.json")).expect("a test reads the table that is compiled in")
});

/// The machine that listens and answers, by its name on EC2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gpu(&'static str);

impl Gpu {
    /// Those whose price is known: 24 GB each, and 48 those of the kind g6e.
    pub const NAMES: [&'static str; 5] = ["g5.xlarge", "g6.xlarge", "g6.2xlarge", "g6e.xlarge", "g6e.2xlarge"];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|known| *known == name).map(Self)
    }

    fn price(self) -> String {
        format!("gpu.{}", self.0)
    }
}

/// How a deployment is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Use {
    /// Students.
    pub students: f64,
    /// Questions of each in a week.
    pub questions: f64,
    /// Hours that each is connected in a week.
    pub connected: f64,
    /// Hours of recordings that come in a week, of all lecturers.
    pub recorded: f64,
    /// Months that recordings have been kept.
    pub kept: f64,
    /// Hours a day that the GPU host runs.
    pub gpu_hours: f64,
    /// Which one.
    pub gpu: Gpu,
    /// What the database takes on average, in capacity units.
    pub database: f64,
    /// Whether it is reached through a proxy.
    pub proxy: bool,
    /// NAT gateways.
    pub nats: f64,
    /// Interface endpoints of the network, one for each service and zone.
    pub endpoints: f64,
}

impl Default for Use {
    fn default() -> Self {
        Self {
            students: 500.0,
            questions: 10.0,
            connected: 3.0,
            recorded: 20.0,
            kept: 6.0,
            gpu_hours: 24.0,
            gpu: Gpu("g6.2xlarge"),
            database: 0.5,
            proxy: false,
            nats: 1.0,
            endpoints: 0.0,
        }
    }
}

/// Prices that are known better than by the table, by their names in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known(BTreeMap<String, f64>);

impl Known {
    /// The name of a price, if the table has one of that name.
    pub fn name(text: &str) -> Option<&'static str> {
        TABLE.prices.get_key_value(text).map(|(name, _)| name.as_str())
    }

    /// What one of something costs; given twice, the last one holds.
    pub fn and(mut self, name: &str, usd: f64) -> Self {
        self.0.insert(name.to_owned(), usd);
        self
    }
}

/// One line of the estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// The name of its price.
    pub name: String,
    /// What is paid for.
    pub what: String,
    /// How many of it.
    pub amount: f64,
    /// Of what.
    pub per: String,
    /// What one costs.
    pub each: f64,
    /// What they cost.
    pub usd: f64,
    /// Where the price was looked up and of when it is, or that it was given.
    pub source: String,
}

/// A month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// The region that the prices are of.
    pub region: String,
    /// When they were looked up.
    pub noted: String,
    /// What it is made of, the dearest first.
    pub items: Vec<Item>,
    /// What all of it costs.
    pub usd: f64,
    /// What it costs for each student.
    pub each: f64,
}

/// Where a price is from that whoever asks knows better.
pub const GIVEN: &str = "given";

/// Estimates a month.
pub fn estimate(of: &Use, known: &Known) -> Estimate {
    let questions = of.students * of.questions * WEEKS;
    let connected = of.students * of.connected * 60.0 * WEEKS;
    let minutes = of.recorded * 60.0 * WEEKS;
    // A person opens the app about as often as they ask in threes, and each time some lists are read.
    let requests = questions * 4.0;
    let lectures = minutes / 60.0;
    let calls = questions * 4.0 + requests + lectures * 4.0;
    let seconds = questions * (ANSWER_SECONDS + 0.2) + requests * 0.05 + lectures * 30.0;
    let gpu = of.gpu.price();
    let amounts = [
        (gpu.as_str(), of.gpu_hours * HOURS / 24.0 + minutes / 60.0 / INGEST_PACE * f64::from(of.gpu_hours < 24.0)),
        ("disk", DISK_GB),
        ("disk.operation", DISK_OPERATIONS - 3_000.0),
        ("disk.throughput", DISK_THROUGHPUT - 125.0),
        ("function.time", seconds * FUNCTION_GB),
        ("function.call", calls),
        ("socket.message", questions * ANSWER_MESSAGES + connected / 5.0 * 2.0),
        ("socket.minute", connected),
        ("http.request", requests),
        ("storage", minutes * RECORDING_MB * GB * of.kept + questions * KEPT_MB * GB / 4.0),
        ("storage.put", questions * 2.0 + lectures * 10.0),
        ("storage.get", questions * 3.0 + lectures * 50.0),
        ("table.write", questions * QUESTION_WRITES),
        ("table.read", questions * QUESTION_READS),
        ("queue.request", questions * 6.0 + POLLS * HOURS),
        ("database.hour", of.database * HOURS),
        ("database.storage", 5.0 + lectures * of.kept * 0.01),
        ("proxy.hour", f64::from(of.proxy) * of.database.max(PROXY) * HOURS),
        ("nat.hour", of.nats * HOURS),
        ("address.hour", of.nats * HOURS),
        ("endpoint.hour", of.endpoints * HOURS),
        ("nat.byte", questions * ANSWER_MB * GB),
        ("logs", questions * QUESTION_LOG_MB * GB + 1.0),
        ("metric", METRICS),
        ("alarm", ALARMS),
        ("out", questions * ANSWER_MB * GB + questions * 0.5 * RECORDING_MB * GB),
        ("secret", SECRETS),
        ("key", KEYS),
    ];
    let item = |(name, amount): &(&str, f64)| {
        let price = &TABLE.prices[*name];
        let Price { usd, per, what, source } = price;
        let (each, source) = match known.0.get(*name) {
            Some(own) => (*own, GIVEN.to_owned()),
            None => (*usd, source.clone()),
        };
        let (name, what, per) = ((*name).to_owned(), what.clone(), per.clone());
        Item { name, what, amount: *amount, per, each, usd: amount * each, source }
    };
    let mut items: Vec<Item> = amounts.iter().map(item).collect();
    items.sort_by(|a, b| b.usd.total_cmp(&a.usd));
    let usd = items.iter().map(|item| item.usd).sum();
    Estimate { region: TABLE.region.clone(), noted: TABLE.noted.clone(), items, usd, each: usd / of.students.max(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_is_dated_and_used_and_the_sum_is_that_of_the_lines() {
        let whole = estimate(&Use::default(), &Known::default());
        assert!(whole.noted.len() >= 7 && whole.region == "us-east-1");
        let dated = |source: &String| source.ends_with("undated") || source.contains(", 20") || source.ends_with("early 2026");
        assert!(TABLE.prices.values().map(|price| &price.source).all(dated), "a source says of when it is");
        let sum: f64 = whole.items.iter().map(|item| item.amount * item.each).sum();
        assert!((sum - whole.usd).abs() < 0.01 && (whole.each * 500.0 - whole.usd).abs() < 0.01);
        let used = Gpu::NAMES.map(|name| estimate(&Use { gpu: Gpu::named(name).unwrap(), ..Use::default() }, &Known::default()));
        for price in TABLE.prices.values() {
            assert!(used.iter().any(|whole| whole.items.iter().any(|item| item.what == price.what)), "{}", price.what);
        }
    }

    #[test]
    fn every_alarm_of_the_template_is_paid_for() {
        let stacks =
            [include_str!("../../../../infra/stacks/alarms.yaml"), include_str!("../../../../infra/stacks/gpu-host.yaml")];
        let alarms: usize = stacks.iter().map(|stack| stack.matches("Type: AWS::CloudWatch::Alarm").count()).sum();
        assert_eq!(alarms as f64, ALARMS);
    }

    #[test]
    fn the_page_of_costs_names_every_price_and_where_it_was_looked_up() {
        let page = include_str!("../../../../docs/costs.md");
        for (name, Price { usd, per, what, source }) in &TABLE.prices {
            let row = format!("| `{name}` | {what} | {usd} per {per} | {source} |");
            assert!(page.contains(&row), "the page lacks: {row}");
        }
    }

    #[test]
    fn what_is_used_more_costs_more_and_what_stands_still_costs_what_it_did() {
        let cost = |of: Use, what: &str| {
            estimate(&of, &Known::default()).items.iter().find(|item| item.what.contains(what)).unwrap().usd
        };
        let (few, many) = (Use::default(), Use { students: 1_000.0, ..Use::default() });
        assert!((cost(many, "WebSocket messages") / cost(few, "WebSocket messages") - 2.0).abs() < 1e-9);
        assert_eq!(cost(many, "EC2"), cost(few, "EC2"));
        // A host that runs all day, by hand: 730 hours at 0.9776.
        assert!((cost(few, "EC2") - 713.65).abs() < 0.01, "{}", cost(few, "EC2"));
        // 500 students, 10 questions a week: 21,667 questions a month with 44 writes each.
        assert!((cost(few, "DynamoDB on-demand writes") - 0.596).abs() < 0.001);
        // As in prod: a proxy for eight units at least, and three services in two zones.
        let prod = Use { proxy: true, endpoints: 6.0, nats: 2.0, ..few };
        assert!((cost(prod, "RDS Proxy") - 87.6).abs() < 0.01 && (cost(prod, "interface endpoints") - 43.8).abs() < 0.01);
        let day = Use { gpu_hours: 10.0, ..few };
        assert!(cost(day, "EC2") < cost(few, "EC2") / 2.0);
    }
    #[test]
    fn a_price_that_is_known_better_takes_the_place_of_the_tables_and_no_other() {
        let table = estimate(&Use::default(), &Known::default());
        let own = estimate(&Use::default(), &Known::default().and("gpu.g6.2xlarge", 5.0).and("gpu.g6.2xlarge", 1.0));
        let of = |whole: &Estimate, name: &str| whole.items.iter().find(|item| item.name == name).unwrap().clone();
        let machine = of(&own, "gpu.g6.2xlarge");
        assert_eq!((machine.each, machine.usd, machine.source.as_str()), (1.0, 730.0, GIVEN));
        assert_eq!(of(&own, "nat.hour"), of(&table, "nat.hour"));
        assert!((own.usd - table.usd - (730.0 - 713.648)).abs() < 1e-6, "{}", own.usd - table.usd);
        assert_eq!((Known::name("nat.hour"), Known::name("nat")), (Some("nat.hour"), None));
    }
}
