//! The page as it was built, the very one that the host serves, and the only one that the window shows. Knows nothing of its content.

use std::borrow::Cow;

use tauri::plugin::{Builder, TauriPlugin};
use tauri::utils::assets::{AssetKey, AssetsIter, CspHash};
use tauri::{Assets, Runtime};
use url::Url;

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

/// Keeps the window at the page: its policy says what is loaded into it, and not where the window may go.
pub fn alone<R: Runtime>() -> TauriPlugin<R> {
    Builder::new("alone").on_navigation(|_, url| is_own(url)).build()
}

/// Whether an address is the page's. The webview of Windows knows no scheme of the app's, so there a name stands for it.
fn is_own(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => true,
        // A name without a port; what listens at any other port of this machine is somebody else's.
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => url.as_str() == "about:blank",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_but_to_the_page() {
        let own = |address: &str| is_own(&Url::parse(address).unwrap());
        assert!(own("tauri://localhost") && own("tauri://localhost/#/settings") && own("about:blank"));
        assert_eq!(own("http://tauri.localhost/"), cfg!(windows));
        assert!(!own("http://tauri.localhost:4517/") && !own("https://tauri.localhost:4517/"));
        for other in ["https://example.org/", "http://127.0.0.1:4517/", "file:///etc/hosts", "data:text/html,words"] {
            assert!(!own(other), "{other}");
        }
    }
}
