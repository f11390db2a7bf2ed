//! What an object-created event says, as S3 publishes it. Knows no operation.

use aws_lambda_events::s3::S3EventRecord;
use percent_encoding::percent_decode_str;
use synapscribe_domain::ObjectKey;
use synapscribe_ports::ObjectCreated;

/// What a record says; one that is not about a key of ours is left alone.
pub fn read(record: &S3EventRecord) -> Option<ObjectCreated> {
    if !record.event_name.as_deref().is_some_and(|name| name.starts_with("ObjectCreated")) {
        return None;
    }
    let object = &record.s3.object;
    // Keys are encoded as in a form; no event on the wire has `url_decoded_key`.
    let key = object.key.as_deref()?.replace('+', " ");
    Some(ObjectCreated {
        key: ObjectKey::parse(percent_decode_str(&key).decode_utf8().ok()?).ok()?,
        bytes: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        sequencer: object.sequencer.clone().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::s3::S3Event;
    use serde_json::json;

    use super::*;

    /// An event as S3 publishes it: the key is encoded as in a form.
    fn event(name: &str, key: &str) -> S3Event {
        let record = json!({
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": "2026-01-01T00:00:00.000Z",
            "eventName": name, "userIdentity": { "principalId": "p" }, "requestParameters": { "sourceIPAddress": "127.0.0.1" },
            "responseElements": { "x-amz-request-id": "r", "x-amz-id-2": "i" },
            "s3": {
                "s3SchemaVersion": "1.0", "configurationId": "c",
                "bucket": { "name": "b", "ownerIdentity": { "principalId": "p" }, "arn": "arn:aws:s3:::b" },
                "object": { "key": key, "size": 1024, "eTag": "e", "sequencer": "0055AED6DCD90281E5" },
            },
        });
        serde_json::from_value(json!({ "Records": [record] })).unwrap()
    }

    #[test]
    fn the_key_of_a_published_event_is_decoded() {
        let read = |name: &str, key: &str| read(&event(name, key).records[0]);
        let created = read("ObjectCreated:CompleteMultipartUpload", "lectures/us-east-1%3Aab/l1/Woche+3+%C3%BC.mp3").unwrap();
        assert_eq!(created.key.as_str(), "lectures/us-east-1:ab/l1/Woche 3 ü.mp3");
        assert_eq!((created.bytes, created.sequencer.as_str()), (1024, "0055AED6DCD90281E5"));
        assert_eq!(read("ObjectRemoved:Delete", "lectures/us-east-1%3Aab/l1/a.mp3"), None, "what was deleted is nothing new");
        assert_eq!(read("ObjectCreated:Put", "elsewhere/a.mp3"), None);
        assert_eq!(read("ObjectCreated:Put", "lectures/us-east-1%3Aab/l1/..%2F..%2Fa.mp3"), None);
    }
}
