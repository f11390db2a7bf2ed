//! What a question or a session is about, in the fields of the protocol: read or refused, and what was read is named as the same.
#![no_main]

use synapscribe_protocol::SourceDto;
use synapscribe_wire::source::Named;

type Source<'a> = (Option<&'a str>, Option<&'a str>);

libfuzzer_sys::fuzz_target!(|input: (&str, Option<&str>, Vec<Source<'_>>, bool)| {
    let (lecture, document, sources, everything) = input;
    let text = |text: Option<&str>| text.map(str::to_owned);
    let source = |(lecture, document)| SourceDto { lecture_id: text(lecture), document_id: text(document) };
    let sources = sources.into_iter().map(source).collect();
    let named = Named { lecture_id: lecture.to_owned(), document_id: text(document), sources, everything };
    if let Ok(about) = named.read() {
        assert_eq!(Named::about(&about).read().as_ref(), Ok(&about));
    }
});
