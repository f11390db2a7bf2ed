//! Classes, who is in them and what they are shown. They are kept beside the sources, since they decide who finds what in a search.

use async_trait::async_trait;
use synapscribe_domain::account::WrittenCode;
use synapscribe_domain::{Class, ClassId, Member, MemberId, PersonId, Shown, Source, Timestamp};

use crate::world::StoreResult;

/// A change to a class.
pub type ClassChange<'a> = dyn Fn(&mut Class) + Send + Sync + 'a;

/// A class as a list of classes has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The class.
    pub class: Class,
    /// How many are in it besides its teacher.
    pub members: u32,
    /// How many sources and packs it is shown.
    pub sources: u32,
}

/// What came of joining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    /// They are in it, since now or since before.
    In,
    /// It has as many members as it may have.
    Full,
}

/// Keeps classes.
#[async_trait]
pub trait Classes: Send + Sync {
    /// Stores a new class; a name or a code that another one has is a conflict.
    async fn add_class(&self, class: &Class) -> StoreResult<()>;
    /// Changes a class as it stands at this moment, and returns it; one that is not there is gone, and another one's code is a
    /// conflict. The change may be called more than once, and must not touch the class's name everywhere or its teacher.
    async fn change_class(&self, id: &ClassId, change: &ClassChange<'_>) -> StoreResult<Class>;
    /// One class.
    async fn class(&self, id: &ClassId) -> StoreResult<Option<Class>>;
    /// The class that this code lets into.
    async fn class_by_code(&self, code: &WrittenCode) -> StoreResult<Option<Class>>;
    /// The classes that a person teaches or is in, the latest made first.
    async fn classes_of(&self, person: &PersonId) -> StoreResult<Vec<Listed>>;
    /// Removes a class with its memberships; what it was shown stays its owners'. Removing what is not there is fine.
    async fn delete_class(&self, id: &ClassId) -> StoreResult<()>;

    /// Takes somebody into a class, of which there are at most so many; who is in it stays in as they are. A class that is not there
    /// is gone.
    async fn join_class(&self, id: &ClassId, member: &Member, most: usize) -> StoreResult<Joined>;
    /// The members of a class, who came first first.
    async fn members(&self, id: &ClassId) -> StoreResult<Vec<Member>>;
    /// Ends a membership, and stops showing the class what was that member's; says whether there was one.
    async fn end_membership(&self, id: &ClassId, member: &MemberId) -> StoreResult<bool>;

    /// Shows a source to a class; showing it twice changes nothing. A class or a source that is not there is gone.
    async fn show(&self, id: &ClassId, source: &Source, now: Timestamp) -> StoreResult<()>;
    /// Stops showing it, and says whether it was shown.
    async fn hide(&self, id: &ClassId, source: &Source) -> StoreResult<bool>;
    /// What a class is shown, the latest first.
    async fn shown(&self, id: &ClassId) -> StoreResult<Vec<Shown>>;
    /// Whether a source is shown to a class that this person teaches or is in.
    async fn is_shown_to(&self, source: &Source, person: &PersonId) -> StoreResult<bool>;
    /// Everybody who is shown a source by a class, each once.
    async fn shown_to(&self, source: &Source) -> StoreResult<Vec<PersonId>>;

    /// Removes the classes that a person teaches and their memberships in others.
    async fn leave_classes(&self, person: &PersonId) -> StoreResult<()>;
}
