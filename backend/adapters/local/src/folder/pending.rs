//! Objects whose creation somebody must still hear of: noted before the object gets its name and struck out once it was
//! announced, so that neither a crash nor a failing listener swallows an object.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use synapscribe_ports::ObjectCreated;

use super::about::About;
use super::disk::{absent_is_fine, sync_folder};
use super::drafts::Draft;
use super::{Folder, FolderError, blocking};

impl Folder {
    /// The creation was heard of.
    pub async fn announced(self: &Arc<Self>, sequencer: &str) -> Result<(), FolderError> {
        let path = self.root.join("pending").join(sequencer);
        blocking(move || Ok(absent_is_fine(fs::remove_file(path))?)).await
    }

    /// Creations not announced for at least `age`, oldest first. What was replaced or deleted meanwhile is struck out.
    pub async fn unannounced(self: &Arc<Self>, age: Duration) -> Result<Vec<ObjectCreated>, FolderError> {
        let folder = Arc::clone(self);
        blocking(move || folder.unannounced_now(age)).await
    }

    pub(super) fn remember(&self, about: &About) -> Result<(), FolderError> {
        let event = ObjectCreated { key: about.key.clone(), bytes: about.bytes, sequencer: about.sequencer.clone() };
        let text = serde_json::to_vec(&event).map_err(std::io::Error::other)?;
        let pending = self.root.join("pending");
        Draft::whole(&self.incoming(), &text)?.rename(&pending.join(&about.sequencer))?;
        Ok(sync_folder(&pending)?)
    }

    fn unannounced_now(&self, age: Duration) -> Result<Vec<ObjectCreated>, FolderError> {
        let mut waiting = Vec::new();
        for entry in fs::read_dir(self.root.join("pending"))? {
            let entry = entry?;
            let written = entry.metadata().and_then(|facts| facts.modified());
            let Ok(written) = written else { continue };
            if SystemTime::now().duration_since(written).unwrap_or_default() < age {
                continue;
            }
            let event = fs::read(entry.path()).ok().and_then(|text| serde_json::from_slice::<ObjectCreated>(&text).ok());
            let present = event.as_ref().map(|event| self.find_now(&event.key)).transpose()?.flatten();
            match (event, present) {
                (Some(event), Some(found)) if found.about.sequencer == event.sequencer => waiting.push(event),
                _ => absent_is_fine(fs::remove_file(entry.path()))?,
            }
        }
        waiting.sort_by(|a, b| a.sequencer.cmp(&b.sequencer));
        Ok(waiting)
    }
}
