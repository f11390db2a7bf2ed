//! What `/api/auth` takes and answers with: accounts, sign-ins, invitations and the record of security events. Every answer is one
//! of two envelopes, [`AnsweredDto`] or [`RefusedDto`]. Times are milliseconds since 1970.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnsweredDto<T> {
    /// Always `true`.
    pub success: bool,
    /// What was asked for.
    pub data: T,
    /// One sentence for a person.
    pub message: String,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedDto {
    /// Always `false`.
    pub success: bool,
    /// One sentence: what happened and what to do.
    pub error: String,
    /// The stable code, one of [`AccountErrorCode`] or of the codes that every answer of the server may have.
    pub error_code: String,
    /// What else is known.
    pub details: RefusalDetailsDto,
}

/// What else is known of a refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RefusalDetailsDto {
    /// Of `invalid_fields`: a sentence for each field that cannot be taken, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    /// Of `too_many_requests`: seconds until it works again, as `Retry-After` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Whether doing the same again may work.
    pub retryable: bool,
    /// The name of the request, for whoever looks into the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
}

/// The codes of `/api/auth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountErrorCode {
    /// 422: fields cannot be taken as they are; `details.fields` says why.
    InvalidFields,
    /// 401: address and password do not belong together, or nobody has shown that the address is theirs.
    WrongCredentials,
    /// 403: whoever signed up with this address has still to verify it; operators alone are told.
    EmailNotVerified,
    /// 400: the code is wrong, used or over.
    WrongCode,
    /// 401: the sign-in has ended; sign in again.
    SignedOut,
    /// 401: no valid token; refresh it, or sign in.
    Unauthorised,
    /// 403: the caller's role does not allow it.
    Forbidden,
    /// 403: signing up takes an invitation, and this is none that lets anybody in.
    NotInvited,
    /// 404: it does not exist, or is not the caller's.
    NotFound,
    /// 409: what was to be gone on with is not any more as it was; begin again.
    Conflict,
    /// 429: too often; `Retry-After` and `details.retryAfter` say when it works again.
    TooManyRequests,
    /// 400: the body is not JSON.
    BadMessage,
    /// 413: the body is larger than any of these can be.
    MessageTooLarge,
    /// 503: too many at once; try again in a moment.
    Busy,
    /// 500: something went wrong on the server.
    Internal,
}

/// Nothing beyond the message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NothingDto {}

/// `POST /api/auth/register`: answered with 202 and nothing, whether or not the address has an account; the rest is in a mail.
/// A guest who signs the request with their credentials (as every other request) keeps their lectures and sessions.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RegisterDto {
    /// The address.
    pub email: String,
    /// 8 to 128 characters of any kind, none of the commonest passwords.
    pub password: String,
    /// What the person wants to be called, at most 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The code of an invitation, where signing up takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
}

/// `POST /api/auth/login`: answered with [`LoginDto`]. The second step of a challenge sends the same with `challenge`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LoginRequestDto {
    /// The address.
    pub email: String,
    /// The password; empty in the answer to a challenge.
    #[serde(default)]
    pub password: String,
    /// What the list of sign-ins calls this device, at most 80 characters; made from the user agent where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The answer to a challenge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<ChallengeAnswerDto>,
}

/// The answer to a challenge.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChallengeAnswerDto {
    /// What was asked for.
    pub kind: String,
    /// What came with it.
    pub session: String,
    /// What the person typed.
    pub answer: String,
}

/// What came of signing in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "outcome", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum LoginDto {
    /// Signed in.
    SignedIn {
        /// What to call with.
        tokens: TokensDto,
        /// Who it is.
        account: AccountDto,
    },
    /// A second proof is asked for.
    Challenge {
        /// Such as `SOFTWARE_TOKEN_MFA`.
        kind: String,
        /// To be sent back with the answer.
        session: String,
    },
}

/// Tokens of a sign-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TokensDto {
    /// Goes with every request as `Authorization: Bearer`, `Sec-WebSocket-Protocol` or `?access_token=`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds the access token is good for.
    pub expires_in: u64,
    /// Gets the next pair; it can be used once. To be kept as a password is.
    pub refresh_token: String,
    /// When the sign-in ends, however often it is renewed.
    pub refresh_expires: i64,
    /// The name of this sign-in in the list of sign-ins.
    pub session_id: String,
}

/// `POST /api/auth/refresh`: answered with [`TokensDto`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RefreshDto {
    /// The refresh token.
    pub refresh_token: String,
}

/// `POST /api/auth/logout`: ends the sign-in of the refresh token, or of the access token it is called with; ending one that has
/// ended is fine.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogoutDto {
    /// The refresh token; it does even when the access token has expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Whether every other sign-in of the account ends too.
    #[serde(default)]
    pub everywhere: bool,
}

/// `GET /api/auth/me`: who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccountDto {
    /// The account's name.
    pub account_id: String,
    /// Its address.
    pub email: String,
    /// What the person wants to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `student`, `lecturer` or `operator`.
    pub role: String,
    /// The identity whose things are the account's; `GetCredentialsForIdentity` takes it.
    pub identity_id: String,
    /// When it was made.
    pub created: i64,
}

/// `DELETE /api/auth/me`: deletes the account with everything that is its person's. The password is asked for once more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteAccountDto {
    /// The account's password.
    pub password: String,
}

/// `POST /api/auth/forgot-password` and `POST /api/auth/resend-verification`: answered with 202 and nothing, whether or not the
/// address has an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddressDto {
    /// The address.
    pub email: String,
}

/// `POST /api/auth/reset-password`: sets another password and ends every sign-in of the account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetPasswordDto {
    /// The address.
    pub email: String,
    /// The code from the mail; capitals, spaces and dashes do not matter.
    pub code: String,
    /// The password from now on.
    pub password: String,
}

/// The query of `GET /api/auth/verify-email`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct VerifyEmailDto {
    /// The address.
    pub email: String,
    /// The code from the mail; capitals, spaces and dashes do not matter.
    pub code: String,
}

/// `GET /api/auth/sessions`: the sign-ins that last, the latest used first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInsDto {
    /// The sign-ins.
    pub sessions: Vec<SignInDto>,
}

/// A sign-in; `DELETE /api/auth/sessions/{id}` ends one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignInDto {
    /// Its name.
    pub session_id: String,
    /// What the device calls itself.
    pub device: String,
    /// The network it was last used from.
    pub place: String,
    /// When it began.
    pub created: i64,
    /// When it was last renewed.
    pub last_used: i64,
    /// When it ends, however often it is renewed.
    pub expires: i64,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `POST /api/auth/invitations`, for operators: answered with [`InvitationDto`] and its code, which is told this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteDto {
    /// `student` (if left out), `lecturer` or `operator`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// How many may come by it, 1 to 10,000; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
    /// Days it is good for, 1 to 365; 30 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// A note for whoever reads the list, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// `GET /api/auth/invitations`, for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationsDto {
    /// The latest first.
    pub invitations: Vec<InvitationDto>,
}

/// An invitation; `DELETE /api/auth/invitations/{id}` revokes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvitationDto {
    /// Its name.
    pub invitation_id: String,
    /// The code to sign up with; only in the answer that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The role of whoever comes by it.
    pub role: String,
    /// How many may come.
    pub uses: u32,
    /// How many have come.
    pub used: u32,
    /// When it was made.
    pub created: i64,
    /// Until when it lets anybody in.
    pub expires: i64,
    /// Whether it was revoked.
    pub revoked: bool,
    /// The note.
    pub note: String,
}

/// `POST /api/auth/roles`, for operators: gives the account of an address a role; answered with [`AppointedDto`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppointDto {
    /// The address.
    pub email: String,
    /// `student`, `lecturer` or `operator`.
    pub role: String,
}

/// An account that was given a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppointedDto {
    /// The account's name.
    pub account_id: String,
    /// Its address.
    pub email: String,
    /// Its role.
    pub role: String,
    /// The role that it had.
    pub before: String,
    /// Whether it was signed out everywhere, as it is where it may not do more than before.
    pub signed_out: bool,
}

/// `GET /api/auth/audit?before=…&number=…&most=…`, for operators: what happened to accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditDto {
    /// The latest first.
    pub events: Vec<SecurityEventDto>,
}

/// A security event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecurityEventDto {
    /// When.
    pub at: i64,
    /// Which one it is of those at one moment; with `at` it says where the record is read on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// What, such as `signed_in`, `sign_in_refused` or `token_reused`.
    pub what: String,
    /// To whose account, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// By which sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Of `made_student`, `made_lecturer` and `made_operator`: the role that the account had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// From which network.
    pub place: String,
    /// The name of the request, for whoever looks into the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
}

/// `GET /.well-known/jwks.json`: the keys to check access tokens with (RFC 7517). It comes without an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JwksDto {
    /// The keys.
    pub keys: Vec<JwkDto>,
}

/// A key to check access tokens with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JwkDto {
    /// Always `RSA`.
    pub kty: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub used_for: String,
    /// Always `RS256`.
    pub alg: String,
    /// Its name, which tokens carry.
    pub kid: String,
    /// The modulus, base64url.
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
}
