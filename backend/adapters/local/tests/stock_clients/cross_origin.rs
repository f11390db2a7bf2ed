//! A web page of another origin uses the endpoint only when it was allowed to.

use crate::support::Host;

#[tokio::test]
async fn only_allowed_pages_may_call_and_they_see_the_entity_tag() {
    let host = Host::start().await;
    let http = reqwest::Client::new();
    let preflight = |origin: &'static str| {
        http.request(reqwest::Method::OPTIONS, format!("{}/synapscribe/lectures/a/b/c.mp3", host.base))
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "content-type,x-amz-date,authorization")
            .send()
    };
    let allowed = preflight("http://app.example").await.unwrap();
    assert!(allowed.status().is_success());
    assert_eq!(allowed.headers()["access-control-allow-origin"], "http://app.example");
    assert!(allowed.headers()["access-control-allow-methods"].to_str().unwrap().contains("PUT"));
    assert!(allowed.headers()["access-control-allow-headers"].to_str().unwrap().contains("x-amz-date"));
    assert!(!preflight("http://evil.example").await.unwrap().headers().contains_key("access-control-allow-origin"));

    let answer = http.get(format!("{}/synapscribe/lectures/a/b/c.mp3", host.base)).header("origin", "http://app.example");
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 403);
    assert_eq!(answer.headers()["access-control-allow-origin"], "http://app.example", "a page can read why it was refused");
    assert!(answer.headers()["access-control-expose-headers"].to_str().unwrap().contains("etag"));
}
