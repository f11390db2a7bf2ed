//! Both ways of reading recordings behave as every reader has to.

mod support;

use support::{Studio, media};
use synapscribe_media::InProcessMedia;
use synapscribe_ports::conformance::audio;

#[tokio::test]
async fn in_a_child_process() {
    audio::suite(&media(), &Studio::new().path("")).await;
}

#[tokio::test]
async fn in_this_process() {
    audio::suite(&InProcessMedia, &Studio::new().path("")).await;
}
