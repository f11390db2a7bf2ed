//! The conditions of a read.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::fields::e_tag;
use crate::folder::Found;

/// What must hold for an object to be sent.
pub struct Wanted {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
    pub if_modified_since: Option<Timestamp>,
    pub if_unmodified_since: Option<Timestamp>,
}

impl Wanted {
    /// The order is that of RFC 9110: tags decide, and times only where no tag was given.
    pub fn check(&self, found: &Found) -> S3Result<()> {
        let tag = e_tag(&found.about);
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) if !meets(condition, &tag) => return Err(failed()),
            (None, Some(moment)) if seconds(found.stored) > seconds(time(moment)) => return Err(failed()),
            _ => {}
        }
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) if meets(condition, &tag) => Err(unchanged(&tag)),
            (None, Some(moment)) if seconds(found.stored) <= seconds(time(moment)) => Err(unchanged(&tag)),
            _ => Ok(()),
        }
    }
}

fn meets(condition: &ETagCondition, tag: &ETag) -> bool {
    condition.is_any() || condition.as_etag().is_some_and(|wanted| wanted.weak_cmp(tag))
}

fn failed() -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold.")
}

fn unchanged(tag: &ETag) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::NotModified, "Not Modified");
    if let Ok(value) = tag.to_http_header() {
        error.set_headers([(http::header::ETAG, value)].into_iter().collect());
    }
    error
}

fn time(moment: &Timestamp) -> SystemTime {
    let moment: time::OffsetDateTime = moment.clone().into();
    UNIX_EPOCH + Duration::from_secs(moment.unix_timestamp().max(0) as u64)
}

/// HTTP dates know no fractions.
fn seconds(moment: SystemTime) -> u64 {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
