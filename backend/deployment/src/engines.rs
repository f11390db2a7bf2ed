//! Engines on AWS that functions and the GPU host choose alike.

use std::sync::Arc;

use anyhow::Context;
use synapscribe_aws::{SdkConfig, TitanEmbedder};
use synapscribe_ports::Embedder;

use crate::settings::EngineChoice;

impl EngineChoice {
    /// What compares meanings, where Titan was chosen.
    pub(crate) fn embedder(&self, config: &SdkConfig) -> anyhow::Result<Option<Arc<dyn Embedder>>> {
        let bedrock = at(config, &self.bedrock);
        let embedder = self.dimension.map(|length| TitanEmbedder::new(&bedrock, length)).transpose();
        Ok(embedder.context("SYNAPSCRIBE_TITAN_DIMENSION")?.map(|embedder| Arc::new(embedder) as _))
    }
}

/// How a service is reached that may have an address of its own.
pub(crate) fn at(config: &SdkConfig, address: &Option<String>) -> SdkConfig {
    match address {
        Some(address) => config.to_builder().endpoint_url(address).build(),
        None => config.clone(),
    }
}
