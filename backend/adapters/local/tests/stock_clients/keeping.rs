//! What goes away by itself, and what stays.

use aws_sdk_s3::primitives::ByteStream;
use synapscribe_local::Swept;
use synapscribe_ports::Clock;

use crate::objects::{begin, upload};
use crate::support::{Host, code};

const BUCKET: &str = "synapscribe";
const HOUR: i64 = 3600;

#[tokio::test]
async fn what_was_stored_stays_until_somebody_deletes_it() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let keys = [guest.key("l1/a.mp3"), format!("queries/{}/q1.wav", guest.id), format!("responses/{}/q1.ogg", guest.id)];
    for key in &keys {
        guest.s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"12345")).send().await.unwrap();
    }
    host.clock.advance(365 * 24 * HOUR);
    assert_eq!(host.endpoint.sweep(host.clock.now()).await.unwrap(), Swept::default());
    let all = host.service().list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(all.contents().iter().filter_map(|object| object.key()).collect::<Vec<_>>(), keys);
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
