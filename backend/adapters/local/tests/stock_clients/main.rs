//! Clients nobody here wrote (the AWS SDKs, a plain HTTP client, a raw socket) against the local endpoints on a real port.

mod crash;
mod cross_origin;
mod gateway;
mod identity;
mod keeping;
mod objects;
mod presigned;
mod refusals;
mod support;
