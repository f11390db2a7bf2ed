//! A place in a trace as X-Ray names it. It knows nothing that records any.

use synapscribe_domain::TraceParent;

/// What the header `X-Amzn-Trace-Id` and the variable `_X_AMZN_TRACE_ID` name.
pub fn from_xray(text: &str) -> Option<TraceParent> {
    let field = |name: &str| text.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let (moment, rest) = field("Root")?.strip_prefix("1-")?.split_once('-')?;
    let sampled = if field("Sampled") == Some("1") { "01" } else { "00" };
    TraceParent::parse(format!("00-{moment}{rest}-{}-{sampled}", field("Parent")?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_of_xray_is_the_same_trace() {
        let named = from_xray("Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1;Lineage=a:0").unwrap();
        assert_eq!(named.as_str(), "00-5bef4de7ad49b0e87f6ef6c87fc2e700-9a9197af755a6419-01");
        let unseen = from_xray("Parent=9a9197af755a6419; Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700").unwrap();
        assert!(unseen.as_str().ends_with("-00"), "what X-Ray does not sample is not sampled here");
        for nothing in
            ["", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0", "Root=2-a-b;Parent=c", "Root=1-5bef4de7;Parent=x"]
        {
            assert_eq!(from_xray(nothing), None, "{nothing}");
        }
    }
}
