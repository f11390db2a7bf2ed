//! How every store of objects behaves. Signed addresses are checked by each adapter, since only it can speak to their server.

use std::path::Path;

use bytes::Bytes;
use synapscribe_domain::{LectureId, ObjectKey, PersonId};

use crate::objects::Objects;

/// Runs every check on an empty store; `scratch` is an empty folder.
pub async fn suite(objects: &dyn Objects, scratch: &Path) {
    what_was_put_is_there_until_it_is_replaced_or_deleted(objects).await;
    a_list_is_in_the_order_of_keys_and_keeps_to_its_prefix(objects).await;
    an_object_can_be_read_as_a_file(objects, scratch).await;
    names_in_any_script_work(objects).await;
}

async fn what_was_put_is_there_until_it_is_replaced_or_deleted(objects: &dyn Objects) {
    let key = lecture("ada", "l1", "talk.mp3");
    assert_eq!(objects.get(&key).await.unwrap(), None);
    assert_eq!(objects.head(&key).await.unwrap(), None);
    objects.delete(&key).await.unwrap();

    objects.put(&key, Bytes::from_static(b"first"), "audio/mpeg").await.unwrap();
    assert_eq!(objects.get(&key).await.unwrap(), Some(Bytes::from_static(b"first")));
    let first = objects.head(&key).await.unwrap().expect("it was just stored");
    assert_eq!((first.bytes, &first.key), (5, &key));
    assert!(first.stored.0 > 0);

    objects.put(&key, Bytes::from_static(b"the second"), "audio/mpeg").await.unwrap();
    assert_eq!(objects.get(&key).await.unwrap(), Some(Bytes::from_static(b"the second")));
    assert_eq!(objects.head(&key).await.unwrap().map(|info| info.bytes), Some(10));

    objects.put(&key, Bytes::new(), "audio/mpeg").await.unwrap();
    assert_eq!(objects.get(&key).await.unwrap(), Some(Bytes::new()), "an empty object is an object");

    objects.delete(&key).await.unwrap();
    assert_eq!(objects.get(&key).await.unwrap(), None);
    assert_eq!(objects.list("").await.unwrap(), []);
}

async fn a_list_is_in_the_order_of_keys_and_keeps_to_its_prefix(objects: &dyn Objects) {
    let keys = [
        lecture("ada", "l1", "a.mp3"),
        lecture("ada", "l1", "a.vtt"),
        lecture("ada", "l10", "a.mp3"),
        lecture("ada", "l2", "b.mp3"),
        lecture("adam", "l1", "a.mp3"),
    ];
    for key in keys.iter().rev() {
        objects.put(key, Bytes::from(key.as_str().to_owned()), "audio/mpeg").await.unwrap();
    }
    let mut sorted = keys.to_vec();
    sorted.sort();
    for prefix in
        ["", "lectures/", "lectures/ada/", "lectures/ada", "lectures/ada/l1", "lectures/ada/l1/", "lectures/ada/l1/a.v", "x"]
    {
        let expected: Vec<&ObjectKey> = sorted.iter().filter(|key| key.as_str().starts_with(prefix)).collect();
        let found = objects.list(prefix).await.unwrap();
        assert_eq!(found.iter().map(|info| &info.key).collect::<Vec<_>>(), expected, "prefix {prefix:?}");
        assert!(found.iter().all(|info| info.bytes == info.key.as_str().len() as u64));
    }
    for odd in ["..", "../", "lectures/../", "/", "lectures//", "lectures/ada/../ada/"] {
        assert_eq!(objects.list(odd).await.unwrap(), [], "prefix {odd:?}");
    }
    for key in &keys {
        objects.delete(key).await.unwrap();
    }
    assert_eq!(objects.list("").await.unwrap(), []);
}

async fn an_object_can_be_read_as_a_file(objects: &dyn Objects, scratch: &Path) {
    let key = lecture("ada", "l1", "talk.wav");
    assert_eq!(objects.as_file(&key, scratch).await.unwrap(), None);
    objects.put(&key, Bytes::from_static(b"RIFF"), "audio/wav").await.unwrap();
    let path = objects.as_file(&key, scratch).await.unwrap().expect("it was just stored");
    assert_eq!(std::fs::read(&path).unwrap(), b"RIFF");
    assert_eq!(path.extension().and_then(|e| e.to_str()), Some("wav"), "tools look at the extension");
    objects.delete(&key).await.unwrap();
}

async fn names_in_any_script_work(objects: &dyn Objects) {
    let long = "很长的讲座标题".repeat(30);
    for name in ["Woche 3 – Kettenregel.mp3", "лекция.ogg", "50% (final).wav", "a+b&c.mp3", long.as_str()] {
        let key = lecture("eu-west-1:3f2a", "l1", name);
        objects.put(&key, Bytes::from(name.to_owned()), "audio/mpeg").await.unwrap();
        assert_eq!(objects.get(&key).await.unwrap(), Some(Bytes::from(name.to_owned())), "{name}");
        assert_eq!(objects.list("lectures/eu-west-1:3f2a/").await.unwrap().iter().map(|i| &i.key).collect::<Vec<_>>(), [&key]);
        objects.delete(&key).await.unwrap();
    }
}

fn lecture(person: &str, lecture: &str, file: &str) -> ObjectKey {
    let person = PersonId::parse(person).expect("a plain name");
    ObjectKey::lecture(&person, &LectureId::parse(lecture).expect("a plain name"), file)
}
