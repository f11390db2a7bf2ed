//! The ways of searching that are compared.

use synapscribe_domain::retrieval::Weights;

/// How passages are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Way {
    /// By their words alone.
    Words,
    /// By their meaning alone.
    Meaning,
    /// By both.
    Both(Weights),
}

impl Way {
    /// The three ways, with the product's own weights.
    pub fn all() -> [Self; 3] {
        [Self::Words, Self::Meaning, Self::Both(Weights::default())]
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Words => "full text",
            Self::Meaning => "vectors",
            Self::Both(_) => "fused",
        }
    }

    /// The weights by which candidates are put into an order.
    pub fn weights(self) -> Weights {
        match self {
            Self::Words => Weights { text: 1.0, ..Weights::default() },
            Self::Meaning => Weights { text: 0.0, ..Weights::default() },
            Self::Both(weights) => weights,
        }
    }
}
