//! Addresses that the host signs and anybody may use, exactly as signed.

use synapscribe_domain::ObjectKey;
use synapscribe_ports::Objects;

use crate::support::Host;

const TYPE: &str = "audio/mpeg";

#[tokio::test]
async fn a_signed_address_takes_exactly_what_it_was_made_for() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = ObjectKey::parse(guest.key("l1/Woche 3 – (ü) a+b.mp3")).unwrap();
    let url = host.objects.upload_url(&key, TYPE, Some(7), 60).await.unwrap();
    let http = reqwest::Client::new();
    let put = |url: &str, kind: &str, body: &'static str| http.put(url).header("content-type", kind).body(body).send();

    for (kind, body) in [(TYPE, "too long"), (TYPE, "short"), ("text/html", "content")] {
        let refused = put(&url, kind, body).await.unwrap();
        assert_eq!(refused.status().as_u16(), 403, "{kind} {body}");
        assert!(refused.text().await.unwrap().contains("SignatureDoesNotMatch"));
    }
    let chunked = reqwest::Body::wrap_stream(futures::stream::iter([Ok::<_, std::io::Error>("content")]));
    let chunked = http.put(&url).header("content-type", TYPE).body(chunked).send().await.unwrap();
    assert_eq!(chunked.status().as_u16(), 403, "a length that is not said is not the signed one");
    assert_eq!(host.objects.head(&key).await.unwrap(), None);

    let stored = put(&url, TYPE, "content").await.unwrap();
    assert_eq!(stored.status().as_u16(), 200);
    assert!(stored.headers().contains_key("etag"));
    assert_eq!(guest.get(key.as_str()).await.unwrap(), b"content");
    assert_eq!(host.heard().len(), 1);
}

#[tokio::test]
async fn a_signed_address_serves_an_object_with_seeking() {
    let host = Host::start().await;
    let key = ObjectKey::parse("responses/us-east-1:ab/q1.ogg").unwrap();
    host.objects.put(&key, "0123456789".into(), "audio/ogg").await.unwrap();
    let url = host.objects.download_url(&key, 60).await.unwrap();
    let http = reqwest::Client::new();
    let whole = http.get(&url).send().await.unwrap();
    assert_eq!(whole.headers()["content-type"], "audio/ogg");
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    assert_eq!(whole.headers()["x-content-type-options"], "nosniff");
    assert_eq!(whole.text().await.unwrap(), "0123456789");
    let part = http.get(&url).header("range", "bytes=3-5").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.text().await.unwrap().as_str()), (206, "345"));
}

#[tokio::test]
async fn a_signed_address_is_good_for_nothing_else() {
    let host = Host::start().await;
    let key = ObjectKey::parse("lectures/ada/l1/a.mp3").unwrap();
    let secret = ObjectKey::parse("lectures/bob/l1/secret.mp3").unwrap();
    host.objects.put(&key, "content".into(), TYPE).await.unwrap();
    host.objects.put(&secret, "secret".into(), TYPE).await.unwrap();
    let get = host.objects.download_url(&key, 60).await.unwrap();
    let put = host.objects.upload_url(&key, TYPE, Some(0), 60).await.unwrap();
    let http = reqwest::Client::new();
    let status = |request: reqwest::RequestBuilder| async { request.send().await.unwrap().status().as_u16() };

    assert_eq!(status(http.get(get.replace("/ada/l1/a.mp3", "/bob/l1/secret.mp3"))).await, 403);
    assert_eq!(status(http.get(get.replace("/ada/l1/a.mp3", "/ada/l1/../../bob/l1/secret.mp3"))).await, 403);
    assert_eq!(status(http.get(format!("{get}&response-content-type=text%2Fhtml"))).await, 403);
    assert_eq!(status(http.get(get.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"))).await, 403);
    assert_eq!(status(http.delete(&get)).await, 403);
    assert_eq!(status(http.put(&get).body("x")).await, 403);
    // A copy is a PUT with one more header; that header must have been signed.
    let copy = http.put(&put).header("content-type", TYPE).header("content-length", "0");
    let copy = copy.header("x-amz-copy-source", "synapscribe/lectures/bob/l1/secret.mp3").send().await.unwrap();
    assert_eq!(copy.status().as_u16(), 403);
    assert!(copy.text().await.unwrap().contains("not signed"));
    assert_eq!(host.objects.get(&key).await.unwrap().unwrap(), "content");
}

#[tokio::test]
async fn a_signed_address_expires() {
    let host = Host::start().await;
    let key = ObjectKey::parse("lectures/ada/l1/a.mp3").unwrap();
    host.objects.put(&key, "content".into(), TYPE).await.unwrap();
    let url = host.objects.download_url(&key, 1).await.unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let answer = reqwest::get(&url).await.unwrap();
        if answer.status().as_u16() == 403 {
            assert!(answer.text().await.unwrap().contains("expired"));
            break;
        }
        assert_eq!(answer.status().as_u16(), 200);
        assert!(std::time::Instant::now() < deadline, "it was still served after ten times its lifetime");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn an_upload_to_an_address_that_expired_is_refused_and_leaves_nothing() {
    let host = Host::start().await;
    let key = ObjectKey::parse("lectures/ada/l1/late.mp3").unwrap();
    let url = host.objects.upload_url(&key, TYPE, Some(7), 1).await.unwrap();
    // Another address of the same moment tells when the time is over, without storing anything.
    let clock = host.objects.download_url(&key, 1).await.unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while reqwest::get(&clock).await.unwrap().status().as_u16() != 403 {
        assert!(std::time::Instant::now() < deadline, "it never expires");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let late = reqwest::Client::new().put(&url).header("content-type", TYPE).body("content").send().await.unwrap();
    assert_eq!(late.status().as_u16(), 403);
    assert!(late.text().await.unwrap().contains("expired"));
    assert_eq!((host.objects.head(&key).await.unwrap(), host.heard().len(), host.drafts()), (None, 0, 0));
}

#[tokio::test]
async fn an_address_signed_by_a_guest_carries_their_token() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = guest.key("l1/a.mp3");
    guest.put(&key, b"mine").await;
    let lifetime = aws_sdk_s3::presigning::PresigningConfig::expires_in(std::time::Duration::from_secs(600)).unwrap();
    let signed = guest.s3.get_object().bucket("synapscribe").key(&key).presigned(lifetime).await.unwrap();
    let url = signed.uri().to_owned();
    assert_eq!(reqwest::get(&url).await.unwrap().text().await.unwrap(), "mine");

    let token = guest.credentials.session_token().unwrap();
    let other = host.guest().await;
    let swapped = url.replace(token, other.credentials.session_token().unwrap());
    assert_eq!(reqwest::get(&swapped).await.unwrap().status().as_u16(), 403);
    host.clock.advance(3601);
    let late = reqwest::get(&url).await.unwrap();
    assert!(late.text().await.unwrap().contains("<Code>ExpiredToken</Code>"), "the token ends before the address does");
}
