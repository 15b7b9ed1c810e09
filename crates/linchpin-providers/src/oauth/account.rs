//! The account, as the provider's JSON tells it.

use linchpin_provider::Account;
use serde_json::Value;

use super::settings::Pointers;

/// Characters of a name or username at most.
const NAME_MAX: usize = 255;
/// Bytes of a picture's address at most.
const AVATAR_MAX: usize = 2_048;

/// The account; `None` where the document has no usable id.
pub(super) fn account(told: &Value, pointers: &Pointers) -> Option<Account> {
    let id = first(told, &pointers.id).filter(|id| is_id(id))?;
    let name = first(told, &pointers.name).map(|name| shown(&name));
    let username =
        first(told, &pointers.username).map(|name| shown(name.trim().trim_start_matches('@')));
    let username = username.filter(|name| !name.is_empty());
    let username = username.unwrap_or_else(|| id.clone());
    Some(Account {
        name: name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| username.clone()),
        username,
        avatar: first(told, &pointers.avatar)
            .filter(|url| url.starts_with("https://") && url.len() <= AVATAR_MAX),
        id,
    })
}

/// The first of these that leads to a text that is not empty, or to a whole number.
fn first(told: &Value, pointers: &[String]) -> Option<String> {
    pointers
        .iter()
        .find_map(|pointer| match told.pointer(pointer)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
            _ => None,
        })
}

fn is_id(id: &str) -> bool {
    id.len() <= 255 && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// On one line.
fn shown(text: &str) -> String {
    let visible = text.trim().chars().filter(|c| !c.is_control());
    visible.take(NAME_MAX).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_claims_of_openid_connect_are_read_without_being_told_where_they_are() {
        let told = json!({
            "sub": "24400320", "name": "Jane Doe", "preferred_username": "@jane",
            "picture": "https://cdn.example/jane.png",
        });
        let account = account(&told, &Pointers::default()).unwrap();
        assert_eq!(account.id, "24400320");
        assert_eq!((&*account.name, &*account.username), ("Jane Doe", "jane"));
        assert_eq!(
            account.avatar.as_deref(),
            Some("https://cdn.example/jane.png")
        );
    }

    #[test]
    fn what_is_missing_or_cannot_be_shown_is_replaced_and_an_id_that_is_none_refused() {
        let read = |told: Value| account(&told, &Pointers::default());
        let bare = read(json!({ "sub": "7", "name": "\n", "picture": "http://cdn.example/" }));
        let bare = bare.unwrap();
        assert_eq!(
            (&*bare.name, &*bare.username, bare.avatar),
            ("7", "7", None)
        );
        for sub in [
            json!(null),
            json!(""),
            json!("a b"),
            json!("ü"),
            json!("a".repeat(256)),
        ] {
            assert!(read(json!({ "sub": sub })).is_none(), "{sub}");
        }
    }

    #[test]
    fn pointers_lead_into_any_json_and_numbers_are_ids() {
        let pointers = Pointers {
            id: vec!["/data/0/id".to_owned()],
            name: vec!["/data/0/missing".to_owned(), "/data/0/title".to_owned()],
            username: vec!["/data/0/login".to_owned()],
            avatar: Vec::new(),
        };
        let told = json!({ "data": [{ "id": 7, "title": "Jane", "login": "jane" }] });
        let account = account(&told, &pointers).unwrap();
        assert_eq!((&*account.id, &*account.name), ("7", "Jane"));
    }
}
