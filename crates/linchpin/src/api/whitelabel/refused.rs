//! What is told where a call of a whitelabel session is not carried out.

use crate::{
    api::{ApiError, DetailCode, Details, Kind, details::no_egress},
    domain::link_session::Status,
    flow::NotTaken,
};

/// The refusal of a call that is taken in some states only.
pub fn refused_as(refused: NotTaken, call: &str, due: &str) -> ApiError {
    match refused {
        NotTaken::NotDue(Status::NotFound) => NotTaken::Unknown.into(),
        NotTaken::NotDue(status) => ApiError::new(
            Kind::Conflict,
            format!(
                "the session is `{}`, and {call} is taken where it is {due}; nothing was changed",
                status.name()
            ),
        ),
        other => other.into(),
    }
}

impl From<NotTaken> for ApiError {
    fn from(refused: NotTaken) -> Self {
        match refused {
            NotTaken::Unknown => Self::new(
                Kind::ResourceNotFound,
                "there is no link session with this client secret, or it has expired",
            ),
            NotTaken::Hosted => Self::new(
                Kind::Conflict,
                "this is a hosted session: its user signs in on its page, at the `url` that init answered; for calls \
                 of your own use an app of type whitelabel",
            ),
            NotTaken::NotDue(status) => Self::new(
                Kind::Conflict,
                format!("the session is `{}`; nothing was changed", status.name()),
            ),
            NotTaken::Field { field, message } => {
                Self::fields(Details::one(field, DetailCode::InvalidValue, message))
            }
            NotTaken::NoEgress { places } => Self::fields(Details::one(
                "proxy.geo",
                DetailCode::GeolocationUnavailable,
                no_egress(&places),
            )),
            NotTaken::NoCode { seconds, used_up } => Self::new(
                Kind::RateLimitExceeded,
                match used_up {
                    true => "the provider sends no more codes this way for this sign-in; the code that was sent last may still do, else begin a new session",
                    false => "the provider sends the next code only after a while; Retry-After says when",
                },
            )
            .retry_after(seconds),
            NotTaken::NotDone => Self::new(
                Kind::ProxyError,
                "the provider did not send the code, which counts all the same, or did not start this way; try again, or choose another",
            ),
            NotTaken::Unavailable(unavailable) => unavailable.into(),
        }
    }
}
