//! Argon2id, so few at once that memory stays bounded however many sign in.

mod form;

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use rand::RngCore;
use synapscribe_domain::account::Password;
use synapscribe_ports::accounts::Passwords;
use synapscribe_ports::{StoreError, StoreResult};
use tokio::sync::Semaphore;

pub use form::Cost;
use form::{HASH, SALT, read, written};

/// Whoever waits for a place behind so many others is told to come again.
const MOST_WAITING: usize = 1_000;

/// Hashes passwords.
#[derive(Clone)]
pub struct SlowHashes {
    cost: Cost,
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl SlowHashes {
    /// So many at once, each at this cost.
    pub fn new(cost: Cost, at_once: usize) -> Self {
        let at_once = at_once.max(1);
        Self { cost, places: Arc::new(Semaphore::new(at_once)), waiting: Arc::new(Semaphore::new(at_once + MOST_WAITING)) }
    }

    /// What stands in where nothing is kept. Its salt is another one each time: in which order memory is gone through hangs on
    /// the salt, and one that is always the same would have a time of its own.
    fn nobodys(&self) -> String {
        written(self.cost, &fresh(), &[0; HASH])
    }

    /// Does the slow work on a thread of its own.
    async fn work(&self, password: &Password, salt: [u8; SALT], cost: Cost) -> StoreResult<[u8; HASH]> {
        let busy = |_| StoreError::Conflict;
        let _waiting = Arc::clone(&self.waiting).try_acquire_owned().map_err(busy)?;
        let gone = |_| StoreError::Unavailable("the process is ending".into());
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(gone)?;
        let password = password.clone();
        let hashed = tokio::task::spawn_blocking(move || {
            // The place is held until the memory is given back, also when nobody waits for the answer any more.
            let _place = place;
            let params = Params::new(cost.memory, cost.passes, 1, Some(HASH)).map_err(|error| error.to_string())?;
            let mut hash = [0; HASH];
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(password.expose().as_bytes(), &salt, &mut hash)
                .map_err(|error| error.to_string())?;
            Ok::<_, String>(hash)
        });
        let failed = |error: String| StoreError::Unavailable(format!("a password could not be hashed: {error}"));
        hashed.await.map_err(|error| failed(error.to_string()))?.map_err(failed)
    }
}

#[async_trait]
impl Passwords for SlowHashes {
    async fn hash(&self, password: &Password) -> StoreResult<String> {
        let salt = fresh();
        let hash = self.work(password, salt, self.cost).await?;
        Ok(written(self.cost, &salt, &hash))
    }

    async fn verify(&self, password: &Password, kept: Option<&str>) -> StoreResult<bool> {
        // What is nobody's is made, read and compared as well, and the result is thrown away.
        let nobodys = self.nobodys();
        let corrupt = || StoreError::Corrupt("a password's hash cannot be read".into());
        let (cost, salt, hash) = read(kept.unwrap_or(&nobodys)).ok_or_else(corrupt)?;
        let found = self.work(password, salt, cost).await?;
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(&found, &hash).is_ok();
        Ok(same && kept.is_some())
    }
}

fn fresh() -> [u8; SALT] {
    let mut salt = [0; SALT];
    rand::rng().fill_bytes(&mut salt);
    salt
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory: 64, passes: 1 };

    fn password(text: &str) -> Password {
        Password::typed(text).unwrap()
    }

    /// Only so many may work or wait at once; whoever comes then is sent away.
    fn hashes(waiting: usize) -> SlowHashes {
        SlowHashes { waiting: Arc::new(Semaphore::new(waiting)), ..SlowHashes::new(CHEAP, 2) }
    }

    #[tokio::test]
    async fn it_hashes_as_everybody_who_hashes_passwords() {
        synapscribe_ports::conformance::accounts::passwords(&SlowHashes::new(CHEAP, 2), &hashes(0)).await;
    }

    #[tokio::test]
    async fn hashes_of_another_cost_stay_good() {
        let kept = SlowHashes::new(CHEAP, 2).hash(&password("tide pools")).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{kept}");
        let dearer = SlowHashes::new(Cost { memory: 128, passes: 2 }, 2);
        assert!(dearer.verify(&password("tide pools"), Some(&kept)).await.unwrap());
        assert!(!dearer.verify(&password("tide pool"), Some(&kept)).await.unwrap());
        let (cut, too_dear) = (&kept[..kept.len() - 1], REFERENCE.replace("m=64", "m=4294967295"));
        for odd in ["", "$argon2i$v=19$m=64,t=1,p=1$AA$AA", cut, "$argon2id$v=19$m=-1,t=1,p=1$AA$AA", &too_dear] {
            assert!(dearer.verify(&password("x"), Some(odd)).await.is_err(), "{odd}");
        }
    }

    #[tokio::test]
    async fn what_is_nobodys_takes_what_somebodys_takes_with_another_salt_each_time() {
        let hashes = SlowHashes::new(CHEAP, 1);
        let somebodys = hashes.hash(&password("tide pools")).await.unwrap();
        let (one, other) = (hashes.nobodys(), hashes.nobodys());
        let [(cost, salt, _), (as_much, another, _)] = [&one, &other].map(|nobodys| read(nobodys).unwrap());
        assert_eq!([cost, as_much, read(&somebodys).unwrap().0], [CHEAP; 3]);
        assert_ne!(salt, another);
        assert_eq!([one.len(), other.len()], [somebodys.len(); 2]);
    }

    /// The reference implementation's answer (`echo -n "tide pools" | argon2 saltsaltsaltsalt -id -t 1 -k 64 -p 1 -l 32`).
    #[tokio::test]
    async fn hashes_of_other_programs_are_read() {
        let hashes = SlowHashes::new(CHEAP, 1);
        let kept = written(
            CHEAP,
            b"saltsaltsaltsalt",
            &hashes.work(&password("tide pools"), *b"saltsaltsaltsalt", CHEAP).await.unwrap(),
        );
        assert_eq!(kept, REFERENCE);
    }

    const REFERENCE: &str = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$SPMK3e2QeZTbmh65WP15SWroijg4z2X5nZH37u8XMX0";

    #[tokio::test]
    async fn too_many_who_wait_are_sent_away() {
        let hashes = hashes(1);
        let held = Arc::clone(&hashes.waiting).try_acquire_owned().unwrap();
        assert!(matches!(hashes.hash(&password("x")).await, Err(StoreError::Conflict)));
        drop(held);
        assert!(hashes.hash(&password("x")).await.is_ok());
    }
}
