//! The tables by name and key, in one place for whoever makes them and whoever uses them.

/// The names that the tables have in one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    prefix: String,
}

impl Tables {
    /// Tables whose names begin with `prefix`, such as `synapscribe-prod`.
    pub fn below(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// The full name of one of [`TABLES`].
    pub fn name(&self, table: &Table) -> String {
        format!("{}-{}", self.prefix, table.name)
    }
}

/// How one table is keyed.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its short name.
    pub name: &'static str,
    /// The key that says where an item lies.
    pub hash: &'static str,
    /// The key that orders items that lie together.
    pub range: Option<&'static str>,
    /// The index by somebody's name: its own name, the person's attribute, the moment's attribute.
    pub index: Option<(&'static str, &'static str, &'static str)>,
}

/// Sessions.
pub(crate) const SESSIONS: Table =
    Table { name: "sessions", hash: "sessionId", range: Some("lectureId"), index: Some(("byOwner", "ownerId", "activeAt")) };
/// Their turns.
pub(crate) const TURNS: Table = Table { name: "turns", hash: "sessionId", range: Some("queryId"), index: None };
/// Who is connected.
pub(crate) const CONNECTIONS: Table =
    Table { name: "connections", hash: "connectionId", range: None, index: Some(("byPerson", "personId", "openedAt")) };
/// Claims of work.
pub(crate) const LEDGER: Table = Table { name: "ledger", hash: "work", range: None, index: None };
/// Work to do.
pub(crate) const JOBS: Table = Table { name: "jobs", hash: "lane", range: Some("id"), index: None };

/// All tables. Keys are text, but for the moments of indexes and the `id` of jobs, which are numbers.
pub const TABLES: [Table; 5] = [SESSIONS, TURNS, CONNECTIONS, LEDGER, JOBS];
