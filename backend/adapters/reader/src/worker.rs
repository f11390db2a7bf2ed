//! The child's side: one document on standard input, frames on standard output, and nothing else in reach.

use std::io::{self, BufWriter, Write};

use synapscribe_domain::Failure;
use synapscribe_sandbox::worker;

use crate::document::Document;
use crate::frames::{Request, Verdict, Work, write_at, write_page, write_picture, write_verdict};
use crate::input::Input;
use crate::verdict;

/// The first argument of a process that is to read one document for its parent.
pub(crate) const ARGUMENT: &str = "__reader-worker";

/// Does the child's work and ends the process, when that is what it was started for; otherwise returns at once.
///
/// Call this first in `main`, before threads are started: every program that uses [`crate::SandboxedReader`] runs itself again
/// with a hidden argument.
pub fn run_worker_if_asked() {
    let Some(arguments) = worker::asked(ARGUMENT) else { return };
    let request = arguments.first().and_then(|text| serde_json::from_str::<Request>(text).ok());
    worker::end(request.is_some_and(|request| run(&request).is_ok()))
}

fn run(request: &Request) -> io::Result<()> {
    let file = worker::standard_input();
    request.limits.of_process(file.metadata()?.len()).enter()?;
    worker::silence_panics();
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let input = Input::of(&file)?;
    let verdict =
        worker::guarded(|| answer(request, input, &mut out)).unwrap_or_else(|| Ok(Verdict::Refused(verdict::corrupt())))?;
    write_verdict(&mut out, &verdict)
}

/// Does what is asked for; an error when nobody listens any more.
fn answer(request: &Request, input: Input, out: &mut impl Write) -> io::Result<Verdict> {
    let refused = |failure: Failure| Ok(Verdict::Refused(failure));
    let document = match Document::open(input, request.markdown, &request.limits) {
        Ok(document) => document,
        Err(failure) => return refused(failure),
    };
    match &request.work {
        Work::Examine => Ok(Verdict::Examined(document.examine(&request.limits))),
        Work::Pages { from, failed } => {
            let out = std::cell::RefCell::new(out);
            let mut at = |page: u32| write_at(&mut *out.borrow_mut(), page);
            let mut emit = |page| write_page(&mut *out.borrow_mut(), &page);
            document.pages(*from, failed, &request.limits, &mut at, &mut emit)?;
            Ok(Verdict::Done)
        }
        Work::Picture { page, part, width } => match document.picture(*page, *part, *width) {
            Ok(picture) => write_picture(out, &picture).map(|()| Verdict::Done),
            Err(failure) => refused(failure),
        },
    }
}
