//! The web page in its bucket.

use std::path::Path;

use synapscribe_client::ClientError;

use crate::tool::Tool;

/// What has a hash in its name never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The page itself is asked for every time.
const EVERY_TIME: &str = "no-cache";

/// Puts a built page into a bucket, and has the edge ask for it anew. The page comes last, when all it names is there.
pub(super) async fn put(aws: &Tool, dist: &Path, bucket: &str, distribution: &str) -> Result<(), ClientError> {
    let (from, to) = (dist.to_string_lossy(), format!("s3://{bucket}"));
    let (assets, kept) = (format!("{from}/assets"), format!("{to}/assets"));
    aws.run(&["s3", "sync", &assets, &kept, "--cache-control", FOR_EVER, "--only-show-errors"]).await?;
    let page =
        ["s3", "sync", &from, &to, "--exclude", "assets/*", "--cache-control", EVERY_TIME, "--delete", "--only-show-errors"];
    aws.run(&page).await?;
    aws.ask(&["cloudfront", "create-invalidation", "--distribution-id", distribution, "--paths", "/*"]).await?;
    Ok(())
}
