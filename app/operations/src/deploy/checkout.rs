//! The checkout that is deployed: its templates, what each stage is given, and where its scripts leave what they build.

use std::path::{Path, PathBuf};

use synapscribe_client::ClientError;
use toml::{Table, Value};

/// A checkout with a folder of templates.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkout {
    root: PathBuf,
    infra: PathBuf,
    stages: Table,
}

/// What one deployment of a checkout is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name, such as `dev`.
    pub name: String,
    /// The name of its stack.
    pub stack: String,
    /// Where it is.
    pub region: String,
    /// Parameters of the template as they are written, `NAME=VALUE`.
    parameters: Vec<String>,
}

impl Checkout {
    /// Looks whether the templates are there.
    pub fn at(infra: &Path) -> Result<Self, ClientError> {
        let missing = |file: &str| {
            let said = format!("there is no {file} in {}; name the checkout's infra folder with --infra", infra.display());
            ClientError::new("not_found", said)
        };
        if !infra.join("template.yaml").is_file() {
            return Err(missing("template.yaml"));
        }
        let written = std::fs::read_to_string(infra.join("samconfig.toml")).map_err(|_| missing("samconfig.toml"))?;
        let stages = written.parse().map_err(|error: toml::de::Error| {
            ClientError::new("setting", format!("samconfig.toml cannot be read: {}", error.message()))
        })?;
        let infra = infra.canonicalize().map_err(|_| missing("template.yaml"))?;
        Ok(Self { root: infra.parent().unwrap_or(&infra).to_owned(), infra, stages })
    }

    /// One of its stages.
    pub fn stage(&self, name: &str) -> Result<Stage, ClientError> {
        let parameters = |stage: &Value| stage.get("deploy")?.get("parameters").cloned();
        let Some(given) = self.stages.get(name).and_then(parameters) else {
            let known = self.stages.iter().filter(|(_, stage)| parameters(stage).is_some());
            let known: Vec<&str> = known.map(|(name, _)| name.as_str()).collect();
            let said = format!("samconfig.toml knows no stage {name}; there are: {}", known.join(", "));
            return Err(ClientError::new("not_found", said));
        };
        let text = |key: &str| {
            let missing = || ClientError::new("setting", format!("samconfig.toml gives {name} no {key}"));
            given.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(missing)
        };
        let overrides = given.get("parameter_overrides").and_then(Value::as_array);
        let parameters = overrides.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(Stage { name: name.to_owned(), stack: text("stack_name")?, region: text("region")?, parameters })
    }

    /// Its root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of its templates.
    pub(crate) fn infra(&self) -> &Path {
        &self.infra
    }

    /// Something that its scripts have built for a deployment.
    pub(crate) fn built(&self, name: &str) -> Result<PathBuf, ClientError> {
        let path = self.infra.join("build").join(name);
        if path.is_file() {
            return Ok(path);
        }
        let said = format!("{} is not there; begin with --from functions, which builds it", path.display());
        Err(ClientError::new("not_found", said))
    }
}

impl Stage {
    /// A parameter of the template, where the stage gives it.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let named = |written: &&String| written.split_once('=').is_some_and(|(key, _)| key == name);
        self.parameters.iter().find(named).map(|written| written[name.len() + 1..].trim_matches('\''))
    }

    /// All parameters as they are written, with one of them changed.
    pub(crate) fn with(&self, name: &str, value: &str) -> Vec<String> {
        let others = self.parameters.iter().filter(|written| written.split_once('=').is_none_or(|(key, _)| key != name));
        others.cloned().chain([format!("{name}={value}")]).collect()
    }

    /// Whether it has a machine with a GPU.
    pub(crate) fn has_machine(&self) -> bool {
        self.parameter("HostCount") == Some("1")
    }

    /// What makes the page's firewall, where this stage, with what `sam` is told besides, has none. AWS takes those of CloudFront in one
    /// region only, where a deployment makes it itself.
    pub(crate) fn firewall(&self, besides: &[String]) -> Option<String> {
        const WHERE: &str = "us-east-1";
        let given = |arn: &str| !arn.trim_matches('\'').is_empty();
        let told = besides.iter().filter_map(|word| word.strip_prefix("PageFirewallArn=")).any(given);
        if self.region == WHERE || told || self.parameter("PageFirewallArn").is_some_and(given) {
            return None;
        }
        let stack = &self.stack;
        Some(format!(
            "aws cloudformation deploy --region {WHERE} --stack-name {stack}-firewall --template-file infra/stacks/firewall.yaml --parameter-overrides Prefix={stack} --tags Application=synapscribe Deployment={stack}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_no_firewall_before_somebody_makes_it_where_its_region_has_none() {
        let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra");
        let mut stage = Checkout::at(&infra).unwrap().stage("dev").unwrap();
        let command = stage.firewall(&[]).unwrap();
        let guide = std::fs::read_to_string(infra.join("README.md")).unwrap();
        let typed = guide.split_whitespace().filter(|word| *word != "\\").collect::<Vec<_>>().join(" ");
        assert!(typed.contains(&command), "infra/README.md says something else than: {command}");
        assert_eq!(stage.firewall(&["--parameter-overrides".into(), "PageFirewallArn=arn:some".into()]), None);
        stage.parameters.push("PageFirewallArn=".into());
        assert_eq!(stage.firewall(&[]), Some(command));
        stage.region = "us-east-1".into();
        assert_eq!(stage.firewall(&[]), None, "the template makes it");
    }
}
