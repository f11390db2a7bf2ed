//! Classes, who is in them and what they are shown. It knows no role.

use async_trait::async_trait;
use sqlx::PgConnection;
use synapscribe_domain::account::WrittenCode;
use synapscribe_domain::{Class, ClassId, Member, MemberId, PersonId, Shown, Source, Timestamp};
use synapscribe_ports::{ClassChange, Classes, Joined, Listed, StoreError, StoreResult};

use super::fault::fault;
use super::{PostgresLibrary, held};
use crate::classes::{ClassRow, ListedRow, MemberRow, ShownRow, class, listed, member, person, shown};

#[async_trait]
impl Classes for PostgresLibrary {
    async fn add_class(&self, class: &Class) -> StoreResult<()> {
        sqlx::query("INSERT INTO classes (id, teacher, name, code, created) VALUES ($1, $2, $3, $4, $5)")
            .bind(class.id.as_str())
            .bind(class.teacher.as_str())
            .bind(&class.name)
            .bind(class.code.as_str())
            .bind(class.created.0)
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn change_class(&self, id: &ClassId, change: &ClassChange<'_>) -> StoreResult<Class> {
        let mut work = self.begin().await?;
        let row: Option<ClassRow> =
            sqlx::query_as("SELECT id, teacher, name, code, created FROM classes WHERE id = $1 FOR UPDATE")
                .bind(id.as_str())
                .fetch_optional(&mut *work)
                .await
                .map_err(fault)?;
        let mut class = class(row.ok_or(StoreError::Gone)?)?;
        change(&mut class);
        sqlx::query("UPDATE classes SET name = $2, code = $3 WHERE id = $1")
            .bind(id.as_str())
            .bind(&class.name)
            .bind(class.code.as_str())
            .execute(&mut *work)
            .await
            .map_err(fault)?;
        work.commit().await.map_err(fault)?;
        Ok(class)
    }

    async fn class(&self, id: &ClassId) -> StoreResult<Option<Class>> {
        let row: Option<ClassRow> = sqlx::query_as("SELECT id, teacher, name, code, created FROM classes WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        row.map(class).transpose()
    }

    async fn class_by_code(&self, code: &WrittenCode) -> StoreResult<Option<Class>> {
        let row: Option<ClassRow> = sqlx::query_as("SELECT id, teacher, name, code, created FROM classes WHERE code = $1")
            .bind(code.as_str())
            .fetch_optional(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        row.map(class).transpose()
    }

    async fn classes_of(&self, person: &PersonId) -> StoreResult<Vec<Listed>> {
        let rows: Vec<ListedRow> = sqlx::query_as(
            "SELECT c.id, c.teacher, c.name, c.code, c.created, (SELECT count(*) FROM class_members m WHERE m.class = c.n),
                 (SELECT count(*) FROM class_sources s WHERE s.class = c.n) + (SELECT count(*) FROM class_packs p WHERE p.class = c.n)
             FROM classes c WHERE c.teacher = $1 OR c.n IN (SELECT class FROM class_members WHERE person = $1)
             ORDER BY c.created DESC, c.id DESC",
        )
        .bind(person.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        rows.into_iter().map(listed).collect()
    }

    async fn delete_class(&self, id: &ClassId) -> StoreResult<()> {
        let gone = sqlx::query("DELETE FROM classes WHERE id = $1").bind(id.as_str());
        gone.execute(&mut *self.connection().await?).await.map_err(fault)?;
        Ok(())
    }

    async fn join_class(&self, id: &ClassId, member: &Member, most: usize) -> StoreResult<Joined> {
        let mut work = self.begin().await?;
        let class = number(&mut work, id).await?.ok_or(StoreError::Gone)?;
        let (is_in, count): (bool, i64) =
            sqlx::query_as("SELECT COALESCE(bool_or(person = $2), false), count(*) FROM class_members WHERE class = $1")
                .bind(class)
                .bind(member.person.as_str())
                .fetch_one(&mut *work)
                .await
                .map_err(fault)?;
        if is_in {
            return Ok(Joined::In);
        }
        if usize::try_from(count).is_ok_and(|count| count >= most) {
            return Ok(Joined::Full);
        }
        sqlx::query("INSERT INTO class_members (class, id, person, name, joined) VALUES ($1, $2, $3, $4, $5)")
            .bind(class)
            .bind(member.id.as_str())
            .bind(member.person.as_str())
            .bind(&member.name)
            .bind(member.joined.0)
            .execute(&mut *work)
            .await
            .map_err(fault)?;
        work.commit().await.map_err(fault)?;
        Ok(Joined::In)
    }

    async fn members(&self, id: &ClassId) -> StoreResult<Vec<Member>> {
        let rows: Vec<MemberRow> = sqlx::query_as(
            "SELECT m.id, m.person, m.name, m.joined FROM class_members m JOIN classes c ON c.n = m.class WHERE c.id = $1
             ORDER BY m.n",
        )
        .bind(id.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        rows.into_iter().map(member).collect()
    }

    async fn end_membership(&self, id: &ClassId, member: &MemberId) -> StoreResult<bool> {
        let mut work = self.begin().await?;
        let Some(class) = number(&mut work, id).await? else { return Ok(false) };
        let person: Option<String> =
            sqlx::query_scalar("DELETE FROM class_members WHERE class = $1 AND id = $2 RETURNING person")
                .bind(class)
                .bind(member.as_str())
                .fetch_optional(&mut *work)
                .await
                .map_err(fault)?;
        let Some(person) = person else { return Ok(false) };
        take_along(&mut work, &[class], &person).await?;
        work.commit().await.map_err(fault)?;
        Ok(true)
    }

    async fn show(&self, id: &ClassId, source: &Source, now: Timestamp) -> StoreResult<()> {
        let mut work = self.begin().await?;
        let source = held(&mut work, source).await?;
        let class = number(&mut work, id).await?.ok_or(StoreError::Gone)?;
        sqlx::query("INSERT INTO class_sources (class, source, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(class)
            .bind(source)
            .bind(now.0)
            .execute(&mut *work)
            .await
            .map_err(fault)?;
        work.commit().await.map_err(fault)
    }

    async fn hide(&self, id: &ClassId, source: &Source) -> StoreResult<bool> {
        let hidden = sqlx::query(
            "DELETE FROM class_sources x USING classes c, sources s
             WHERE c.n = x.class AND s.n = x.source AND c.id = $1 AND s.id = $2",
        )
        .bind(id.as_str())
        .bind(source.name())
        .execute(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        Ok(hidden.rows_affected() > 0)
    }

    async fn shown(&self, id: &ClassId) -> StoreResult<Vec<Shown>> {
        let rows: Vec<ShownRow> = sqlx::query_as(
            "SELECT s.kind, s.id, s.record, x.since FROM class_sources x JOIN classes c ON c.n = x.class
             JOIN sources s ON s.n = x.source WHERE c.id = $1 ORDER BY x.since DESC, s.id",
        )
        .bind(id.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        rows.into_iter().map(shown).collect()
    }

    async fn is_shown_to(&self, source: &Source, person: &PersonId) -> StoreResult<bool> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM shown x JOIN sources s ON s.n = x.source WHERE s.id = $1 AND x.person = $2)",
        )
        .bind(source.name())
        .bind(person.as_str())
        .fetch_one(&mut *self.connection().await?)
        .await
        .map_err(fault)
    }

    async fn shown_to(&self, source: &Source) -> StoreResult<Vec<PersonId>> {
        let people: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT x.person FROM shown x JOIN sources s ON s.n = x.source WHERE s.id = $1")
                .bind(source.name())
                .fetch_all(&mut *self.connection().await?)
                .await
                .map_err(fault)?;
        people.into_iter().map(person).collect()
    }

    async fn leave_classes(&self, person: &PersonId) -> StoreResult<()> {
        let mut work = self.begin().await?;
        let left: Vec<i64> = sqlx::query_scalar("DELETE FROM class_members WHERE person = $1 RETURNING class")
            .bind(person.as_str())
            .fetch_all(&mut *work)
            .await
            .map_err(fault)?;
        take_along(&mut work, &left, person.as_str()).await?;
        let taught = sqlx::query("DELETE FROM classes WHERE teacher = $1").bind(person.as_str());
        taught.execute(&mut *work).await.map_err(fault)?;
        work.commit().await.map_err(fault)
    }
}

/// Finds a class's number and keeps everybody else from changing it until the transaction ends.
pub(super) async fn number(work: &mut PgConnection, id: &ClassId) -> StoreResult<Option<i64>> {
    let found = sqlx::query_scalar("SELECT n FROM classes WHERE id = $1 FOR UPDATE").bind(id.as_str());
    found.fetch_optional(work).await.map_err(fault)
}

/// Whoever goes takes along what they showed.
async fn take_along(work: &mut PgConnection, classes: &[i64], person: &str) -> StoreResult<()> {
    sqlx::query("DELETE FROM class_sources WHERE class = ANY ($1) AND source IN (SELECT n FROM sources WHERE owner = $2)")
        .bind(classes)
        .bind(person)
        .execute(&mut *work)
        .await
        .map_err(fault)?;
    sqlx::query("DELETE FROM class_packs WHERE class = ANY ($1) AND pack IN (SELECT n FROM packs WHERE owner = $2)")
        .bind(classes)
        .bind(person)
        .execute(work)
        .await
        .map_err(fault)?;
    Ok(())
}
