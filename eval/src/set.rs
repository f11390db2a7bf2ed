//! The question set: texts written for it, and what is asked of them. Knows nothing of how they are searched.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use crate::heard::Heard;

/// How a text came into the library.
pub enum Form {
    /// It was written to be read.
    Book(Binding),
    /// It was spoken, and this is what a recogniser understood.
    Talk(Heard),
}

/// What a book is as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// As it was written.
    Markdown,
    /// Set on small pages.
    Pdf,
}

/// One text and its questions.
pub struct Text {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// As it was written, without the title.
    pub body: String,
    /// How it came into the library.
    pub form: Form,
    /// What is asked of it.
    pub questions: Vec<Question>,
}

/// A question and what a right answer is.
#[derive(Debug, Deserialize)]
pub struct Question {
    /// As a student asks it.
    pub ask: String,
    /// The shortest right answers; none where no text of the set holds one.
    pub answers: Vec<String>,
    /// The sentences that hold the answer, as they stand in the text.
    pub support: Vec<String>,
    /// Whether it takes two sentences, a paraphrase or a negation.
    #[serde(default)]
    pub hard: bool,
}

impl Question {
    /// Whether a text of the set holds an answer.
    pub fn is_answerable(&self) -> bool {
        !self.answers.is_empty()
    }
}

/// Where the set lies.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Reads the set in the order of names, the books first, of which every second one is a PDF.
pub fn load(folder: &Path) -> anyhow::Result<Vec<Text>> {
    let mut texts = Vec::new();
    for (name, binding) in names(&folder.join("books"))?.iter().zip([Binding::Markdown, Binding::Pdf].into_iter().cycle()) {
        texts.push(read(folder, "books", name, Form::Book(binding))?);
    }
    for name in names(&folder.join("talks"))? {
        let heard = folder.join("heard").join(format!("{name}.json"));
        if !heard.exists() {
            eprintln!("{name} was not heard yet and is left out; 'synapscribe-eval hear' speaks and recognises it");
            continue;
        }
        let heard = serde_json::from_str(&open(&heard)?).with_context(|| heard.display().to_string())?;
        texts.push(read(folder, "talks", &name, Form::Talk(heard))?);
    }
    Ok(texts)
}

/// The names of the texts in a folder.
pub fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

/// A text as it was written: its title and the rest.
pub fn written(folder: &Path, kind: &str, name: &str) -> anyhow::Result<(String, String)> {
    let text = open(&folder.join(kind).join(format!("{name}.md")))?;
    let (title, body) = text.split_once('\n').context("a text is its title and more")?;
    Ok((title.trim_start_matches('#').trim().to_owned(), body.to_owned()))
}

fn read(folder: &Path, kind: &str, name: &str, form: Form) -> anyhow::Result<Text> {
    let (title, body) = written(folder, kind, name)?;
    let asked = folder.join("questions").join(format!("{name}.json"));
    let questions = serde_json::from_str(&open(&asked)?).with_context(|| asked.display().to_string())?;
    Ok(Text { name: name.to_owned(), title, body, form, questions })
}

fn open(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}
