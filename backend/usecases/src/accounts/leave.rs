//! Taking one's data along, and deleting one's account with everything that is its person's.

use synapscribe_domain::account::{Account, AccountId, Password, SecurityEvent, SignIn, What, Why};
use synapscribe_domain::document::Document;
use synapscribe_domain::pack::{CardSeen, Counted};
use synapscribe_domain::{Failure, Lecture, LectureId, PersonId, Phrase, Session, Turn};
use synapscribe_ports::Listed;
use synapscribe_ports::accounts::{Proved, SignedIn};

use super::{Reception, Refused, Visit};
use crate::document::shelf::Shelf;
use crate::library::Reading;
use crate::sight;

/// What is needed to give somebody what is theirs, and to let go of it.
#[derive(Clone)]
pub struct Leaving {
    /// The account.
    pub reception: Reception,
    /// The person's lectures and sessions.
    pub reading: Reading,
    /// Their documents.
    pub shelf: Shelf,
}

/// Everything that is kept of somebody, but for recordings and the files of documents, which are objects of their own.
#[derive(Debug, Clone)]
pub struct Belongings {
    /// The account.
    pub account: Account,
    /// Where it is signed in.
    pub sign_ins: Vec<SignIn>,
    /// The lectures they added.
    pub lectures: Vec<Lecture>,
    /// What is said in those, as it was heard and put right.
    pub transcripts: Vec<(LectureId, Vec<Phrase>)>,
    /// The documents they added.
    pub documents: Vec<Document>,
    /// The classes they teach and are in.
    pub classes: Vec<Listed>,
    /// The packs they made, with their cards as they see them: what they may not open any more is not theirs to take along.
    pub packs: Vec<(Counted, Vec<CardSeen>)>,
    /// What they asked.
    pub sessions: Vec<(Session, Vec<Turn>)>,
    /// What happened to the account, without what anybody may try at it.
    pub events: Vec<SecurityEvent>,
}

/// More events than anybody's account has in the time they are kept.
const EVENTS: u32 = 10_000;
/// Further parts may be asked for so long after the first; after that they count as another beginning.
const PARTS_MS: i64 = 60 * 60_000;

impl Leaving {
    /// What `told` makes of everything that is kept of whoever is signed in. `further` is for whoever takes it along in parts and has
    /// the first. What `told` refuses was not taken along, and is not recorded.
    pub async fn belongings<T>(
        &self,
        visit: &Visit,
        caller: &SignedIn,
        further: bool,
        told: impl FnOnce(&Belongings) -> Result<T, Failure>,
    ) -> Result<T, Refused> {
        let reception = &self.reception;
        let account = reception.me(caller).await?;
        if further {
            reception.limit_part(visit, &account.id).await?;
        }
        // `further` is the client's word; whether they began is in the record.
        let begins = !further || !self.began(&account.id, caller).await?;
        if begins {
            reception.limit_account(visit, &account.id).await?;
        }
        let person = &account.person;
        let mut sessions = Vec::new();
        for summary in self.reading.sessions(person, None).await? {
            sessions.push(self.reading.session(person, &summary.session.id).await?);
        }
        let lectures = self.own_lectures(person).await?;
        let mut transcripts = Vec::new();
        for lecture in &lectures {
            transcripts.push((lecture.id.clone(), self.reading.library.phrases(&lecture.id).await?));
        }
        let classes = self.reading.library.classes_of(person).await?;
        let mut packs = Vec::new();
        for pack in self.reading.library.packs_of(person).await? {
            let cards = self.reading.library.cards(&pack.pack.id).await?;
            packs.push((pack, sight::cards(&*self.reading.library, person, cards).await?.0));
        }
        let documents = self.own_documents(person).await?;
        let events = reception.audit.events(Some(&account.id), None, EVENTS).await?;
        let events = events.into_iter().map(|(_, event)| event).collect();
        let sign_ins = reception.sign_ins(caller).await?;
        let all = Belongings { account, sign_ins, lectures, transcripts, documents, classes, packs, sessions, events };
        let told = told(&all)?;
        if begins {
            reception.note(visit, What::DataExported, Some(&all.account.id), Some(&caller.claims.sign_in)).await;
        }
        Ok(told)
    }

    /// Deletes the account of whoever is signed in and shows its password once more. What is half done when something fails is gone
    /// on with the next time, since the account goes last.
    pub async fn leave(&self, visit: &Visit, caller: &SignedIn, password: &str) -> Result<(), Refused> {
        let reception = &self.reception;
        let account = reception.me(caller).await?;
        reception.limit_account(visit, &account.id).await?;
        let password = Password::typed(password).ok_or_else(Refused::password)?;
        // Whatever is asked for besides was shown when they signed in.
        if reception.proofs.prove(Some(&account.id), &password).await? == Proved::No {
            return Err(Refused::password());
        }
        let person = &account.person;
        for lecture in self.own_lectures(person).await? {
            self.reading.delete_lecture(person, &lecture.id).await?;
        }
        for document in self.own_documents(person).await? {
            self.shelf.delete(person, &document.id).await?;
        }
        for pack in self.reading.library.packs_of(person).await? {
            self.reading.library.delete_pack(&pack.pack.id).await?;
        }
        self.reading.library.leave_classes(person).await?;
        for summary in self.reading.sessions(person, None).await? {
            self.reading.delete_session(person, &summary.session.id).await?;
        }
        for place in ["lectures", "documents", "queries", "responses"] {
            for object in self.reading.objects.list(&format!("{place}/{person}/")).await? {
                self.reading.objects.delete(&object.key).await?;
            }
        }
        reception.end_all(&account.id, Why::AccountDeleted).await?;
        reception.sign_ins.erase(&account.id, person).await?;
        reception.mail.let_go(&account.email).await.map_err(|error| {
            tracing::error!(%error, "letters could not be let go of");
            Failure::internal()
        })?;
        reception.invitations.unname(&account.id).await?;
        reception.audit.unname(&account.id).await?;
        // Until then whoever begins it anew needs the password.
        reception.proofs.forget(&account.id).await?;
        reception.accounts.delete(&account.id).await?;
        reception.note(visit, What::AccountDeleted, None, None).await;
        Ok(())
    }

    /// Whether this sign-in began to take the account's data along, no longer ago than further parts may be asked for.
    async fn began(&self, account: &AccountId, caller: &SignedIn) -> Result<bool, Refused> {
        let since = self.reception.clock.now().plus(-PARTS_MS);
        let events = self.reception.audit.events(Some(account), None, EVENTS).await?;
        let own =
            |event: &SecurityEvent| event.what == What::DataExported && event.sign_in.as_ref() == Some(&caller.claims.sign_in);
        Ok(events.iter().map(|(_, event)| event).take_while(|event| event.at >= since).any(own))
    }

    async fn own_lectures(&self, person: &PersonId) -> Result<Vec<Lecture>, Refused> {
        let seen = self.reading.lectures(person).await?;
        Ok(seen.into_iter().filter(|lecture| &lecture.owner == person).collect())
    }

    async fn own_documents(&self, person: &PersonId) -> Result<Vec<Document>, Refused> {
        let seen = self.shelf.documents(person).await?;
        Ok(seen.into_iter().filter(|document| &document.owner == person).collect())
    }
}
