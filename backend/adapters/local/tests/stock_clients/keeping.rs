//! What goes away by itself, and what stays.

use aws_sdk_s3::primitives::ByteStream;
use synapscribe_local::Swept;
use synapscribe_ports::Clock;

use crate::objects::{begin, upload};
use crate::support::{Host, code};

const BUCKET: &str = "synapscribe";
const HOUR: i64 = 3600;

#[tokio::test]
async fn voices_are_kept_for_a_week_and_lectures_for_good() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let (lecture, query, answer) =
        (guest.key("l1/a.mp3"), format!("queries/{}/q1.wav", guest.id), format!("responses/{}/q1.ogg", guest.id));
    for key in [&lecture, &query, &answer] {
        guest.s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"12345")).send().await.unwrap();
    }
    host.clock.advance(7 * 24 * HOUR - 60);
    assert_eq!(host.endpoint.sweep(host.clock.now()).await.unwrap(), Swept::default());
    host.clock.advance(120);
    let swept = host.endpoint.sweep(host.clock.now()).await.unwrap();
    assert_eq!(swept, Swept { objects: 2, bytes: 10, ..Swept::default() });
    let left: Vec<String> = {
        let all = host.service().list_objects_v2().bucket(BUCKET).send().await.unwrap();
        all.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    };
    assert_eq!(left, [lecture]);
}

#[tokio::test]
async fn an_unfinished_upload_is_kept_for_a_day() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = guest.key("l1/a.mp3");
    let id = begin(&guest, &key).await;
    upload(&guest.s3, &key, &id, 1, b"part").await;
    host.clock.advance(24 * HOUR - 60);
    assert_eq!(host.endpoint.sweep(host.clock.now()).await.unwrap().uploads, 0);
    let s3 = host.s3(host.credentials(&guest.id).await);
    assert_eq!(s3.list_parts().bucket(BUCKET).key(&key).upload_id(&id).send().await.unwrap().parts().len(), 1);
    host.clock.advance(120);
    assert_eq!(host.endpoint.sweep(host.clock.now()).await.unwrap().uploads, 1);
    let gone = s3.list_parts().bucket(BUCKET).key(&key).upload_id(&id).send().await.unwrap_err();
    assert_eq!(code(&gone), "NoSuchUpload");
    assert_eq!(std::fs::read_dir(host.root().join("store/uploads")).unwrap().count(), 0);
}
