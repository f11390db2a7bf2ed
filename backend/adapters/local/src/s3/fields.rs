//! Between the protocol's messages and what the folder keeps. Every message is a type of its own whose fields have the same
//! names, so what they share is written once, as macros.

use std::collections::{BTreeMap, HashMap};

use s3s::dto::{Checksum, ETag, Metadata};

use crate::folder::about::About;

/// What an uploader says of an object: `described!(input)`.
macro_rules! described {
    ($input:ident) => {
        $crate::folder::about::ObjectHeaders {
            content_type: $input.content_type,
            content_disposition: $input.content_disposition,
            content_encoding: $input.content_encoding.and_then($crate::s3::fields::stored_encoding),
            content_language: $input.content_language,
            cache_control: $input.cache_control,
            metadata: $input.metadata.into_iter().flatten().collect(),
        }
    };
}

/// An answer with a tag and checksums: `tagged!(Output, tag, sums)`.
macro_rules! tagged {
    ($output:ident, $tag:expr, $sums:expr) => {{
        let sums = $sums;
        $output {
            e_tag: Some($tag),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
            ..Default::default()
        }
    }};
}

/// An answer that shows an object: `shown!(Output, found, sums)`.
macro_rules! shown {
    ($output:ident, $found:expr, $sums:expr) => {{
        let about = &$found.about;
        let headers = about.headers.clone();
        $output {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some(about.bytes as i64),
            content_type: headers.content_type,
            content_disposition: headers.content_disposition,
            content_encoding: headers.content_encoding,
            content_language: headers.content_language,
            cache_control: headers.cache_control,
            metadata: $crate::s3::fields::metadata(headers.metadata),
            last_modified: Some($found.stored.into()),
            ..$crate::s3::fields::tagged!($output, $crate::s3::fields::e_tag(about), $sums)
        }
    }};
}

/// The conditions of a read: `wanted!(input)`.
macro_rules! wanted {
    ($input:ident) => {
        $crate::s3::reading::Wanted {
            if_match: $input.if_match,
            if_none_match: $input.if_none_match,
            if_modified_since: $input.if_modified_since,
            if_unmodified_since: $input.if_unmodified_since,
        }
    };
}

/// The conditions under which an object is copied from: `wanted_of_source!(input)`.
macro_rules! wanted_of_source {
    ($input:ident) => {
        $crate::s3::reading::Wanted {
            if_match: $input.copy_source_if_match,
            if_none_match: $input.copy_source_if_none_match,
            if_modified_since: $input.copy_source_if_modified_since,
            if_unmodified_since: $input.copy_source_if_unmodified_since,
        }
    };
}

pub(super) use {described, shown, tagged, wanted, wanted_of_source};

/// The tag as the protocol writes it.
pub fn e_tag(about: &About) -> ETag {
    ETag::Strong(about.etag.clone())
}

/// The checksums under their own fields.
pub fn checksum(sums: &BTreeMap<String, String>) -> Checksum {
    let of = |name: &str| sums.get(&format!("x-amz-checksum-{name}")).cloned();
    Checksum {
        checksum_crc32: of("crc32"),
        checksum_crc32c: of("crc32c"),
        checksum_crc64nvme: of("crc64nvme"),
        checksum_sha1: of("sha1"),
        checksum_sha256: of("sha256"),
        ..Checksum::default()
    }
}

/// `aws-chunked` describes the transfer, not the object.
pub fn stored_encoding(encoding: String) -> Option<String> {
    let kept: Vec<&str> = encoding.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "aws-chunked").collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// The uploader's own pairs, where there are any.
pub fn metadata(pairs: BTreeMap<String, String>) -> Option<Metadata> {
    (!pairs.is_empty()).then(|| pairs.into_iter().collect::<HashMap<_, _>>())
}
