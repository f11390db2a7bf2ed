//! The page as it was built, the very one that the host serves. Knows nothing of its content.

use std::borrow::Cow;

use tauri::utils::assets::{AssetKey, AssetsIter, CspHash};
use tauri::{Assets, Runtime};

/// What is shown where the page was not built.
const NOT_BUILT: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>SynapScribe</title>\
    <p>The page was not built. <code>make run</code> builds it, or says what is missing, and starts the app again.</p>";

/// The files of the page.
pub struct Page;

impl<R: Runtime> Assets<R> for Page {
    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        let path = key.as_ref().trim_start_matches('/');
        let found = synapscribe_host::page(path);
        if found.is_none() && path == "index.html" { Some(Cow::Borrowed(NOT_BUILT.as_bytes())) } else { found }
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        Box::new(std::iter::empty())
    }

    fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        // The page has no inline script and no inline style.
        Box::new(std::iter::empty())
    }
}
