//! How long this host keeps what was asked: a week, or as long as the person whose machine it is chose. Knows only days.

use std::path::{Path, PathBuf};

use synapscribe_domain::session::Retention;
use tokio::sync::watch;

/// The file in the data folder.
pub(crate) const FILE: &str = "retention-days";

/// The choice, and the file beside the data that remembers it.
pub(crate) struct Chosen {
    file: PathBuf,
    now: watch::Sender<Retention>,
}

impl Chosen {
    /// What was chosen before; a file that is missing or damaged counts as no choice.
    pub(crate) fn read(data: &Path) -> Self {
        let file = data.join(FILE);
        let days = std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
        Self { file, now: watch::channel(days.and_then(Retention::of_days).unwrap_or(Retention::WEEK)).0 }
    }

    /// The choice, and whenever it changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Retention> {
        self.now.subscribe()
    }

    /// The choice now.
    pub(crate) fn now(&self) -> Retention {
        *self.now.borrow()
    }

    /// Chooses anew.
    pub(crate) fn choose(&self, retention: Retention) -> std::io::Result<()> {
        let draft = self.file.with_extension("new");
        std::fs::write(&draft, retention.days().to_string())?;
        std::fs::rename(draft, &self.file)?;
        self.now.send_replace(retention);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_remembered_and_nonsense_is_a_week() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(Chosen::read(data.path()).now(), Retention::WEEK);
        let chosen = Chosen::read(data.path());
        let mut seen = chosen.watch();
        chosen.choose(Retention::of_days(1).unwrap()).unwrap();
        assert!(seen.has_changed().unwrap());
        assert_eq!(seen.borrow_and_update().days(), 1);
        assert_eq!(Chosen::read(data.path()).now().days(), 1);
        for nonsense in ["0", "8", "a month"] {
            std::fs::write(data.path().join("retention-days"), nonsense).unwrap();
            assert_eq!(Chosen::read(data.path()).now(), Retention::WEEK, "{nonsense}");
        }
    }
}
