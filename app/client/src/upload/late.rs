//! Captions on their own: they go to the lecture that is named, or else to the guest's own one that is named like them, and replace the words that were recognised.

use std::path::Path;

use synapscribe_protocol::rest::LectureDto;
use tokio::sync::mpsc;
use unicode_normalization::UnicodeNormalization as _;

use super::captions::Captions;
use super::{Kind, Reached, UploadEvent, UploadOptions, tell, wait};
use crate::client::Client;
use crate::error::{ClientError, Result, code};

/// Whether a file is called as captions are.
pub fn is_captions(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("srt") || extension.eq_ignore_ascii_case("vtt"))
}

/// A caption file's name without its ending, and without a language before it: `week 3` of `week 3.en.vtt`.
pub(crate) fn plain_stem(captions: &Path) -> String {
    let stem = captions.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    match stem.rsplit_once('.') {
        Some((name, language)) if !name.is_empty() && is_language(language) => name.to_owned(),
        _ => stem,
    }
}

/// Two or three letters, and perhaps a region or a script: `en`, `pt-BR`, `zh-Hans`.
fn is_language(tag: &str) -> bool {
    let (language, region) = tag.split_once('-').map_or((tag, None), |(language, region)| (language, Some(region)));
    let letters = language.bytes().all(|b| b.is_ascii_alphabetic());
    letters
        && (2..=3).contains(&language.len())
        && region.is_none_or(|r| !r.is_empty() && r.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Sends captions to their lecture, and gives its name.
pub(super) async fn hand(
    client: &Client,
    path: &Path,
    options: &UploadOptions,
    events: &mpsc::Sender<UploadEvent>,
    reached: &Reached,
) -> Result<String> {
    let Some(captions) = Captions::read(Some(path), path).await? else { return Err(alone()) };
    let id = match &options.lecture {
        Some(lecture) => lecture.clone(),
        None => namesake(path, &client.lectures().await?)?.lecture_id.clone(),
    };
    let _ = reached.lecture.set(id.clone());
    let news = options.wait.then(|| client.socket().lectures());
    captions.deliver(client, &id).await?;
    tell(events, UploadEvent::Captions { file: captions.name().to_owned() }).await;
    let _ = reached.arrived.set(());
    tell(events, UploadEvent::Uploaded { lecture_id: id.clone(), state: "uploaded" }).await;
    if let Some(mut news) = news {
        // A server that has not begun with them calls the lecture ready, which it is, with the words it had.
        wait::until_begun(&id, &mut news).await;
        let ready = wait::until_ready(client, Kind::Lecture, &id, news, events).await?;
        tell(events, ready).await;
    }
    Ok(id)
}

/// Whether any of the guest's own lectures is named like these captions.
pub(crate) fn is_named_like_one(captions: &Path, lectures: &[LectureDto]) -> bool {
    namesakes(captions, lectures).next().is_some()
}

/// The guest's own lectures that captions are named like: by their title, or by the file they came from.
fn namesakes<'a>(captions: &Path, lectures: &'a [LectureDto]) -> impl Iterator<Item = &'a LectureDto> {
    let wanted = bare(&plain_stem(captions));
    let file = |key: &str| bare(&Path::new(key).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default());
    lectures.iter().filter(move |lecture| {
        !wanted.is_empty() && lecture.own && (bare(&lecture.title) == wanted || file(&lecture.s3_key) == wanted)
    })
}

fn namesake<'a>(captions: &Path, lectures: &'a [LectureDto]) -> Result<&'a LectureDto> {
    let mut fitting = namesakes(captions, lectures);
    match (fitting.next(), fitting.next()) {
        (None, _) => Err(alone()),
        (Some(one), None) => Ok(one),
        // Words put below the wrong recording would be worse than a question.
        (Some(one), Some(_)) => Err(ClientError::new(
            code::CAPTIONS,
            format!(
                "several lectures are named like these captions; rename all but one “{}” and drop them again",
                one.title.trim()
            ),
        )),
    }
}

fn alone() -> ClientError {
    ClientError::new(
        code::CAPTIONS,
        "no recording of this name is here; drop both together, or name the captions like their lecture",
    )
}

/// Letters and numbers only: titles, keys and file systems write spaces, marks and accents in their own ways.
fn bare(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lecture(id: &str, title: &str, key: &str, own: bool) -> LectureDto {
        serde_json::from_value(serde_json::json!({
            "lectureId": id, "title": title, "s3Key": format!("lectures/p/{id}/{key}"), "own": own, "state": "ready",
            "progress": 1.0, "created": 0,
        }))
        .unwrap()
    }

    #[test]
    fn captions_find_the_lecture_they_are_named_like() {
        let lectures = [
            lecture("renamed", "Plants and light", "Week_1_Plants.wav", true),
            lecture("accented", "Über Gezeiten", "x.wav", true),
            lecture("theirs", "Week 2", "week2.mp3", false),
            lecture("one", "Twice", "a.mp3", true),
            lecture("two", "twice!", "b.mp3", true),
        ];
        for (file, wanted) in [
            ("Week 1 Plants.vtt", Some("renamed")),
            ("plants and light.srt", Some("renamed")),
            ("week 1 plants.pt-BR.vtt", Some("renamed")),
            // A Mac writes letters and their accents apart.
            ("U\u{308}ber Gezeiten.srt", Some("accented")),
            ("Week 2.vtt", None),
            ("Twice.vtt", None),
            ("…….vtt", None),
        ] {
            let found = namesake(Path::new(file), &lectures);
            assert_eq!(found.as_ref().ok().map(|lecture| lecture.lecture_id.as_str()), wanted, "{file}");
            assert!(found.err().is_none_or(|error| error.code == code::CAPTIONS));
        }
    }

    #[test]
    fn a_language_is_no_part_of_a_name_but_a_number_is() {
        for (file, wanted) in
            [("week 3.en.vtt", "week 3"), ("week.3.vtt", "week.3"), ("week 3.vtt", "week 3"), (".en.vtt", ".en")]
        {
            assert_eq!(plain_stem(Path::new(file)), wanted);
        }
    }
}
