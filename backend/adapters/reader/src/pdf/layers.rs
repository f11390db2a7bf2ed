//! Which layers of a document are hidden, so that what nobody sees is not read.

use std::collections::HashSet;

use hayro::hayro_syntax::object::{Array, Dict, Name, ObjectIdentifier};

/// The layers that are off when the document is opened.
#[derive(Default)]
pub(super) struct Layers {
    off: HashSet<ObjectIdentifier>,
}

impl Layers {
    pub fn of(catalog: &Dict<'_>) -> Self {
        let mut off = HashSet::new();
        let Some(properties) = catalog.get::<Dict<'_>>("OCProperties") else { return Self { off } };
        let Some(usual) = properties.get::<Dict<'_>>("D") else { return Self { off } };
        let named = |dict: &Dict<'_>, key: &str| -> Vec<ObjectIdentifier> {
            dict.get::<Array<'_>>(key)
                .map(|ids| ids.raw_iter().filter_map(|id| id.as_obj_ref().map(Into::into)).collect())
                .unwrap_or_default()
        };
        if usual.get::<Name<'_>>("BaseState").is_some_and(|state| state.as_str() == "OFF") {
            off.extend(named(&properties, "OCGs"));
        }
        for id in named(&usual, "ON") {
            off.remove(&id);
        }
        off.extend(named(&usual, "OFF"));
        Self { off }
    }

    /// Whether what belongs to this layer, or to this group of layers, is hidden.
    pub fn hides(&self, id: Option<ObjectIdentifier>, layer: &Dict<'_>) -> bool {
        if self.off.is_empty() {
            return false;
        }
        if id.is_some_and(|id| self.off.contains(&id)) {
            return true;
        }
        let members: Vec<ObjectIdentifier> = match layer.get::<Array<'_>>("OCGs") {
            Some(members) => members.raw_iter().filter_map(|id| id.as_obj_ref().map(Into::into)).collect(),
            None => layer.get_ref("OCGs").map(Into::into).into_iter().collect(),
        };
        !members.is_empty() && members.iter().all(|id| self.off.contains(id))
    }
}
