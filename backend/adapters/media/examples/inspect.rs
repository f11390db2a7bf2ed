//! Prints what is measured of each recording named on the command line, as JSON lines.

use std::path::Path;

use synapscribe_media::{SandboxedMedia, run_worker_if_asked};
use synapscribe_ports::AudioFiles;

fn main() -> std::process::ExitCode {
    run_worker_if_asked();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (Ok(runtime), Ok(media)) = (runtime, SandboxedMedia::this_program()) else { return std::process::ExitCode::FAILURE };
    let mut code = std::process::ExitCode::SUCCESS;
    for path in std::env::args().skip(1) {
        let started = std::time::Instant::now();
        let line = match runtime.block_on(media.inspect(Path::new(&path))) {
            Ok(facts) => serde_json::json!({ "path": path, "facts": facts, "ms": started.elapsed().as_millis() as u64 }),
            Err(failure) => {
                code = std::process::ExitCode::FAILURE;
                serde_json::json!({ "path": path, "failure": failure })
            }
        };
        println!("{line}");
    }
    code
}
