//! Where work stands in a trace: taken from whoever asked for it, and handed to whoever is asked next.

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use synapscribe_domain::TraceParent;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

tokio::task_local! {
    static GIVEN: TraceParent;
}

/// Does work that somebody else's trace has a part for, whether or not this process exports its own.
pub async fn following<T>(parent: Option<TraceParent>, work: impl Future<Output = T>) -> T {
    match parent {
        Some(parent) => GIVEN.scope(parent, work).await,
        None => work.await,
    }
}

/// What this work was said to follow on.
pub fn given() -> Option<TraceParent> {
    GIVEN.try_with(Clone::clone).ok()
}

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

    #[tokio::test]
    async fn what_is_followed_is_known_within_the_work_and_nowhere_else() {
        let parent = TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        assert_eq!(following(Some(parent.clone()), async { given() }).await, Some(parent));
        assert_eq!(following(None, async { given() }).await, None);
        assert_eq!(given(), None);
    }
}
