//! What is written for people is held against the sources: no variable without a description, no page that is linked to and not
//! there. It reads files and builds nothing.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The files below a folder that end in `extension`, without what was built or fetched.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().unwrap().is_dir() {
            if !name.starts_with('.') && !["target", "node_modules"].contains(&name.as_str()) {
                found.extend(files(&path, extension));
            }
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn pages() -> Vec<PathBuf> {
    files(&checkout(), "md")
}

/// The names in quotes that look like variables of ours.
fn variables(source: &str) -> impl Iterator<Item = &str> {
    source.split('"').filter(|text| {
        text.strip_prefix("SYNAPSCRIBE_")
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
    })
}

#[test]
fn every_variable_is_described() {
    let described: String = pages().iter().map(|page| fs::read_to_string(page).unwrap()).collect();
    let mut missing = BTreeSet::new();
    for source in files(&checkout(), "rs").iter().filter(|path| path.components().any(|part| part.as_os_str() == "src")) {
        let text = fs::read_to_string(source).unwrap();
        missing.extend(variables(&text).filter(|name| !described.contains(&format!("`{name}`"))).map(str::to_owned));
    }
    assert!(missing.is_empty(), "no page describes {missing:?}");
}

/// The names in a shell script, where a variable follows a dollar sign.
fn shell_variables(script: &str) -> impl Iterator<Item = &str> {
    script.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(rest.len());
        rest[..end].starts_with("SYNAPSCRIBE_").then_some(&rest[..end])
    })
}

#[test]
fn every_variable_of_the_scripts_is_described() {
    let described: String = pages().iter().map(|page| fs::read_to_string(page).unwrap()).collect();
    let scripts = files(&checkout().join("scripts"), "sh").into_iter().chain([checkout().join(".ci/run")]);
    let texts: Vec<String> = scripts.map(|script| fs::read_to_string(script).unwrap()).collect();
    let named: BTreeSet<&str> = texts.iter().flat_map(|text| shell_variables(text)).collect();
    assert!(named.contains("SYNAPSCRIBE_TEST_VENV"), "the scripts are not read as they are written: {named:?}");
    let missing: Vec<_> = named.iter().filter(|name| !described.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "no page describes {missing:?}");
}

#[test]
fn every_link_to_a_page_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !target.contains("://") && !page.parent().unwrap().join(path).exists() {
                broken.push(format!("{} → {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "links lead nowhere: {broken:?}");
}

#[test]
fn why_a_lecture_or_a_document_fails_is_described_for_those_who_are_told() {
    let known = fs::read_to_string(checkout().join("backend/domain/src/failure.rs")).unwrap();
    let page = fs::read_to_string(checkout().join("docs/events.md")).unwrap();
    let codes: Vec<&str> = known.split('"').filter(|text| text.starts_with("audio_") || text.starts_with("document_")).collect();
    assert!(codes.contains(&"audio_corrupt"), "the codes are not read as they are written: {codes:?}");
    // One that cannot be asked yet has not failed.
    let missing: Vec<_> =
        codes.iter().filter(|code| !page.contains(&format!("`{code}`")) && **code != "document_not_ready").collect();
    assert!(missing.is_empty(), "docs/events.md does not describe {missing:?}");
}

/// What stands in a section of the root template, by name.
fn section<'a>(template: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let part = template.split(&format!("\n{name}:\n")).nth(1).unwrap_or_default();
    let part = part.lines().take_while(|line| line.is_empty() || line.starts_with(' '));
    part.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':')).filter(|name| !name.starts_with(' '))
}

#[test]
fn parameters_and_outputs_that_an_operator_is_told_of_are_those_of_the_template() {
    let read = |page: &str| fs::read_to_string(checkout().join(page)).unwrap();
    let template = read("infra/template.yaml");
    let known: BTreeSet<&str> = section(&template, "Parameters").chain(section(&template, "Outputs")).collect();
    assert!(known.contains("HostCount") && known.contains("PageUrl"), "the template is not read as it is written: {known:?}");
    // Words of AWS, and a namespace of ours.
    let others = ["ReportBatchItemFailures", "SynapScribe", "UserAuthentication"];
    for page in ["docs/aws.md", "docs/costs.md", "docs/operators.md", "docs/runbook.md", "infra/README.md"] {
        for span in read(page).split('`').skip(1).step_by(2) {
            let name = span.split('=').next().unwrap_or_default();
            let capitals = name.chars().filter(char::is_ascii_uppercase).count();
            let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
                && capitals > 1
                && name.chars().all(|c| c.is_ascii_alphanumeric())
                && name.chars().any(|c| c.is_ascii_lowercase());
            assert!(
                !is_name || known.contains(name) || others.contains(&name),
                "{page} tells of {span}, which the template has not"
            );
        }
    }
}

#[test]
fn every_alarm_that_may_wake_an_operator_is_in_the_runbook() {
    let page = fs::read_to_string(checkout().join("docs/runbook.md")).unwrap();
    let section = page.split("\n## Alarms\n").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let stacks: String =
        files(&checkout().join("infra/stacks"), "yaml").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let alarms: Vec<&str> = stacks.split("AlarmName: !Sub ${Prefix} ").skip(1).filter_map(|rest| rest.lines().next()).collect();
    assert_eq!(alarms.len(), stacks.matches("Type: AWS::CloudWatch::Alarm").count(), "alarms are not read as they are written");
    let missing: Vec<_> = alarms.iter().filter(|name| !section.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/runbook.md does not say what to do about {missing:?}");
    let cells = section.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split(" | ").next());
    let gone: Vec<&str> =
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).filter(|name| !alarms.contains(name)).collect();
    assert!(gone.is_empty(), "docs/runbook.md tells of {gone:?}, which no template has");
}

/// What is to be typed into a shell, block by block.
fn shell_blocks(page: &str) -> Vec<String> {
    page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
}

#[test]
fn what_an_operator_is_told_to_type_is_what_a_shell_can_read_and_asks_for_outputs_that_there_are() {
    let template = fs::read_to_string(checkout().join("infra/template.yaml")).unwrap();
    let outputs: BTreeSet<&str> = section(&template, "Outputs").collect();
    let mut asked = 0;
    for page in ["docs/aws.md", "docs/operators.md", "docs/runbook.md", "infra/README.md"] {
        let text = fs::read_to_string(checkout().join(page)).unwrap();
        for block in shell_blocks(&text) {
            let said = Command::new("bash").args(["-n", "-c", &block]).output().unwrap();
            assert!(said.status.success(), "{page}: {block}\n{}", String::from_utf8_lossy(&said.stderr));
        }
        for name in
            text.split("$(output ").skip(1).filter_map(|rest| rest.split(')').next()).filter(|name| !name.starts_with('$'))
        {
            asked += 1;
            assert!(outputs.contains(name), "{page} asks for the output {name}, which the template has not");
        }
    }
    assert!(asked > 5, "the pages are not read as they are written");
}

#[test]
fn variables_are_told_from_other_words() {
    let source = r#"env("SYNAPSCRIBE_DATA"), "SYNAPSCRIBE_", "SYNAPSCRIBE_lower", "data""#;
    assert_eq!(variables(source).collect::<Vec<_>>(), ["SYNAPSCRIBE_DATA"]);
}
