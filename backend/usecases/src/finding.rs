//! The passages that fit what is looked for, by words and by meaning at once. Knows neither who looks nor what for.

use synapscribe_domain::Failure;
use synapscribe_domain::retrieval::{Candidate, Ranked, Standpoint, Weights, fuse};
use synapscribe_domain::terms::content_words;
use synapscribe_ports::{EmbedKind, Embedder, Library, Scope};

use crate::patience::{Patience, within};

/// What finds.
pub(crate) struct Finder<'a> {
    /// The passages.
    pub library: &'a dyn Library,
    /// Finds by meaning, if there is one.
    pub embedder: Option<&'a dyn Embedder>,
    /// How long it may take.
    pub patience: Patience,
    /// How the two indexes are weighed.
    pub weights: Weights,
}

impl Finder<'_> {
    /// The best passages of so many candidates of each index, the best first.
    pub async fn find(
        &self,
        scope: &Scope,
        wanted: &str,
        from: Option<Standpoint>,
        candidates: usize,
    ) -> Result<Vec<Ranked>, Failure> {
        Ok(fuse(self.candidates(scope, wanted, candidates).await?, self.weights, from))
    }

    /// So many of each index, in no order.
    pub async fn candidates(&self, scope: &Scope, wanted: &str, candidates: usize) -> Result<Vec<Candidate>, Failure> {
        let vector = match self.embedder {
            None => None,
            Some(embedder) => {
                let texts = [wanted.to_owned()];
                match within(self.patience.meaning, "the embedding engine", embedder.embed(&texts, EmbedKind::Query)).await {
                    Ok(mut vectors) => vectors.pop().map(|v| (embedder.space(), v)),
                    Err(failure) => {
                        // Words alone still find passages; what they find is worth more than the best order.
                        tracing::warn!(code = failure.code.as_str(), "passages were searched by words only");
                        None
                    }
                }
            }
        };
        let vector = vector.as_ref().map(|(model, v)| (model.as_str(), v.as_slice()));
        Ok(self.library.search(scope, &content_words(wanted), vector, candidates).await?)
    }
}
