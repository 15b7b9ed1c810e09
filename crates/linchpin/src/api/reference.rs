//! `GET /docs`: the API's description as a page. It is made of the same document as `/openapi.json`, needs no script
//! and loads nothing from elsewhere.

mod outline;
mod schema;

use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

use self::{
    outline::{Operation, Outline},
    schema::Word,
};
use crate::flow::Engine;

const STYLES: &str = include_str!("../../static/reference.css");
/// Nothing but the page's own stylesheet.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "reference.html")]
struct Page<'a> {
    outline: &'a Outline,
    api_url: &'a str,
}

/// `GET /docs`
pub async fn page(State(engine): State<Arc<Engine>>) -> Response {
    static OUTLINE: OnceLock<Outline> = OnceLock::new();
    let outline = OUTLINE.get_or_init(|| {
        let document = serde_json::to_value(super::document());
        Outline::of(&document.unwrap_or_default())
    });
    let api_url = &engine.settings.urls.api;
    match (Page { outline, api_url }).render() {
        Ok(html) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, POLICY),
            ];
            (headers, html).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// `GET /docs/reference.css`
pub async fn styles() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, STYLES).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        let document = serde_json::to_value(crate::api::document()).unwrap();
        let outline = &Outline::of(&document);
        let api_url = "https://api.example.com";
        (Page { outline, api_url }).render().unwrap()
    }

    #[test]
    fn every_operation_field_and_answer_of_the_document_is_on_the_page() {
        let document = serde_json::to_value(crate::api::document()).unwrap();
        let page = page();
        for (path, item) in document["paths"].as_object().unwrap() {
            assert!(page.contains(path.as_str()), "{path}");
            for operation in item.as_object().unwrap().values() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
            }
        }
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
            for field in schema["properties"].as_object().into_iter().flatten() {
                assert!(
                    page.contains(&format!("<code>{}</code>", field.0)),
                    "{name}.{}",
                    field.0
                );
            }
        }
    }

    #[test]
    fn every_link_inside_the_page_leads_somewhere() {
        let page = page();
        for link in page.split("href=\"#").skip(1) {
            let target = link.split('"').next().unwrap();
            assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
        }
    }

    #[test]
    fn the_page_loads_nothing_from_elsewhere_and_runs_nothing() {
        let page = page();
        assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains("src="));
        let stylesheets = page.matches("rel=\"stylesheet\"").count();
        assert_eq!(stylesheets, 1);
    }
}
