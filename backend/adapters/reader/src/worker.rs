//! The child's side: one document on standard input, frames on standard output, and nothing else in reach.

use std::io::{self, BufWriter, Write};

use synapscribe_domain::Failure;
use synapscribe_sandbox::worker;

use crate::document::{self, Document};
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
    attempt(request, input, out).unwrap_or_else(|failure| Ok(Verdict::Refused(failure)))
}

/// The same, where what is wrong with the document is told apart from nobody listening any more.
fn attempt(request: &Request, input: Input, out: &mut impl Write) -> Result<io::Result<Verdict>, Failure> {
    let limits = &request.limits;
    let open = |input| Document::open(input, request.markdown, limits);
    let picture = match &request.work {
        Work::Examine => return Ok(Ok(Verdict::Examined(open(input)?.examine(limits)))),
        Work::Pages { from, failed } => {
            let document = open(input)?;
            let out = std::cell::RefCell::new(out);
            let mut at = |page: u32| write_at(&mut *out.borrow_mut(), page);
            let mut emit = |page| write_page(&mut *out.borrow_mut(), &page);
            return Ok(document.pages(*from, failed, limits, &mut at, &mut emit).map(|()| Verdict::Done));
        }
        Work::Picture { page, part, width } => open(input)?.picture(*page, *part, *width)?,
        Work::Cover { width } => document::cover(input, *width)?,
    };
    Ok(write_picture(out, &picture).map(|()| Verdict::Done))
}
