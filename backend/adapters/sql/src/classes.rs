//! Classes, who is in them and what they are shown. It knows no role.

use async_trait::async_trait;
use sqlx::{Sqlite, Transaction};
use synapscribe_domain::account::WrittenCode;
use synapscribe_domain::document::Document;
use synapscribe_domain::{Class, ClassId, Lecture, Member, MemberId, PersonId, Shown, Source, Timestamp};
use synapscribe_ports::{ClassChange, Classes, Joined, Listed, StoreError, StoreResult};

use crate::library::{must_be_there, source};
use crate::sqlite::fault;
use crate::store::{Store, from_json};

/// A class as both databases give it: its name, its teacher, what it is called, its code, when it was made.
pub(crate) type ClassRow = (String, String, String, String, i64);
/// The same with how many are in it, and how many sources and packs it is shown.
pub(crate) type ListedRow = (String, String, String, String, i64, i64, i64);
/// A membership: its name, who, what they are called, since when.
pub(crate) type MemberRow = (String, String, Option<String>, i64);
/// What is shown: its kind, its name, its record, since when.
pub(crate) type ShownRow = (String, String, String, i64);

#[async_trait]
impl Classes for Store {
    async fn add_class(&self, class: &Class) -> StoreResult<()> {
        sqlx::query("INSERT INTO classes (id, teacher, name, code, created) VALUES ($1, $2, $3, $4, $5)")
            .bind(class.id.as_str())
            .bind(class.teacher.as_str())
            .bind(&class.name)
            .bind(class.code.as_str())
            .bind(class.created.0)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn change_class(&self, id: &ClassId, change: &ClassChange<'_>) -> StoreResult<Class> {
        let mut tx = self.begin().await?;
        let mut class = there(&mut tx, id).await?;
        change(&mut class);
        sqlx::query("UPDATE classes SET name = $2, code = $3 WHERE id = $1")
            .bind(id.as_str())
            .bind(&class.name)
            .bind(class.code.as_str())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(class)
    }

    async fn class(&self, id: &ClassId) -> StoreResult<Option<Class>> {
        let row: Option<ClassRow> = sqlx::query_as("SELECT id, teacher, name, code, created FROM classes WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(fault)?;
        row.map(class).transpose()
    }

    async fn class_by_code(&self, code: &WrittenCode) -> StoreResult<Option<Class>> {
        let row: Option<ClassRow> = sqlx::query_as("SELECT id, teacher, name, code, created FROM classes WHERE code = $1")
            .bind(code.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(fault)?;
        row.map(class).transpose()
    }

    async fn classes_of(&self, person: &PersonId) -> StoreResult<Vec<Listed>> {
        let rows: Vec<ListedRow> = sqlx::query_as(
            "SELECT c.id, c.teacher, c.name, c.code, c.created, (SELECT count(*) FROM class_members m WHERE m.class = c.id),
                 (SELECT count(*) FROM class_sources s WHERE s.class = c.id) + (SELECT count(*) FROM class_packs p WHERE p.class = c.id)
             FROM classes c WHERE c.teacher = $1 OR c.id IN (SELECT class FROM class_members WHERE person = $1)
             ORDER BY c.created DESC, c.id DESC",
        )
        .bind(person.as_str())
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        rows.into_iter().map(listed).collect()
    }

    async fn delete_class(&self, id: &ClassId) -> StoreResult<()> {
        let gone = sqlx::query("DELETE FROM classes WHERE id = $1").bind(id.as_str());
        gone.execute(self.writer()).await.map_err(fault)?;
        Ok(())
    }

    async fn join_class(&self, id: &ClassId, member: &Member, most: usize) -> StoreResult<Joined> {
        let mut tx = self.begin().await?;
        there(&mut tx, id).await?;
        let (is_in, count): (bool, i64) =
            sqlx::query_as("SELECT COALESCE(max(person = $2), 0), count(*) FROM class_members WHERE class = $1")
                .bind(id.as_str())
                .bind(member.person.as_str())
                .fetch_one(&mut *tx)
                .await
                .map_err(fault)?;
        if is_in {
            return Ok(Joined::In);
        }
        if usize::try_from(count).is_ok_and(|count| count >= most) {
            return Ok(Joined::Full);
        }
        sqlx::query("INSERT INTO class_members (class, id, person, name, joined) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.as_str())
            .bind(member.id.as_str())
            .bind(member.person.as_str())
            .bind(&member.name)
            .bind(member.joined.0)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(Joined::In)
    }

    async fn members(&self, id: &ClassId) -> StoreResult<Vec<Member>> {
        let rows: Vec<MemberRow> =
            sqlx::query_as("SELECT id, person, name, joined FROM class_members WHERE class = $1 ORDER BY n")
                .bind(id.as_str())
                .fetch_all(self.reader())
                .await
                .map_err(fault)?;
        rows.into_iter().map(member).collect()
    }

    async fn end_membership(&self, id: &ClassId, member: &MemberId) -> StoreResult<bool> {
        let mut tx = self.begin().await?;
        let person: Option<String> =
            sqlx::query_scalar("DELETE FROM class_members WHERE class = $1 AND id = $2 RETURNING person")
                .bind(id.as_str())
                .bind(member.as_str())
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
        let Some(person) = person else { return Ok(false) };
        take_along(&mut tx, id.as_str(), &person).await?;
        tx.commit().await.map_err(fault)?;
        Ok(true)
    }

    async fn show(&self, id: &ClassId, source: &Source, now: Timestamp) -> StoreResult<()> {
        let mut tx = self.begin().await?;
        must_be_there(&mut tx, source).await?;
        // A class that is not there is a row that refers to none, which is gone.
        sqlx::query("INSERT INTO class_sources (class, source, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(id.as_str())
            .bind(source.name())
            .bind(now.0)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)
    }

    async fn hide(&self, id: &ClassId, source: &Source) -> StoreResult<bool> {
        let hidden = sqlx::query("DELETE FROM class_sources WHERE class = $1 AND source = $2")
            .bind(id.as_str())
            .bind(source.name())
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(hidden.rows_affected() > 0)
    }

    async fn shown(&self, id: &ClassId) -> StoreResult<Vec<Shown>> {
        let rows: Vec<ShownRow> = sqlx::query_as(
            "SELECT s.kind, s.id, s.record, c.since FROM class_sources c JOIN sources s ON s.id = c.source
             WHERE c.class = $1 ORDER BY c.since DESC, s.id",
        )
        .bind(id.as_str())
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        rows.into_iter().map(shown).collect()
    }

    async fn is_shown_to(&self, source: &Source, person: &PersonId) -> StoreResult<bool> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM shown WHERE source = $1 AND person = $2)")
            .bind(source.name())
            .bind(person.as_str())
            .fetch_one(self.reader())
            .await
            .map_err(fault)
    }

    async fn shown_to(&self, source: &Source) -> StoreResult<Vec<PersonId>> {
        let people: Vec<String> = sqlx::query_scalar("SELECT DISTINCT person FROM shown WHERE source = $1")
            .bind(source.name())
            .fetch_all(self.reader())
            .await
            .map_err(fault)?;
        people.into_iter().map(person).collect()
    }

    async fn leave_classes(&self, person: &PersonId) -> StoreResult<()> {
        let mut tx = self.begin().await?;
        let left: Vec<String> = sqlx::query_scalar("DELETE FROM class_members WHERE person = $1 RETURNING class")
            .bind(person.as_str())
            .fetch_all(&mut *tx)
            .await
            .map_err(fault)?;
        for class in left {
            take_along(&mut tx, &class, person.as_str()).await?;
        }
        let taught = sqlx::query("DELETE FROM classes WHERE teacher = $1").bind(person.as_str());
        taught.execute(&mut *tx).await.map_err(fault)?;
        tx.commit().await.map_err(fault)
    }
}

/// The class, which nobody else changes until the transaction ends.
async fn there(tx: &mut Transaction<'static, Sqlite>, id: &ClassId) -> StoreResult<Class> {
    let row: Option<ClassRow> = sqlx::query_as("SELECT id, teacher, name, code, created FROM classes WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(&mut **tx)
        .await
        .map_err(fault)?;
    class(row.ok_or(StoreError::Gone)?)
}

/// Whoever goes takes along what they showed.
async fn take_along(tx: &mut Transaction<'static, Sqlite>, class: &str, person: &str) -> StoreResult<()> {
    sqlx::query("DELETE FROM class_sources WHERE class = $1 AND source IN (SELECT id FROM sources WHERE owner = $2)")
        .bind(class)
        .bind(person)
        .execute(&mut **tx)
        .await
        .map_err(fault)?;
    sqlx::query("DELETE FROM class_packs WHERE class = $1 AND pack IN (SELECT id FROM packs WHERE owner = $2)")
        .bind(class)
        .bind(person)
        .execute(&mut **tx)
        .await
        .map_err(fault)?;
    Ok(())
}

pub(crate) fn class((id, teacher, name, code, created): ClassRow) -> StoreResult<Class> {
    let code = WrittenCode::parse(&code).ok_or_else(|| StoreError::Corrupt(format!("the code of the class {id} is none")))?;
    Ok(Class { id: ClassId::parse(id).map_err(odd)?, teacher: person(teacher)?, name, code, created: Timestamp(created) })
}

pub(crate) fn listed((id, teacher, name, code, created, members, sources): ListedRow) -> StoreResult<Listed> {
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let class = class((id, teacher, name, code, created))?;
    Ok(Listed { class, members: count(members), sources: count(sources) })
}

pub(crate) fn member((id, who, name, joined): MemberRow) -> StoreResult<Member> {
    Ok(Member { id: MemberId::parse(id).map_err(odd)?, person: person(who)?, name, joined: Timestamp(joined) })
}

pub(crate) fn shown((kind, id, record, since): ShownRow) -> StoreResult<Shown> {
    let source = source(&kind, id)?;
    let (title, owner) = match &source {
        Source::Lecture(_) => from_json::<Lecture>(&record).map(|lecture| (lecture.title, lecture.owner))?,
        Source::Document(_) => from_json::<Document>(&record).map(|document| (document.title, document.owner))?,
    };
    Ok(Shown { source, title, owner, since: Timestamp(since) })
}

pub(crate) fn person(text: String) -> StoreResult<PersonId> {
    PersonId::parse(text).map_err(odd)
}

pub(crate) fn odd(error: synapscribe_domain::ids::InvalidId) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
