//! Serves the web page as it was built, with headers that let it load nothing from elsewhere. Knows no page's content.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use synapscribe_domain::{Code, Failure};
use synapscribe_local::s3::no_list_of_buckets;

use crate::reach::Reach;

/// The built page: read from its folder by development builds, held within the program by release builds.
#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Built;

/// A file of the built page, such as `index.html`, for a window that shows it without asking a server.
pub fn page(path: &str) -> Option<Cow<'static, [u8]>> {
    // A development build reads a folder, where a path could lead astray.
    let leads_up = path.split('/').any(|part| part == "..");
    if leads_up { None } else { Built::get(path).map(|file| file.data) }
}

/// A page that was not built is no failure: everything but the page works.
const NOT_BUILT: &str = "SynapScribe is running, but its web page was not built. \
    `make run` builds it, or says what is missing; then load this page again.\n";

/// What is needed to serve the page.
struct Site {
    url: String,
    reach: Reach,
}

/// The page's routes; `url` is the address of this host for clients that name no other.
pub(crate) fn router(url: &str, reach: Reach) -> Router {
    let site = Site { url: url.to_owned(), reach };
    Router::new()
        .route("/", get(index).layer(from_fn(no_list_of_buckets)))
        .route("/favicon.svg", get(|| async { file("favicon.svg", "public, max-age=86400") }))
        .route("/assets/{*path}", get(asset))
        .method_not_allowed_fallback(lambda_library::another_method)
        .with_state(Arc::new(site))
}

/// Scripts, styles and sounds of this host only; no inline script or style, no frame around the page.
fn policy(url: &str) -> HeaderValue {
    let socket = url.replacen("http", "ws", 1);
    let text = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self' {url} {socket}; media-src 'self' blob: {url}; worker-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

async fn index(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    // Addresses in the discovery document are of one name; under the other the page would call another origin.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if let Some(port) = host.strip_prefix("localhost:")
        && site.url == format!("http://127.0.0.1:{port}")
    {
        return Redirect::temporary(&site.url).into_response();
    }
    let policy = policy(&site.reach.named(&headers));
    let mut response = match page("index.html") {
        // The page names its hashed assets, so it is asked for anew each time.
        Some(_) => file("index.html", "no-cache"),
        None => (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], NOT_BUILT).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert("permissions-policy", HeaderValue::from_static("microphone=(self), camera=(), geolocation=()"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

async fn asset(Path(path): Path<String>) -> Response {
    // The name of an asset holds the hash of its content.
    file(&format!("assets/{path}"), "public, max-age=31536000, immutable")
}

fn file(path: &str, caching: &'static str) -> Response {
    let Some(found) = page(path) else {
        let failure = Failure::new(Code::NotFound, "there is nothing at this address; load the page again");
        return lambda_library::Refusal::from(failure).into_response();
    };
    let headers =
        [(header::CONTENT_TYPE, media_type(path)), (header::CACHE_CONTROL, caching), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, found.into_owned()).into_response()
}

/// The types that the build writes.
fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "map") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn the_policy_lets_nothing_in_from_elsewhere() {
        let policy = policy("http://127.0.0.1:4000");
        let policy = policy.to_str().unwrap();
        assert!(policy.contains("connect-src 'self' http://127.0.0.1:4000 ws://127.0.0.1:4000;"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    }

    #[tokio::test]
    async fn the_page_or_a_plain_sentence_is_served_and_localhost_is_sent_to_the_one_name() {
        let url = "http://127.0.0.1:4000";
        let site = || State(Arc::new(Site { url: url.into(), reach: Reach::of(&Settings::new("unused"), url) }));
        let named = |name: &'static str| HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(name))]);
        let page = index(site(), named("127.0.0.1:4000")).await;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(page.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        let moved = index(site(), named("localhost:4000")).await;
        assert_eq!(moved.headers()[header::LOCATION], "http://127.0.0.1:4000");
        assert_eq!(asset(Path("../index.html".into())).await.status(), StatusCode::NOT_FOUND);
    }
}
