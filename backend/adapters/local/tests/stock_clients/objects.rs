//! Storing, reading, listing and multipart uploads with the AWS SDK.

use std::sync::atomic::Ordering;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumMode, CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier};
use synapscribe_domain::ObjectKey;
use synapscribe_local::Limits;
use synapscribe_ports::Objects;

use crate::support::{Guest, Host, code, noise};

const BUCKET: &str = "synapscribe";
const PART: usize = 5 * 1024 * 1024;

#[tokio::test]
async fn an_object_is_stored_read_listed_and_deleted() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = guest.key("l1/Woche 3 – Kettenregel (50%) a+b.mp3");
    let content = noise(300_000);
    let put = guest.s3.put_object().bucket(BUCKET).key(&key).content_type("audio/mpeg").metadata("title", "Week 3");
    let put = put.body(content.clone().into()).send().await.unwrap();

    let head = guest.s3.head_object().bucket(BUCKET).key(&key).send().await.unwrap();
    assert_eq!(head.content_length, Some(300_000));
    assert_eq!(head.content_type.as_deref(), Some("audio/mpeg"));
    assert_eq!(head.metadata.unwrap()["title"], "Week 3");
    assert_eq!(head.e_tag, put.e_tag);

    // The SDK compares the stored checksum with what it received.
    let got = guest.s3.get_object().bucket(BUCKET).key(&key).checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert!(got.checksum_crc32.is_some());
    assert_eq!(got.body.collect().await.unwrap().to_vec(), content);

    let list = guest.s3.list_objects_v2().bucket(BUCKET).prefix(guest.key("")).send().await.unwrap();
    assert_eq!(list.contents().iter().map(|object| object.key().unwrap()).collect::<Vec<_>>(), [&key]);
    assert_eq!(list.contents()[0].e_tag(), put.e_tag.as_deref());

    // The port sees the same object, and the other way round.
    let parsed = ObjectKey::parse(&key).unwrap();
    assert_eq!(host.objects.get(&parsed).await.unwrap().unwrap(), content);
    let beside = parsed.beside("vtt");
    host.objects.put(&beside, "WEBVTT".into(), "text/vtt").await.unwrap();
    let seen = guest.s3.get_object().bucket(BUCKET).key(beside.as_str()).send().await.unwrap();
    assert_eq!(seen.content_type.as_deref(), Some("text/vtt"));

    guest.s3.delete_object().bucket(BUCKET).key(&key).send().await.unwrap();
    guest.s3.delete_object().bucket(BUCKET).key(&key).send().await.unwrap();
    assert_eq!(guest.get(&key).await, None);
    assert_eq!(host.objects.get(&parsed).await.unwrap(), None);

    let heard = host.heard();
    assert_eq!(heard.len(), 1, "only what came over S3 is announced, once: {heard:?}");
    assert_eq!((&heard[0].key, heard[0].bytes), (&parsed, 300_000));
}

#[tokio::test]
async fn a_list_goes_on_page_by_page_and_by_folder() {
    let host = Host::start().await;
    let guest = host.guest().await;
    for n in 0..7 {
        guest.put(&guest.key(&format!("l{n}/a.mp3")), b"x").await;
    }
    let mut pages = guest.s3.list_objects_v2().bucket(BUCKET).prefix(guest.key("")).max_keys(3).into_paginator().send();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().contents().len());
    }
    assert_eq!(sizes, [3, 3, 1]);
    let folders = guest.s3.list_objects_v2().bucket(BUCKET).prefix(guest.key("")).delimiter("/").send().await.unwrap();
    assert_eq!(folders.common_prefixes().len(), 7);
    assert_eq!(folders.contents().len(), 0);
}

#[tokio::test]
async fn ranges_let_a_player_seek() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let (key, content) = (guest.key("l1/a.wav"), noise(100_000));
    guest.put(&key, &content).await;
    let cases = [
        ("bytes=0-9", 0..10),
        ("bytes=99990-", 99_990..100_000),
        ("bytes=-5", 99_995..100_000),
        ("bytes=500-999999", 500..100_000),
    ];
    for (range, expected) in cases {
        let got = guest.s3.get_object().bucket(BUCKET).key(&key).range(range).send().await.unwrap();
        assert_eq!(got.content_range.unwrap(), format!("bytes {}-{}/100000", expected.start, expected.end - 1));
        assert_eq!(got.content_length, Some(expected.len() as i64));
        assert_eq!(got.body.collect().await.unwrap().to_vec(), content[expected]);
    }
    let beyond = guest.s3.get_object().bucket(BUCKET).key(&key).range("bytes=100000-").send().await.unwrap_err();
    assert_eq!(code(&beyond), "InvalidRange");
}

#[tokio::test]
async fn conditions_protect_what_is_there() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = guest.key("l1/a.mp3");
    let put = |body: &'static [u8]| guest.s3.put_object().bucket(BUCKET).key(&key).body(ByteStream::from_static(body));
    let first = put(b"first").if_none_match("*").send().await.unwrap().e_tag.unwrap();
    assert_eq!(code(&put(b"second").if_none_match("*").send().await.unwrap_err()), "PreconditionFailed");
    assert_eq!(code(&put(b"second").if_match("\"0123\"").send().await.unwrap_err()), "PreconditionFailed");
    assert_eq!(guest.get(&key).await.unwrap(), b"first");
    put(b"second").if_match(&first).send().await.unwrap();
    assert_eq!(guest.get(&key).await.unwrap(), b"second");
    assert_eq!(host.heard().len(), 2);

    let get = || guest.s3.get_object().bucket(BUCKET).key(&key);
    assert_eq!(code(&get().if_match(&first).send().await.unwrap_err()), "PreconditionFailed");
    let now = guest.s3.head_object().bucket(BUCKET).key(&key).send().await.unwrap().e_tag.unwrap();
    let unchanged = get().if_none_match(now).send().await.unwrap_err();
    assert_eq!(unchanged.raw_response().unwrap().status().as_u16(), 304);
}

#[tokio::test]
async fn versions_of_a_key_are_announced_in_order_across_restarts() {
    let mut host = Host::start().await;
    let key = host.guest().await.key("l1/a.mp3");
    let mut sequencers = Vec::new();
    for _ in 0..3 {
        for _ in 0..3 {
            host.service().put_object().bucket(BUCKET).key(&key).body(ByteStream::from_static(b"x")).send().await.unwrap();
        }
        sequencers.extend(host.heard().into_iter().map(|event| event.sequencer));
        host = host.restart().await;
    }
    assert_eq!(sequencers.len(), 9);
    assert!(sequencers.is_sorted_by(|a, b| a < b), "{sequencers:?}");
}

#[tokio::test]
async fn a_multipart_upload_is_resumed_by_its_parts_after_a_restart_and_with_new_credentials() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let (key, content) = (guest.key("l1/long.mp3"), noise(2 * PART + 1234));
    let parts: Vec<&[u8]> = content.chunks(PART).collect();
    let id = begin(&guest, &key).await;
    // The second part first, and one that is replaced.
    upload(&guest.s3, &key, &id, 2, parts[1]).await;
    upload(&guest.s3, &key, &id, 1, &noise(PART + 1)).await;
    upload(&guest.s3, &key, &id, 1, parts[0]).await;
    assert_eq!(guest.get(&key).await, None, "an unfinished upload is no object");

    let host = host.restart().await;
    let guest = Guest { s3: host.s3(host.credentials(&guest.id).await), ..guest };
    let under_way = guest.s3.list_multipart_uploads().bucket(BUCKET).prefix(guest.key("")).send().await.unwrap();
    assert_eq!(under_way.uploads()[0].upload_id(), Some(id.as_str()));
    let listed = guest.s3.list_parts().bucket(BUCKET).key(&key).upload_id(&id).send().await.unwrap();
    let there: Vec<(i32, i64)> = listed.parts().iter().map(|p| (p.part_number.unwrap(), p.size.unwrap())).collect();
    assert_eq!(there, [(1, PART as i64), (2, PART as i64)]);

    let mut done: Vec<CompletedPart> = listed
        .parts()
        .iter()
        .map(|part| CompletedPart::builder().part_number(part.part_number.unwrap()).e_tag(part.e_tag().unwrap()).build())
        .collect();
    done.push(upload(&guest.s3, &key, &id, 3, parts[2]).await);
    let completed = complete(&guest, &key, &id, done.clone()).await.unwrap();
    assert!(completed.e_tag.as_deref().unwrap().ends_with("-3\""));
    assert_eq!(guest.get(&key).await.unwrap(), content);
    assert_eq!(host.heard().len(), 1);
    assert_eq!(host.heard()[0].bytes, content.len() as u64);

    // A client that never heard the answer asks again.
    let again = complete(&guest, &key, &id, done).await.unwrap();
    assert_eq!(again.e_tag, completed.e_tag);
    assert_eq!(host.heard().len(), 1);
    let gone = guest.s3.list_parts().bucket(BUCKET).key(&key).upload_id(&id).send().await.unwrap_err();
    assert_eq!(code(&gone), "NoSuchUpload");
}

#[tokio::test]
async fn a_multipart_upload_is_finished_only_as_it_arrived() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = guest.key("l1/long.mp3");
    let id = begin(&guest, &key).await;
    let small = upload(&guest.s3, &key, &id, 1, b"small").await;
    let last = upload(&guest.s3, &key, &id, 2, b"last").await;
    let wrong = CompletedPart::builder().part_number(1).e_tag("\"0123456789abcdef0123456789abcdef\"").build();
    let climbing = CompletedPart::builder().part_number(1).e_tag("\"../../x\"").build();
    let cases = [
        (vec![], "MalformedXML"),
        (vec![small.clone(), last.clone()], "EntityTooSmall"),
        (vec![last.clone(), small.clone()], "InvalidPartOrder"),
        (vec![wrong], "InvalidPart"),
        (vec![climbing], "InvalidPart"),
    ];
    for (parts, expected) in cases {
        assert_eq!(code(&complete(&guest, &key, &id, parts).await.unwrap_err()), expected);
    }
    let other = guest.key("l2/other.mp3");
    assert_eq!(code(&complete(&guest, &other, &id, vec![last.clone()]).await.unwrap_err()), "NoSuchUpload");
    assert_eq!(code(&complete(&guest, &key, "../objects", vec![last]).await.unwrap_err()), "NoSuchUpload");
    guest.s3.abort_multipart_upload().bucket(BUCKET).key(&key).upload_id(&id).send().await.unwrap();
    assert_eq!(code(&complete(&guest, &key, &id, vec![small]).await.unwrap_err()), "NoSuchUpload");
    assert_eq!((host.heard().len(), host.drafts()), (0, 0));
}

#[tokio::test]
async fn a_copy_is_a_new_object() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let (from, to) = (guest.key("l1/a b+c.mp3"), guest.key("l2/b.mp3"));
    guest
        .s3
        .put_object()
        .bucket(BUCKET)
        .key(&from)
        .content_type("audio/mpeg")
        .body(b"content".to_vec().into())
        .send()
        .await
        .unwrap();
    let source = format!("{BUCKET}/{}", from.replace(' ', "%20").replace('+', "%2B"));
    guest.s3.copy_object().bucket(BUCKET).key(&to).copy_source(source).send().await.unwrap();
    let copy = guest.s3.get_object().bucket(BUCKET).key(&to).send().await.unwrap();
    assert_eq!(copy.content_type.as_deref(), Some("audio/mpeg"));
    assert_eq!(copy.body.collect().await.unwrap().to_vec(), b"content");
    assert_eq!(host.heard().len(), 2);
}

#[tokio::test]
async fn a_large_copy_is_made_part_by_part() {
    let host = Host::start().await;
    let (guest, other) = (host.guest().await, host.guest().await);
    let (from, to, content) = (guest.key("l1/a.mp3"), guest.key("l2/b.mp3"), noise(PART + 1000));
    guest.put(&from, &content).await;
    let id = begin(&guest, &to).await;
    let mut parts = Vec::new();
    for (number, range) in [(1, format!("bytes=0-{}", PART - 1)), (2, format!("bytes={PART}-{}", content.len() - 1))] {
        let copy =
            guest.s3.upload_part_copy().bucket(BUCKET).key(&to).upload_id(&id).part_number(number).copy_source_range(range);
        let copied = copy.copy_source(format!("{BUCKET}/{from}")).send().await.unwrap().copy_part_result.unwrap();
        parts.push(CompletedPart::builder().part_number(number).e_tag(copied.e_tag.unwrap()).build());
    }
    complete(&guest, &to, &id, parts).await.unwrap();
    assert!(guest.get(&to).await.unwrap() == content);

    let theirs = other.key("l1/a.mp3");
    other.put(&theirs, b"secret").await;
    let id = begin(&guest, &to).await;
    let steal = guest.s3.upload_part_copy().bucket(BUCKET).key(&to).upload_id(id).part_number(1);
    let refused = steal.copy_source(format!("{BUCKET}/{theirs}")).send().await.unwrap_err();
    assert_eq!(code(&refused), "AccessDenied");
}

#[tokio::test]
async fn many_are_deleted_at_once_but_only_ones_own() {
    let host = Host::start().await;
    let (guest, other) = (host.guest().await, host.guest().await);
    let (mine, theirs) = (guest.key("l1/a.mp3"), other.key("l1/a.mp3"));
    guest.put(&mine, b"x").await;
    other.put(&theirs, b"y").await;
    let object = |key: &str| ObjectIdentifier::builder().key(key).build().unwrap();
    let delete = Delete::builder().objects(object(&mine)).objects(object(&theirs)).objects(object("../../x")).build().unwrap();
    let answer = guest.s3.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
    assert_eq!(answer.deleted().len(), 1);
    assert!(answer.errors().iter().all(|error| error.code() == Some("AccessDenied")));
    assert_eq!(answer.errors().len(), 2);
    assert_eq!((guest.get(&mine).await, other.get(&theirs).await), (None, Some(b"y".to_vec())));
}

#[tokio::test]
async fn a_failing_listener_is_an_error_that_a_retry_heals() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = guest.key("l1/a.mp3");
    let put = || guest.s3.put_object().bucket(BUCKET).key(&key).body(ByteStream::from_static(b"x"));
    host.listener_fails.store(true, Ordering::SeqCst);
    let refused = put().send().await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 500);
    let id = begin(&guest, &guest.key("l2/b.mp3")).await;
    let part = upload(&guest.s3, &guest.key("l2/b.mp3"), &id, 1, b"part").await;
    let refused = complete(&guest, &guest.key("l2/b.mp3"), &id, vec![part.clone()]).await.unwrap_err();
    assert_eq!(code(&refused), "InternalError");

    host.listener_fails.store(false, Ordering::SeqCst);
    put().send().await.unwrap();
    complete(&guest, &guest.key("l2/b.mp3"), &id, vec![part]).await.unwrap();
    assert_eq!(host.heard().len(), 2);
    assert_eq!(host.endpoint.recover().await.unwrap(), 0, "what a retry announced is not announced again");
}

#[tokio::test]
async fn what_a_listener_refused_is_announced_after_a_restart_even_without_the_client() {
    let host = Host::start().await;
    let guest = host.guest().await;
    host.listener_fails.store(true, Ordering::SeqCst);
    for name in ["a", "b"] {
        let key = guest.key(&format!("l1/{name}.mp3"));
        guest.s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"x")).send().await.unwrap_err();
    }
    guest.s3.delete_object().bucket(BUCKET).key(guest.key("l1/b.mp3")).send().await.unwrap();
    let host = host.restart().await;
    assert_eq!(host.endpoint.recover().await.unwrap(), 1);
    assert_eq!(host.heard()[0].key.as_str(), guest.key("l1/a.mp3"));
    assert_eq!(host.endpoint.recover().await.unwrap(), 0);
}

#[tokio::test]
async fn limits_are_kept_and_named() {
    let limits =
        Limits { lecture_bytes: 2_000_000, question_bytes: 1_000_000, part_bytes: 500_000, keep_free: 0, ..Limits::default() };
    let host = Host::with(limits).await;
    let guest = host.guest().await;
    let question = format!("queries/{}/q1.wav", guest.id);
    let put = |key: &str, bytes: usize| guest.s3.put_object().bucket(BUCKET).key(key).body(noise(bytes).into()).send();
    put(&question, 1_000_000).await.unwrap();
    let refused = put(&question, 1_000_001).await.unwrap_err();
    assert_eq!(code(&refused), "EntityTooLarge");
    assert!(refused.into_service_error().meta().message().unwrap().contains("1 MB"));
    put(&guest.key("l1/a.mp3"), 2_000_000).await.unwrap();

    let key = guest.key("l2/parts.mp3");
    let id = begin(&guest, &key).await;
    upload(&guest.s3, &key, &id, 1, &noise(1_500_000)).await;
    let too_much = guest.s3.upload_part().bucket(BUCKET).key(&key).upload_id(&id).part_number(2).body(noise(500_001).into());
    assert_eq!(code(&too_much.send().await.unwrap_err()), "EntityTooLarge");
    assert_eq!(host.drafts(), 0);
}

#[tokio::test]
async fn a_full_disk_is_told_in_a_sentence() {
    let host = Host::with(Limits { keep_free: u64::MAX / 2, ..Limits::default() }).await;
    let guest = host.guest().await;
    let refused =
        guest.s3.put_object().bucket(BUCKET).key(guest.key("l1/a.mp3")).body(noise(10).into()).send().await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 507);
    assert_eq!(code(&refused), "InsufficientStorage");
    assert!(refused.into_service_error().meta().message().unwrap().contains("disk is full"));
}

pub async fn begin(guest: &Guest, key: &str) -> String {
    let begun = guest.s3.create_multipart_upload().bucket(BUCKET).key(key).content_type("audio/mpeg").send().await.unwrap();
    begun.upload_id.unwrap()
}

pub async fn upload(s3: &aws_sdk_s3::Client, key: &str, id: &str, number: i32, body: &[u8]) -> CompletedPart {
    let part = s3.upload_part().bucket(BUCKET).key(key).upload_id(id).part_number(number).body(body.to_vec().into());
    CompletedPart::builder().part_number(number).e_tag(part.send().await.unwrap().e_tag.unwrap()).build()
}

type Completed = Result<
    aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadOutput,
    aws_sdk_s3::error::SdkError<aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadError>,
>;

pub async fn complete(guest: &Guest, key: &str, id: &str, parts: Vec<CompletedPart>) -> Completed {
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    guest.s3.complete_multipart_upload().bucket(BUCKET).key(key).upload_id(id).multipart_upload(parts).send().await
}
