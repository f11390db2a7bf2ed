//! Where work stands in a trace: taken from whoever asked for it, and handed to whoever is asked next.

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use synapscribe_domain::TraceParent;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The span, which goes on with what `parent` names; without one it stays where it was opened.
pub fn on(span: Span, parent: Option<&TraceParent>) -> Span {
    if let Some(context) = parent.and_then(context) {
        // Nothing to do where no traces are exported.
        let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(context));
    }
    span
}

/// What work that is asked for now should go on with; none where no traces are exported.
pub fn here() -> Option<TraceParent> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    let flags = span.trace_flags().to_u8();
    span.is_valid()
        .then(|| format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()))
        .and_then(|t| TraceParent::parse(t).ok())
}

/// What the header `X-Amzn-Trace-Id` and the variable `_X_AMZN_TRACE_ID` name.
pub fn from_xray(text: &str) -> Option<TraceParent> {
    let field = |name: &str| text.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let (moment, rest) = field("Root")?.strip_prefix("1-")?.split_once('-')?;
    let sampled = if field("Sampled") == Some("1") { "01" } else { "00" };
    TraceParent::parse(format!("00-{moment}{rest}-{}-{sampled}", field("Parent")?)).ok()
}

fn context(parent: &TraceParent) -> Option<SpanContext> {
    let mut parts = parent.as_str().split('-').skip(1);
    let trace = TraceId::from_hex(parts.next()?).ok()?;
    let span = SpanId::from_hex(parts.next()?).ok()?;
    let flags = TraceFlags::new(u8::from_str_radix(parts.next()?, 16).ok()?);
    Some(SpanContext::new(trace, span, flags, true, TraceState::NONE))
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
