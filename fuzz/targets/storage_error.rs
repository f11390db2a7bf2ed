//! The reason why an object storage takes no more: words of its document, or none.
#![no_main]

use synapscribe_client::xml_field;

libfuzzer_sys::fuzz_target!(|text: &str| {
    for name in ["Code", "Message"] {
        if let Some(reason) = xml_field(text, name) {
            assert!(text.contains(reason) && !reason.contains("</"));
        }
        if !text.contains('<') {
            let document = format!("<Error><{name}>{text}</{name}></Error>");
            assert_eq!(xml_field(&document, name), Some(text));
        }
    }
});
