//! Accounts as the protocol's data.

use synapscribe_domain::account::{Account, Invitation, Role, SecurityEvent, SignIn};
use synapscribe_ports::accounts::SignedIn;
use synapscribe_protocol::accounts::{AccountDto, AppointedDto, InvitationDto, SecurityEventDto, SignInDto};

/// An account, to whom it belongs.
pub fn account(a: &Account) -> AccountDto {
    AccountDto {
        account_id: a.id.to_string(),
        email: a.email.as_str().into(),
        name: a.name.clone(),
        role: a.role.name().into(),
        identity_id: a.person.to_string(),
        created: a.created.0,
    }
}

/// A sign-in as another one, or itself, sees it.
pub fn sign_in(s: &SignIn, viewer: &SignedIn) -> SignInDto {
    SignInDto {
        session_id: s.id.to_string(),
        device: s.device.clone(),
        place: s.place.0.clone(),
        created: s.created.0,
        last_used: s.used.0,
        expires: s.expires.0,
        current: s.id == viewer.claims.sign_in,
    }
}

/// An invitation without its code.
pub fn invitation(i: &Invitation) -> InvitationDto {
    InvitationDto {
        invitation_id: i.id.to_string(),
        code: None,
        role: i.role.name().into(),
        uses: i.uses,
        used: i.used,
        created: i.created.0,
        expires: i.expires.0,
        revoked: i.revoked.is_some(),
        note: i.note.clone(),
    }
}

/// An account that was given a role, and whether it was signed out.
pub fn appointed(a: &Account, before: Role, signed_out: bool) -> AppointedDto {
    AppointedDto {
        account_id: a.id.to_string(),
        email: a.email.as_str().into(),
        role: a.role.name().into(),
        before: before.name().into(),
        signed_out,
    }
}

/// A security event.
pub fn event(e: &SecurityEvent) -> SecurityEventDto {
    SecurityEventDto {
        at: e.at.0,
        number: None,
        what: e.what.name().into(),
        account_id: e.account.as_ref().map(ToString::to_string),
        session_id: e.sign_in.as_ref().map(ToString::to_string),
        before: e.before.map(|role| role.name().into()),
        place: e.place.0.clone(),
        correlation: e.correlation.clone(),
    }
}
