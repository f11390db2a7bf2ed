//! The reader behaves as every reader has to.

mod support;

use support::{Press, reader};
use synapscribe_ports::conformance;

#[tokio::test]
async fn in_a_child_process() {
    conformance::reader::suite(&reader(), &Press::new().path("")).await;
}

#[tokio::test]
async fn a_machine_that_can_read_documents_proves_it_and_leaves_nothing() {
    let press = Press::new();
    reader().prove(&press.path("")).await.unwrap();
    assert_eq!(std::fs::read_dir(press.path("")).unwrap().count(), 0);
    let missing = synapscribe_reader::SandboxedReader::new("/nonexistent/program");
    assert!(missing.prove(&press.path("")).await.is_err());
}
