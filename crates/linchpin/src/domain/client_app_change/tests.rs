//! What is taken, what is refused, and that all of it is told at once.

use super::*;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

fn written() -> ClientAppChange {
    ClientAppChange {
        app_type: Some("redirect".to_owned()),
        name: Some("Shop".to_owned()),
        ..ClientAppChange::default()
    }
}

fn create(settings: ClientAppChange) -> Result<ClientApp, Vec<FieldProblem>> {
    let id = AppId::new([1; 16]);
    let organisation = OrganisationId::new([2; 16]);
    NewClientApp {
        id,
        organisation,
        created_at: Timestamp(7),
        settings,
    }
    .check()
}

fn fields(result: Result<ClientApp, Vec<FieldProblem>>) -> Vec<&'static str> {
    result
        .unwrap_err()
        .into_iter()
        .map(|problem| problem.field)
        .collect()
}

#[test]
fn an_app_that_says_little_gets_the_defaults() {
    let app = create(written()).unwrap();
    assert_eq!(
        serde_json::to_value(&app).unwrap(),
        serde_json::json!({
            "id": app.id.as_str(), "organisation": app.organisation.as_str(), "type": "redirect", "name": "Shop",
            "environment": "sandbox", "redirectUris": [], "allowedOrigins": [], "providers": ["sandbox"],
            "permissions": ["profile:read"], "optionalPermissions": [], "sessionMinutes": 60, "website": null,
            "privacyUrl": null, "termsUrl": null, "support": null, "accent": null, "logo": null,
            "redirectOnSuccess": false, "handOff": true, "oneReferencePerAccount": false, "dangerousRawSessions": false,
            "dangerousCustomProxy": false, "enabled": true, "createdAt": 7,
        })
    );
    let live = create(ClientAppChange {
        environment: Some("live".to_owned()),
        ..written()
    })
    .unwrap();
    assert_eq!(live.providers, None);
    assert!(live.offers("anything") && app.offers("sandbox") && !app.offers("other"));
}

fn everything() -> ClientAppChange {
    let text = |text: &str| Some(text.to_owned());
    ClientAppChange {
        app_type: text("embed"),
        name: text("Café"),
        environment: text("sandbox"),
        redirect_uris: Some(texts(&[
            "https://app.example.com/cb",
            "http://localhost:3000/callback",
        ])),
        allowed_origins: Some(texts(&["https://app.example.com"])),
        providers: Some(texts(&["sandbox", "other"])),
        permissions: Some(texts(&["profile:read", "posts:read"])),
        optional_permissions: Some(texts(&["posts:write"])),
        session_minutes: text("5"),
        website: text("https://example.com/"),
        privacy_url: text("https://example.com/privacy"),
        terms_url: text("https://example.com/terms"),
        support: text("mailto:help@example.com"),
        accent: text("#1a73e8"),
        logo: Some(LogoRef::of(b"png").to_string()),
        redirect_on_success: Some(true),
        hand_off: Some(false),
        one_reference_per_account: Some(true),
        dangerous_raw_sessions: Some(true),
        dangerous_custom_proxy: Some(true),
        enabled: Some(false),
    }
}

#[test]
fn an_app_survives_being_stored() {
    let app = create(everything()).unwrap();
    let json = serde_json::to_string(&app).unwrap();
    assert_eq!(serde_json::from_str::<ClientApp>(&json).unwrap(), app);
    let before_the_switch = json.replace("\"handOff\":false,", "");
    let read = serde_json::from_str::<ClientApp>(&before_the_switch).unwrap();
    assert!(!app.hand_off && read.hand_off);
    let damaged = json.replace("https://app.example.com/cb", "javascript:alert(1)");
    assert!(serde_json::from_str::<ClientApp>(&damaged).is_err());
}

#[test]
fn every_problem_is_told_at_once() {
    let junk = || Some("\u{0}junk".to_owned());
    let all = ClientAppChange {
        app_type: junk(),
        name: junk(),
        environment: junk(),
        redirect_uris: Some(texts(&[
            "https://app.example.com/#",
            "/cb",
            "https://app.example.com/",
        ])),
        allowed_origins: Some(texts(&["*"])),
        providers: Some(texts(&["Sandbox"])),
        permissions: Some(texts(&["all"])),
        optional_permissions: Some(texts(&["a:b", "a:b"])),
        session_minutes: junk(),
        website: junk(),
        privacy_url: junk(),
        terms_url: junk(),
        support: junk(),
        accent: junk(),
        logo: junk(),
        ..ClientAppChange::default()
    };
    assert_eq!(
        fields(create(all)),
        [
            "environment",
            "type",
            "name",
            "redirectUris",
            "redirectUris",
            "allowedOrigins",
            "providers",
            "permissions",
            "optionalPermissions",
            "sessionMinutes",
            "website",
            "privacyUrl",
            "termsUrl",
            "support",
            "accent",
            "logo",
        ]
    );
    assert_eq!(fields(create(ClientAppChange::default())), ["type", "name"]);
}

#[test]
fn a_problem_of_a_list_names_the_entry_and_the_remedy() {
    let settings = ClientAppChange {
        redirect_uris: Some(texts(&["https://app.example.com/cb#"])),
        ..written()
    };
    let message = create(settings).unwrap_err().remove(0).message;
    assert!(
        message.starts_with(r#""https://app.example.com/cb#": a fragment"#),
        "{message}"
    );
    assert!(message.contains("remove the `#`"), "{message}");
}

#[test]
fn loopback_addresses_are_for_the_sandbox_only() {
    let live = ClientAppChange {
        environment: Some("live".to_owned()),
        redirect_uris: Some(texts(&["http://localhost:3000/callback"])),
        allowed_origins: Some(texts(&["http://localhost:3000"])),
        ..written()
    };
    assert_eq!(fields(create(live)), ["redirectUris", "allowedOrigins"]);
}

#[test]
fn a_change_keeps_what_it_does_not_name() {
    let app = create(everything()).unwrap();
    assert_eq!(app.changed(&ClientAppChange::default()).unwrap(), app);
    let renamed = ClientAppChange {
        name: Some("Bar".to_owned()),
        ..ClientAppChange::default()
    };
    let name = AppName::parse("Bar").unwrap();
    assert_eq!(app.changed(&renamed).unwrap(), ClientApp { name, ..app });
}

#[test]
fn empty_texts_and_lists_take_settings_away() {
    let app = create(everything()).unwrap();
    let change = ClientAppChange {
        website: Some(String::new()),
        logo: Some(String::new()),
        redirect_uris: Some(texts(&[""])),
        allowed_origins: Some(texts(&[])),
        providers: Some(texts(&[])),
        ..ClientAppChange::default()
    };
    let cleared = app.changed(&change).unwrap();
    assert_eq!(
        (cleared.website, cleared.logo, cleared.providers),
        (None, None, None)
    );
    assert!(cleared.redirect_uris.is_empty() && cleared.allowed_origins.is_empty());
    let nameless = ClientAppChange {
        name: Some(String::new()),
        ..ClientAppChange::default()
    };
    assert_eq!(fields(app.changed(&nameless)), ["name"]);
}

#[test]
fn an_app_does_not_move_to_the_other_environment() {
    let app = create(written()).unwrap();
    let to = |environment: &str| {
        app.changed(&ClientAppChange {
            environment: Some(environment.to_owned()),
            ..ClientAppChange::default()
        })
    };
    assert!(to("sandbox").is_ok());
    assert_eq!(fields(to("live")), ["environment"]);
}

#[test]
fn a_permission_is_required_or_optional_and_not_both() {
    let settings = ClientAppChange {
        optional_permissions: Some(texts(&["profile:read"])),
        ..written()
    };
    assert_eq!(fields(create(settings)), ["optionalPermissions"]);
}
