//! How everybody behaves who hashes passwords, and who makes and digests secrets.

use std::collections::HashSet;

use futures::future::join_all;
use synapscribe_domain::account::code::{ALPHABET, LENGTH};
use synapscribe_domain::account::{Password, WrittenCode};

use crate::accounts::{Passwords, Secrets};

/// How everybody behaves who hashes passwords; `exhausted` is one of the same kind that can do no work now.
pub async fn passwords(passwords: &dyn Passwords, exhausted: &dyn Passwords) {
    a_password_is_known_again_and_no_other_is(passwords).await;
    what_is_kept_tells_nothing(passwords).await;
    what_cannot_be_read_is_an_error(passwords).await;
    many_at_once_do_not_mix(passwords).await;
    without_work_there_is_no_answer(passwords, exhausted).await;
}

fn typed(text: &str) -> Password {
    Password::typed(text).unwrap()
}

async fn a_password_is_known_again_and_no_other_is(passwords: &dyn Passwords) {
    let long = "pools ".repeat(21);
    for text in ["tide pools at noon", "a\0b", "пароль для лекций 🎓", long.as_str()] {
        let kept = passwords.hash(&typed(text)).await.unwrap();
        assert!(passwords.verify(&typed(text), Some(&kept)).await.unwrap(), "{text:?}");
        let mut shorter = text.to_owned();
        shorter.pop();
        let before_zero = text.split('\0').next().filter(|part| *part != text).unwrap_or_default();
        for other in ["", &shorter, &format!("{text}!"), &text.to_uppercase(), before_zero] {
            assert!(!passwords.verify(&typed(other), Some(&kept)).await.unwrap(), "{other:?} opens what {text:?} does");
        }
        assert!(!passwords.verify(&typed(text), None).await.unwrap(), "nobody has it");
    }
}

async fn what_is_kept_tells_nothing(passwords: &dyn Passwords) {
    let ada = typed("tide pools at noon");
    let (one, two) = (passwords.hash(&ada).await.unwrap(), passwords.hash(&ada).await.unwrap());
    assert_ne!(one, two, "that two people have one password does not show");
    for kept in [&one, &two] {
        assert!(!kept.contains(ada.expose()), "{kept}");
        assert!(passwords.verify(&ada, Some(kept)).await.unwrap());
    }
}

async fn what_cannot_be_read_is_an_error(passwords: &dyn Passwords) {
    let ada = typed("tide pools at noon");
    let kept = passwords.hash(&ada).await.unwrap();
    let (cut, headless, longer) = (&kept[..kept.len() - 1], &kept[1..], format!("{kept}x"));
    for odd in ["", "x", "$", ":", "плохо", ada.expose(), "$argon2i$v=19$m=64,t=1,p=1$AA$AA", cut, headless, &longer] {
        assert!(passwords.verify(&ada, Some(odd)).await.is_err(), "{odd:?}");
    }
    for (place, letter) in kept.char_indices() {
        let mut changed = kept.clone();
        changed.replace_range(place..place + letter.len_utf8(), if letter == 'A' { "B" } else { "A" });
        assert!(!matches!(passwords.verify(&ada, Some(&changed)).await, Ok(true)), "{changed}");
    }
}

async fn many_at_once_do_not_mix(passwords: &dyn Passwords) {
    let texts: Vec<_> = (0..8).map(|n| typed(&format!("tide pools at {n}"))).collect();
    let kept = join_all(texts.iter().map(|text| passwords.hash(text))).await;
    let kept: Vec<_> = kept.into_iter().map(Result::unwrap).collect();
    let own = join_all(texts.iter().zip(&kept).map(|(text, kept)| passwords.verify(text, Some(kept)))).await;
    assert!(own.into_iter().all(|right| right.unwrap()));
    let next =
        join_all(texts.iter().zip(kept.iter().cycle().skip(1)).map(|(text, kept)| passwords.verify(text, Some(kept)))).await;
    assert!(!next.into_iter().any(|right| right.unwrap()));
}

/// An answer that needed no work would come sooner, and tell who has an account.
async fn without_work_there_is_no_answer(passwords: &dyn Passwords, exhausted: &dyn Passwords) {
    let ada = typed("tide pools at noon");
    let kept = passwords.hash(&ada).await.unwrap();
    assert!(exhausted.hash(&ada).await.is_err());
    for kept in [Some(kept.as_str()), None] {
        assert!(exhausted.verify(&ada, kept).await.is_err(), "{kept:?}");
    }
}

/// How everybody behaves who makes and digests secrets; `again` is the same host after a restart, `elsewhere` another host.
pub fn secrets(secrets: &dyn Secrets, again: &dyn Secrets, elsewhere: &dyn Secrets) {
    nothing_random_repeats(secrets, elsewhere);
    a_code_is_well_formed_and_of_every_letter(secrets);
    a_digest_tells_texts_and_hosts_apart_and_nothing_else(secrets, again, elsewhere);
    a_sealed_token_opens_with_its_own(secrets, again);
}

fn nothing_random_repeats(secrets: &dyn Secrets, elsewhere: &dyn Secrets) {
    let drawn: Vec<_> = (0..500).flat_map(|_| [secrets.random(), elsewhere.random()]).collect();
    assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), drawn.len());
    for place in 0..32 {
        let values: HashSet<_> = drawn.iter().map(|bytes| bytes[place]).collect();
        assert!(values.len() > 128, "byte {place} has {} values in a thousand", values.len());
    }
}

fn a_code_is_well_formed_and_of_every_letter(secrets: &dyn Secrets) {
    let codes: Vec<_> = (0..200).map(|_| secrets.code()).collect();
    for code in &codes {
        assert_eq!(code.as_str().len(), LENGTH);
        assert_eq!(WrittenCode::parse(code.as_str()).as_ref(), Some(code), "it is read as it was written");
    }
    assert_eq!(codes.iter().map(WrittenCode::as_str).collect::<HashSet<_>>().len(), codes.len());
    let letters: HashSet<_> = codes.iter().flat_map(|code| code.as_str().bytes()).collect();
    let alphabet: HashSet<u8> = ALPHABET.iter().copied().collect();
    assert_eq!(letters, alphabet);
}

fn a_digest_tells_texts_and_hosts_apart_and_nothing_else(secrets: &dyn Secrets, again: &dyn Secrets, elsewhere: &dyn Secrets) {
    let long = "01ZA017J".repeat(1_000);
    let texts = ["", "0", "01ZA017J", "01ZA017K", "01za017j", " 01ZA017J", "01ZA017J\0", "tide pools at noon", &long];
    let mut seen = HashSet::new();
    for text in texts {
        let digest = secrets.digest(text);
        assert_eq!(again.digest(text), digest, "a restart changes nothing");
        assert!(seen.insert(digest) && seen.insert(elsewhere.digest(text)), "what is stored alone says nothing: {text:.40}");
        let shows = text.len() >= 8 && digest.0.windows(8).any(|part| text.as_bytes().windows(8).any(|own| own == part));
        assert!(!shows, "{text:.40}");
    }
    let (one, two) = (secrets.digest("01ZA017J"), secrets.digest("01ZA017K"));
    let different = one.0.iter().zip(two.0).filter(|(one, two)| **one != *two).count();
    assert!(different > 16, "texts that are alike have digests that are not");
}

fn a_sealed_token_opens_with_its_own(secrets: &dyn Secrets, again: &dyn Secrets) {
    for token in [secrets.random(), [0; 32], [255; 32]] {
        let (with, other) = (secrets.random(), secrets.random());
        let sealed = secrets.seal(token, &with);
        assert_ne!(sealed.0, token);
        assert_ne!(secrets.seal(token, &other), sealed);
        for host in [secrets, again] {
            assert_eq!(host.open(sealed, &with), token, "every process opens it");
            for wrong in [other, token, sealed.0, [0; 32]] {
                assert_ne!(host.open(sealed, &wrong), token);
            }
        }
    }
}
