//! What each role may do: one table, which everything that asks reads.

use serde::{Deserialize, Serialize};

/// What somebody with an account is here for. Guests have no account and no role; they do what they did without one. A higher role
/// may do whatever a lower one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Listens, reads and asks.
    #[default]
    Student,
    /// Teaches: shares recordings with a class and with everybody.
    Lecturer,
    /// Runs the server: invites people, gives them roles and reads what happened to accounts.
    Operator,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 3] = [Self::Student, Self::Lecturer, Self::Operator];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::Lecturer => "lecturer",
            Self::Operator => "operator",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether somebody in this role may do this to something that is theirs, or somebody else's.
    pub fn may(self, action: Action, whose: Whose) -> bool {
        let (own, others) = action.row();
        let allowed = match whose {
            Whose::Own => own,
            Whose::Others => others,
        };
        allowed.contains(&self)
    }
}

/// Whose thing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whose {
    /// The caller's.
    Own,
    /// Another person's.
    Others,
}

/// What can be done that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read, ask and take along a private lecture, session or pack.
    Read,
    /// Rename, correct or delete one.
    Change,
    /// Show one to a class.
    ShareWithClass,
    /// Show one to everybody.
    Publish,
    /// Make a class, rename it, renew its code, send members away, end it.
    Teach,
    /// Come into a class by its code, and leave it.
    JoinClass,
    /// See an account with its sign-ins.
    SeeAccount,
    /// End a sign-in.
    EndSignIn,
    /// Delete an account with everything that is its person's.
    DeleteAccount,
    /// Make invitations, see and revoke them.
    Invite,
    /// Give an account another role.
    Appoint,
    /// Read the record of security events.
    ReadAudit,
}

const NOBODY: &[Role] = &[];
const EVERYBODY: &[Role] = &Role::ALL;
const TEACHING: &[Role] = &[Role::Lecturer, Role::Operator];
const RUNNING: &[Role] = &[Role::Operator];

impl Action {
    /// All of them.
    pub const ALL: [Action; 12] = [
        Self::Read,
        Self::Change,
        Self::ShareWithClass,
        Self::Publish,
        Self::Teach,
        Self::JoinClass,
        Self::SeeAccount,
        Self::EndSignIn,
        Self::DeleteAccount,
        Self::Invite,
        Self::Appoint,
        Self::ReadAudit,
    ];

    /// Who may do it to their own things, and who to other people's. Nobody reads what somebody else keeps to themselves, whoever
    /// runs the server included.
    fn row(self) -> (&'static [Role], &'static [Role]) {
        match self {
            Self::Read => (EVERYBODY, NOBODY),
            Self::Change => (EVERYBODY, NOBODY),
            Self::ShareWithClass => (TEACHING, NOBODY),
            Self::Publish => (TEACHING, NOBODY),
            Self::Teach => (TEACHING, NOBODY),
            // Whoever teaches it is in it already.
            Self::JoinClass => (NOBODY, EVERYBODY),
            Self::SeeAccount => (EVERYBODY, NOBODY),
            Self::EndSignIn => (EVERYBODY, NOBODY),
            Self::DeleteAccount => (EVERYBODY, NOBODY),
            Self::Invite => (RUNNING, RUNNING),
            // The last operator stays one.
            Self::Appoint => (NOBODY, RUNNING),
            Self::ReadAudit => (RUNNING, RUNNING),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was decided, written down a second time: student, lecturer and operator with their own things, then with others'.
    #[test]
    fn each_role_may_do_what_was_decided_and_nothing_else() {
        let decided = [
            (Action::Read, "yyy nnn"),
            (Action::Change, "yyy nnn"),
            (Action::ShareWithClass, "nyy nnn"),
            (Action::Publish, "nyy nnn"),
            (Action::Teach, "nyy nnn"),
            (Action::JoinClass, "nnn yyy"),
            (Action::SeeAccount, "yyy nnn"),
            (Action::EndSignIn, "yyy nnn"),
            (Action::DeleteAccount, "yyy nnn"),
            (Action::Invite, "nny nny"),
            (Action::Appoint, "nnn nny"),
            (Action::ReadAudit, "nny nny"),
        ];
        assert_eq!(decided.map(|(action, _)| action), Action::ALL);
        for (action, row) in decided {
            let may = |whose| Role::ALL.map(|role| if role.may(action, whose) { 'y' } else { 'n' }).iter().collect::<String>();
            assert_eq!(format!("{} {}", may(Whose::Own), may(Whose::Others)), row, "{action:?}");
        }
    }

    #[test]
    fn a_higher_role_may_do_whatever_a_lower_one_may() {
        assert!(Role::ALL.is_sorted());
        for (lower, higher) in Role::ALL.into_iter().zip(Role::ALL.into_iter().skip(1)) {
            for action in Action::ALL {
                for whose in [Whose::Own, Whose::Others] {
                    assert!(higher.may(action, whose) || !lower.may(action, whose), "{higher:?} {action:?} {whose:?}");
                }
            }
        }
    }

    #[test]
    fn a_role_is_found_by_its_name() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::from_name("Operator"), None);
    }
}
