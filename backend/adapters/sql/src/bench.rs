//! A deterministic load for measuring search: clustered vectors and text in which few words are common. It is no test.

use std::time::Instant;

use synapscribe_domain::{
    Lecture, LectureId, LectureState, Millis, ObjectKey, Passage, PassageId, PersonId, Span, Timestamp, Visibility,
};
use synapscribe_ports::{Library, Meaning, Scope};

use crate::Store;

/// The length of the vectors, that of the embedding model most people will use.
pub const DIMENSION: usize = 384;
const QUERIES: usize = 200;
const WANTED: usize = 10;
const MODEL: &str = "bench";
const PASSAGES_OF_A_LECTURE: usize = 200;
const VOCABULARY: usize = 20_000;
/// The commonest words stand for those a question's stop list removes.
const STOP_WORDS: usize = 40;

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Passages in the library.
    pub passages: usize,
    /// Half of the searches took no longer, in milliseconds.
    pub p50_ms: f64,
    /// Nineteen of twenty searches took no longer, in milliseconds.
    pub p95_ms: f64,
    /// The longest search after the first.
    pub max_ms: f64,
    /// The first search, which also loads the vectors.
    pub first_ms: f64,
    /// The share of the ten closest passages by exact comparison that were found.
    pub recall: f64,
    /// Filling the library.
    pub fill_ms: f64,
}

/// Why nothing was measured.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Fills a library in a scratch folder with so many passages and searches it.
pub async fn search(passages: usize) -> Result<Report, Failed> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path().join("bench.db")).await?;
    let report = search_in(&store, passages, async || Ok(())).await;
    store.close().await;
    report
}

/// The same with an empty database of a server, whose owner's words are done once it is filled.
#[cfg(feature = "postgres")]
pub async fn search_server(
    address: &str,
    passages: usize,
    filled: impl AsyncFnOnce() -> Result<(), Failed>,
) -> Result<Report, Failed> {
    use synapscribe_ports::Schema;

    let address = crate::Address::parse(address)?;
    let login = address.login().ok_or("the address has no password")?;
    let library = crate::PostgresLibrary::at(address, std::sync::Arc::new(login), std::time::Duration::from_secs(20));
    library.upgrade().await?;
    let report = search_in(&library, passages, filled).await;
    library.close().await;
    report
}

/// Fills an empty library and searches it by words and meaning, one search at a time. One lecture in ten belongs to somebody else, so
/// that visibility is part of what is measured.
async fn search_in(
    library: &dyn Library,
    passages: usize,
    filled: impl AsyncFnOnce() -> Result<(), Failed>,
) -> Result<Report, Failed> {
    let mut world = World::new(passages);
    let (me, other) = (PersonId::parse("me")?, PersonId::parse("other")?);
    let begun = Instant::now();
    let mut visible: Vec<(PassageId, usize)> = Vec::with_capacity(passages);
    for (number, from) in (0..passages).step_by(PASSAGES_OF_A_LECTURE).enumerate() {
        let owner = if number % 10 == 9 { &other } else { &me };
        let to = passages.min(from + PASSAGES_OF_A_LECTURE);
        let lecture = lecture(number, owner)?;
        let cut: Vec<Passage> = (from..to).map(|n| world.passage(&lecture.id, n - from, n)).collect();
        library.add_lecture(&lecture).await?;
        let meanings: Vec<Meaning> = world.vectors[from..to].iter().cloned().map(Meaning::from).collect();
        library.index(&(&lecture.id).into(), &cut, MODEL, &meanings).await?;
        if owner == &me {
            visible.extend(cut.iter().map(|p| p.id.clone()).zip(from..to));
        }
    }
    let fill_ms = milliseconds(begun);
    filled().await?;

    let scope = Scope::VisibleTo(me);
    let mut times = Vec::with_capacity(QUERIES);
    let (mut found, mut wanted) = (0usize, 0usize);
    for _ in 0..=QUERIES {
        let (words, vector) = world.question(&visible);
        let begun = Instant::now();
        let hits = library.search(&scope, &words, Some((MODEL, &vector)), WANTED).await?;
        times.push(milliseconds(begun));
        let mut near: Vec<_> = hits.iter().filter_map(|c| Some((c.similarity?, &c.passage.id))).collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        near.truncate(WANTED);
        let exact = world.closest(&visible, &vector);
        wanted += exact.len();
        found += exact.iter().filter(|id| near.iter().any(|n| n.1 == **id)).count();
    }
    let first_ms = times.remove(0);
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() as f64 * share).ceil() as usize).clamp(1, times.len()) - 1];
    let recall = found as f64 / wanted.max(1) as f64;
    Ok(Report { passages, p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1.0), first_ms, recall, fill_ms })
}

/// Everything that is drawn by lot, always the same.
struct World {
    dice: Dice,
    vectors: Vec<Vec<f32>>,
    texts: Vec<Vec<usize>>,
    /// The cumulated frequencies of the words, the commonest first.
    zipf: Vec<f64>,
}

impl World {
    fn new(passages: usize) -> Self {
        let mut dice = Dice(0x5EED);
        let themes: Vec<Vec<f32>> = (0..(passages / 100).max(1)).map(|_| dice.direction(None)).collect();
        let vectors = (0..passages).map(|_| {
            let theme = dice.below(themes.len());
            dice.direction(Some((&themes[theme], 0.8)))
        });
        let vectors = vectors.collect();
        let mut sum = 0.0;
        let zipf: Vec<f64> = (1..=VOCABULARY)
            .map(|rank| {
                sum += 1.0 / rank as f64;
                sum
            })
            .collect();
        Self { dice, vectors, texts: Vec::with_capacity(passages), zipf }
    }

    fn passage(&mut self, lecture: &LectureId, index: usize, number: usize) -> Passage {
        let length = 50 + self.dice.below(40);
        let words: Vec<usize> = (0..length).map(|_| self.word()).collect();
        let text = words.iter().map(|w| spell(*w)).collect::<Vec<_>>().join(" ");
        debug_assert_eq!(self.texts.len(), number, "passages are made in order");
        self.texts.push(words);
        let from = Millis(index as u64 * 30_000);
        Passage::said(lecture, index as u32, Span::new(from, Millis(from.0 + 30_000)), text)
    }

    fn word(&mut self) -> usize {
        let point = self.dice.unit() * self.zipf[VOCABULARY - 1];
        self.zipf.partition_point(|sum| *sum < point).min(VOCABULARY - 1)
    }

    /// Three to six words of a passage, and a vector near its own.
    fn question(&mut self, visible: &[(PassageId, usize)]) -> (Vec<String>, Vec<f32>) {
        let source = visible[self.dice.below(visible.len())].1;
        let vector = self.dice.direction(Some((&self.vectors[source], 0.6)));
        let telling: Vec<usize> = self.texts[source].iter().copied().filter(|w| *w >= STOP_WORDS).collect();
        let count = 3 + self.dice.below(4);
        let words = (0..count).map(|_| spell(telling[self.dice.below(telling.len())])).collect();
        (words, vector)
    }

    /// The closest visible passages by exact comparison.
    fn closest<'a>(&self, visible: &'a [(PassageId, usize)], vector: &[f32]) -> Vec<&'a PassageId> {
        let score = |n: usize| self.vectors[n].iter().zip(vector).map(|(a, b)| a * b).sum::<f32>();
        let mut all: Vec<(f32, &PassageId)> = visible.iter().map(|(id, n)| (score(*n), id)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        all.into_iter().take(WANTED).map(|(_, id)| id).collect()
    }
}

/// A small generator whose numbers are the same everywhere (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// A unit vector in any direction, or one that strays from another by about `far` times its length.
    fn direction(&mut self, from: Option<(&[f32], f32)>) -> Vec<f32> {
        let spread = (3.0 / DIMENSION as f32).sqrt();
        let mut out: Vec<f32> = (0..DIMENSION).map(|_| (self.unit() as f32 * 2.0 - 1.0) * spread).collect();
        if let Some((centre, far)) = from {
            out.iter_mut().zip(centre).for_each(|(x, c)| *x = *x * far + c);
        }
        let length = out.iter().map(|x| x * x).sum::<f32>().sqrt();
        out.iter_mut().for_each(|x| *x /= length);
        out
    }
}

fn lecture(number: usize, owner: &PersonId) -> Result<Lecture, Failed> {
    let id = LectureId::parse(format!("lecture-{number:05}"))?;
    Ok(Lecture {
        key: ObjectKey::lecture(owner, &id, "lecture.mp3"),
        id,
        owner: owner.clone(),
        visibility: Visibility::Private,
        title: format!("Lecture {number}"),
        state: LectureState::Ready,
        media: None,
        tokens: None,
        created: Timestamp(number as i64),
    })
}

/// A word that no stemmer changes or joins with another.
fn spell(mut number: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ko", "mu", "ta", "ro", "du", "fa", "go", "nu", "pa", "lo", "vu", "za", "jo", "hu", "ka"];
    let mut word = String::from("q");
    for _ in 0..4 {
        word.push_str(SYLLABLES[number % SYLLABLES.len()]);
        number /= SYLLABLES.len();
    }
    word
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}
