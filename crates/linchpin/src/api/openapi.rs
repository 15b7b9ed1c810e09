//! The API's own description, generated from the types that it answers with.

use std::sync::OnceLock;

use axum::{http::StatusCode, response::Response};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{access, account, error, events, link, manage, told, whitelabel};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Linchpin",
        description = "Account linking that you run yourself. All times are RFC 3339 in UTC with milliseconds. \
            Unknown fields are errors; a field that is null counts as omitted. Every answer carries `x-request-id`."
    ),
    paths(
        link::start,
        link::status,
        link::delete,
        whitelabel::login,
        whitelabel::status,
        whitelabel::code,
        whitelabel::resend,
        whitelabel::sms,
        whitelabel::method,
        account::whoami,
        account::settings,
        account::set,
        account::connections::list,
        account::connections::one,
        account::connections::delete,
        account::connections::invalidate,
        account::connections::settings,
        account::connections::set,
        account::import::import,
        account::import::import_again,
        events::list,
        manage::apps::list,
        manage::apps::create,
        manage::apps::one,
        manage::apps::set,
        manage::apps::delete,
        manage::keys::list,
        manage::keys::create,
        manage::keys::one,
        manage::keys::set,
        manage::keys::delete,
        manage::webhooks::list,
        manage::webhooks::create,
        manage::webhooks::one,
        manage::webhooks::set,
        manage::webhooks::delete,
        manage::webhooks::rotate,
        manage::webhooks::secret,
        manage::webhooks::test,
        manage::webhooks::replay,
        manage::deliveries::list,
        manage::deliveries::replay,
        access::profile,
        access::proxy::get,
        access::proxy::head,
        access::proxy::post,
        access::proxy::put,
        access::proxy::patch,
        access::proxy::delete,
        super::healthz
    ),
    components(schemas(
        told::InitRequest,
        told::InitAnswer,
        told::LinkStatus,
        told::Deleted,
        error::ErrorBody
    )),
    modifiers(&Keys)
)]
struct Api;

/// The two ways to present a key.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let Some(components) = document.components.as_mut() else {
            return;
        };
        let header = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("apikey")));
        let bearer =
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        components.add_security_scheme("apikey", header);
        components.add_security_scheme("bearer", bearer);
    }
}

/// The OpenAPI 3.1 document.
pub fn document() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// `GET /openapi.json`
pub async fn serve() -> Response {
    static DOCUMENT: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = DOCUMENT.get_or_init(|| serde_json::to_vec_pretty(&document()).unwrap_or_default());
    super::json(StatusCode::OK, bytes.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    /// Every key of every `properties` of a document.
    fn collect(document: &Value, found: &mut Vec<String>) {
        match document {
            Value::Object(object) => {
                if let Some(Value::Object(properties)) = object.get("properties") {
                    found.extend(properties.keys().cloned());
                }
                object.values().for_each(|value| collect(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_field_is_described_by_the_name_that_it_has_on_the_wire() {
        let mut found = Vec::new();
        collect(
            &serde_json::to_value(super::document()).unwrap(),
            &mut found,
        );
        for expected in [
            "expiresAt",
            "clientSecret",
            "userData",
            "twoFactorState",
            "errorCode",
        ] {
            assert!(found.iter().any(|name| name == expected), "{expected}");
        }
        let not_on_the_wire: Vec<_> = found.iter().filter(|name| name.contains('_')).collect();
        assert!(not_on_the_wire.is_empty(), "{not_on_the_wire:?}");
    }
}
