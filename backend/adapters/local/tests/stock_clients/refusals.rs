//! Who is turned away, and that nothing of a refused or broken request remains.

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sdk_s3::types::ChecksumAlgorithm;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Guest, Host, code, noise, sentence};

const BUCKET: &str = "synapscribe";

#[tokio::test]
async fn a_guest_reaches_nothing_of_anybody_else() {
    let host = Host::start().await;
    let (guest, other) = (host.guest().await, host.guest().await);
    let theirs = other.key("l1/talk.mp3");
    other.put(&theirs, b"secret").await;
    let s3 = &guest.s3;
    let body = || ByteStream::from_static(b"mine now");
    let denied = "AccessDenied";
    assert_eq!(code(&s3.get_object().bucket(BUCKET).key(&theirs).send().await.unwrap_err()), denied);
    assert_eq!(code(&s3.head_object().bucket(BUCKET).key(&theirs).send().await.unwrap_err()), "403");
    assert_eq!(code(&s3.put_object().bucket(BUCKET).key(&theirs).body(body()).send().await.unwrap_err()), denied);
    assert_eq!(code(&s3.delete_object().bucket(BUCKET).key(&theirs).send().await.unwrap_err()), denied);
    assert_eq!(code(&s3.create_multipart_upload().bucket(BUCKET).key(&theirs).send().await.unwrap_err()), denied);
    let copy = s3.copy_object().bucket(BUCKET).key(guest.key("l1/stolen.mp3")).copy_source(format!("{BUCKET}/{theirs}"));
    assert_eq!(code(&copy.send().await.unwrap_err()), denied);
    for prefix in
        ["", "lectures/", &other.key(""), &guest.key("").replace("lectures", "secrets"), guest.key("").trim_end_matches('/')]
    {
        let list = s3.list_objects_v2().bucket(BUCKET).prefix(prefix).send().await.unwrap_err();
        assert_eq!(code(&list), denied, "prefix {prefix:?}");
        let uploads = s3.list_multipart_uploads().bucket(BUCKET).prefix(prefix).send().await.unwrap_err();
        assert_eq!(code(&uploads), denied, "prefix {prefix:?}");
    }
    let elsewhere = s3.list_objects_v2().bucket("other-bucket").send().await.unwrap_err();
    assert_eq!(elsewhere.raw_response().unwrap().status().as_u16(), 404);
    assert_eq!((code(&elsewhere).as_str(), sentence(&elsewhere)), ("NoSuchBucket", "The specified bucket does not exist."));
    assert_eq!(code(&s3.delete_bucket().bucket(BUCKET).send().await.unwrap_err()), "NotImplemented");
    assert_eq!(other.get(&theirs).await.unwrap(), b"secret");
    assert_eq!(host.heard().len(), 1);
}

#[tokio::test]
async fn names_that_climb_or_confuse_are_refused() {
    let host = Host::start().await;
    let (guest, other) = (host.guest().await, host.guest().await);
    other.put(&other.key("l1/talk.mp3"), b"secret").await;
    let tricks = [
        guest.key("../../etc/passwd"),
        guest.key(&format!("../{}/l1/talk.mp3", other.id)),
        guest.key("l1/.."),
        guest.key("l1/../talk.mp3"),
        guest.key("l1//talk.mp3"),
        guest.key("l1/sub/talk.mp3"),
        guest.key("l1/"),
        guest.key("l1/nul\0.mp3"),
        guest.key("l1\\..\\talk.mp3"),
        guest.key("%2e%2e/talk.mp3"),
        guest.key("l1/..%2f..%2fx"),
        guest.key("l1/%2e%2e%2fx.mp3\n"),
        format!("/lectures/{}/l1/talk.mp3", guest.id),
        "/etc/passwd".to_owned(),
        "../host.key".to_owned(),
        format!("lectures/{}./l1/talk.mp3", guest.id),
        format!("lectures/{}/l1/talk.mp3", guest.id.to_ascii_uppercase()),
        format!("other/{}/l1/talk.mp3", guest.id),
        format!("queries/{}/../{}/q.wav", guest.id, other.id),
    ];
    for key in &tricks {
        // `%2f` inside a file name is only a strange name, and must stay one.
        let put = guest.s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"x")).send().await;
        match put {
            Ok(_) => assert_eq!(key, &guest.key("l1/..%2f..%2fx"), "{key:?} was accepted"),
            Err(error) => assert!(["AccessDenied", "400", "InvalidURI"].contains(&code(&error).as_str()), "{key:?}: {error:?}"),
        }
    }
    let mut files = files_below(host_root(&host));
    files.retain(|name| !name.starts_with('.'));
    files.sort();
    assert_eq!(files, ["..%2f..%2fx".replace('%', "%25").replacen('.', "%2E", 1), "talk.mp3".to_owned()]);
}

#[tokio::test]
async fn signatures_and_tokens_must_be_right_and_fresh() {
    let host = Host::start().await;
    let (guest, other) = (host.guest().await, host.guest().await);
    let key = guest.key("l1/a.mp3");
    guest.put(&key, b"mine").await;
    let (mine, theirs) = (&guest.credentials, &other.credentials);
    let with = |id: &str, secret: &str, token: Option<&str>| {
        host.s3(aws_sdk_s3::config::Credentials::new(id, secret, token.map(str::to_owned), None, "test"))
    };
    let token = mine.session_token().unwrap();
    let mut forged = token.to_owned();
    forged.replace_range(30..31, if &token[30..31] == "A" { "B" } else { "A" });
    let cases = [
        (with(mine.access_key_id(), "wrong secret", Some(token)), "SignatureDoesNotMatch"),
        (with(mine.access_key_id(), theirs.secret_access_key(), Some(token)), "SignatureDoesNotMatch"),
        (with("ASIAIOSFODNN7EXAMPLE", mine.secret_access_key(), Some(token)), "SignatureDoesNotMatch"),
        (with("AKIAIOSFODNN7EXAMPLE", mine.secret_access_key(), None), "InvalidAccessKeyId"),
        (with(mine.access_key_id(), mine.secret_access_key(), None), "InvalidAccessKeyId"),
        (with(mine.access_key_id(), mine.secret_access_key(), Some(&forged)), "InvalidToken"),
        (with(mine.access_key_id(), mine.secret_access_key(), Some("garbage")), "InvalidToken"),
        (with(mine.access_key_id(), mine.secret_access_key(), theirs.session_token()), "InvalidToken"),
    ];
    for (s3, expected) in cases {
        let refused = s3.get_object().bucket(BUCKET).key(&key).send().await.unwrap_err();
        assert_eq!(code(&refused), expected);
        assert!(sentence(&refused).len() > 20, "{expected} comes without a sentence: {refused:?}");
    }
    let unsigned = reqwest::get(format!("{}/{BUCKET}/{key}", host.base)).await.unwrap();
    assert_eq!(unsigned.status().as_u16(), 403);
    assert!(unsigned.text().await.unwrap().contains("<Code>AccessDenied</Code>"));

    host.clock.advance(3601);
    assert_eq!(code(&guest.s3.get_object().bucket(BUCKET).key(&key).send().await.unwrap_err()), "ExpiredToken");
    let renewed = Guest { s3: host.s3(host.credentials(&guest.id).await), ..guest };
    assert_eq!(renewed.get(&key).await.unwrap(), b"mine");
}

#[tokio::test]
async fn credentials_of_another_host_are_not_honoured() {
    let (host, elsewhere) = (Host::start().await, Host::start().await);
    let (guest, stranger) = (host.guest().await, elsewhere.guest().await);
    let s3 = host.s3(stranger.credentials.clone());
    for key in [stranger.key("l1/a.mp3"), guest.key("l1/a.mp3")] {
        let refused = s3.put_object().bucket(BUCKET).key(&key).body(ByteStream::from_static(b"x")).send().await.unwrap_err();
        assert_eq!(code(&refused), "SignatureDoesNotMatch", "{key}");
    }
    // Nor does this host give credentials to an identity that another one made.
    let asked = host.cognito().get_credentials_for_identity().identity_id(&stranger.id).send().await;
    assert!(asked.unwrap_err().into_service_error().is_resource_not_found_exception());
    assert_eq!(host.heard().len(), 0);
}

#[tokio::test]
async fn a_list_of_parts_that_is_no_xml_is_refused_with_a_sentence() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = guest.key("l1/a.mp3");
    let begun = guest.s3.create_multipart_upload().bucket(BUCKET).key(&key).send().await.unwrap();
    let complete = guest.s3.complete_multipart_upload().bucket(BUCKET).key(&key).upload_id(begun.upload_id().unwrap());
    let broken = complete.customize().mutate_request(|request| {
        *request.body_mut() = SdkBody::from("<CompleteMultipartUpload><Part");
        request.headers_mut().insert("content-length", "30");
    });
    let refused = broken.send().await.unwrap_err();
    assert_eq!(code(&refused), "MalformedXML");
    assert!(sentence(&refused).contains("not well-formed"), "{refused:?}");
}

#[tokio::test]
async fn ways_in_that_are_not_offered_are_closed() {
    let host = Host::start().await;
    let http = reqwest::Client::new();
    let form =
        http.post(format!("{}/{BUCKET}", host.base)).header("content-type", "multipart/form-data; boundary=x").body("--x--");
    assert_eq!(form.send().await.unwrap().status().as_u16(), 405);
    let old = http
        .get(format!("{}/{BUCKET}/lectures/a/b/c.mp3", host.base))
        .header("authorization", "AWS AKIA:sig")
        .send()
        .await
        .unwrap();
    assert_eq!(old.status().as_u16(), 400);
    let old = http.get(format!("{}/{BUCKET}/x?AWSAccessKeyId=a&Signature=b&Expires=9999999999", host.base)).send().await.unwrap();
    assert_eq!(old.status().as_u16(), 400);
    assert!(old.text().await.unwrap().contains("AWS4-HMAC-SHA256"));
}

#[tokio::test]
async fn a_damaged_upload_leaves_nothing() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = guest.key("l1/a.mp3");
    let put = || guest.s3.put_object().bucket(BUCKET).key(&key).body(ByteStream::from_static(b"content"));
    let wrong_md5 = put().content_md5("1B2M2Y8AsgTpgAmY7PhCfg==").send().await.unwrap_err();
    assert_eq!(code(&wrong_md5), "BadDigest");
    let wrong_sum = put().checksum_algorithm(ChecksumAlgorithm::Crc32).checksum_crc32("AAAAAA==").send().await.unwrap_err();
    assert_eq!(code(&wrong_sum), "BadDigest");
    assert_eq!(guest.get(&key).await, None);
    assert_eq!((host.heard().len(), host.drafts()), (0, 0));
}

#[tokio::test]
async fn an_upload_that_stops_half_way_leaves_nothing_and_keeps_what_was_there() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = guest.key("l1/a.mp3");
    guest.put(&key, b"old").await;
    let parsed = synapscribe_domain::ObjectKey::parse(&key).unwrap();
    let url = synapscribe_ports::Objects::upload_url(&host.objects, &parsed, "audio/mpeg", Some(1_000_000), 60).await.unwrap();
    let target = url.strip_prefix(&host.base).unwrap();
    let mut socket = tokio::net::TcpStream::connect(host.address).await.unwrap();
    let head =
        format!("PUT {target} HTTP/1.1\r\nhost: {}\r\ncontent-type: audio/mpeg\r\ncontent-length: 1000000\r\n\r\n", host.address);
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&noise(400_000)).await.unwrap();
    // The server has begun to take it once its draft shows.
    while host.drafts() == 0 {
        tokio::task::yield_now().await;
    }
    socket.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    drop(socket);
    while host.drafts() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(guest.get(&key).await.unwrap(), b"old");
    assert_eq!(host.heard().len(), 1);
}

fn host_root(host: &Host) -> std::path::PathBuf {
    host.root().join("store/objects")
}

fn files_below(folder: std::path::PathBuf) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            files.extend(files_below(entry.path()));
        } else {
            files.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    files
}
