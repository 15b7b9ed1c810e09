//! `GET /docs`: the OpenAPI document as a page that loads nothing from elsewhere.

use axum::response::Html;

/// The page.
pub async fn page() -> Html<String> {
    Html(String::new())
}
