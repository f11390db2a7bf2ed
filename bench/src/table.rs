//! The rows that were measured, as a table for people and as JSON for programs.

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

/// Which way is good.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    Lower,
    Higher,
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    name: String,
    value: f64,
    unit: &'static str,
    better: Better,
    bar: Option<f64>,
    /// Nothing where nobody else does the same.
    peer: Option<String>,
    peer_value: Option<f64>,
}

impl Row {
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str, better: Better) -> Self {
        Self { name: name.into(), value, unit, better, bar: None, peer: None, peer_value: None }
    }

    pub fn bar(mut self, bar: f64) -> Self {
        self.bar = Some(bar);
        self
    }

    pub fn peer(mut self, name: impl Into<String>, value: f64) -> Self {
        self.peer = Some(name.into());
        self.peer_value = Some(value);
        self
    }

    fn holds(&self) -> Option<bool> {
        self.bar.map(|bar| match self.better {
            Better::Lower => self.value <= bar,
            Better::Higher => self.value >= bar,
        })
    }
}

/// All figures of one run.
pub struct Table {
    only: String,
    rows: Vec<Row>,
}

impl Table {
    pub fn new(only: String) -> Self {
        Self { only, rows: Vec::new() }
    }

    /// Whether a group of rows was asked for.
    pub fn wants(&self, group: &str) -> bool {
        group.contains(self.only.as_str())
    }

    pub fn add(&mut self, row: Row) {
        eprintln!("  {} = {} {}", row.name, number(row.value), row.unit);
        self.rows.push(row);
    }

    pub fn print(&self) {
        println!("\n{:<62} {:>12} {:>12}  {:<6} peer", "figure", "measured", "bar", "holds");
        for row in &self.rows {
            let bar = row.bar.map(number).unwrap_or_default();
            let holds = row.holds().map_or("", |h| if h { "yes" } else { "NO" });
            let peer = row.peer.as_ref().zip(row.peer_value);
            let peer = peer.map_or("none".to_owned(), |(name, value)| format!("{name}: {}", number(value)));
            println!("{:<62} {:>12} {:>12}  {:<6} {peer}", row.name, format!("{} {}", number(row.value), row.unit), bar, holds);
        }
    }

    /// The names of the rows whose bars do not hold.
    pub fn missed(&self) -> Vec<&str> {
        self.rows.iter().filter(|row| row.holds() == Some(false)).map(|row| row.name.as_str()).collect()
    }

    /// Where only some rows were asked for, what an earlier run wrote of the others stays.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let mut rows = Vec::new();
        if !self.only.is_empty() {
            let before = std::fs::read(path).ok().and_then(|before| serde_json::from_slice::<Vec<Value>>(&before).ok());
            rows = before.unwrap_or_default();
            rows.retain(|row| self.rows.iter().all(|new| row["name"] != new.name.as_str()));
        }
        for row in &self.rows {
            rows.push(serde_json::to_value(row)?);
        }
        Ok(std::fs::write(path, serde_json::to_string_pretty(&rows)?)?)
    }
}

fn number(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// The value below which the given share of all values lies.
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len());
    values[at - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_past_its_bar_is_named_and_one_without_a_bar_is_not() {
        let mut table = Table::new(String::new());
        table.add(Row::new("slow", 21.0, "ms", Better::Lower).bar(20.0));
        table.add(Row::new("quick", 20.0, "ms", Better::Lower).bar(20.0));
        table.add(Row::new("few", 999.0, "of 1000", Better::Higher).bar(1000.0));
        table.add(Row::new("unbound", 9e9, "ms", Better::Lower));
        assert_eq!(table.missed(), ["slow", "few"]);
    }
}
