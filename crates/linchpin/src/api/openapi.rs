//! The API's own description, generated from the types that it answers with.

use std::sync::OnceLock;

use axum::{http::StatusCode, response::Response};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{error, link, told};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Linchpin",
        description = "Account linking that you run yourself. All times are RFC 3339 in UTC with milliseconds. \
            Unknown fields are errors; a field that is null counts as omitted. Every answer carries `x-request-id`."
    ),
    paths(link::start, link::status, link::delete, super::healthz),
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
