//! Searching what one may see. Knows no screen.

use synapscribe_protocol::search::FoundDto;

use crate::client::Client;
use crate::error::Result;
use crate::rest::segment;

/// What somebody looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// In words.
    pub text: String,
    /// In these lectures and documents, by their whole names; in everything, where none is named.
    pub sources: Vec<String>,
    /// At most so many findings; the server's usual number if left out.
    pub limit: Option<u32>,
}

impl Search {
    /// Searches.
    pub async fn run(&self, client: &Client) -> Result<FoundDto> {
        client.rest().get(&self.path()).await
    }

    fn path(&self) -> String {
        let mut path = format!("search?q={}", segment(&self.text));
        if !self.sources.is_empty() {
            path.push_str("&sources=");
            path.push_str(&segment(&self.sources.join(",")));
        }
        if let Some(limit) = self.limit {
            path.push_str(&format!("&limit={limit}"));
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_words_and_several_sources_make_one_address() {
        let search = Search { text: "sun & moon?".into(), sources: vec!["l1".into(), "d:2".into()], limit: Some(3) };
        assert_eq!(search.path(), "search?q=sun%20%26%20moon%3F&sources=l1%2Cd%3A2&limit=3");
        assert_eq!(Search { text: "tide".into(), ..Search::default() }.path(), "search?q=tide");
    }
}
