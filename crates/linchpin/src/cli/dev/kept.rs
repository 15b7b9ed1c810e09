//! What a developer is given on the first start, and finds again on every other: `dev.json`.
//!
//! The store has only the hash of the key, so the key itself stands in this file, readable by its owner alone.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use super::Refused;
use crate::{
    domain::{
        client_app::{AppType, ClientApp},
        client_app_change::ClientAppChange,
        environment::Environment,
    },
    flow::{Engine, admin::Command},
};

/// What developers of shops on their own machine mostly have.
const OWN_CALLBACK: &str = "http://localhost:3000/callback";
const KEY_NAME: &str = "linchpin dev";

/// What is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    api_key: Zeroizing<String>,
    key_id: String,
    /// Where the demo listened last.
    demo_url: String,
    /// The apps.
    pub client_apps: ClientApps,
}

/// The ids of the apps, one of each type.
#[derive(Serialize, Deserialize, PartialEq, Eq, Clone)]
pub struct ClientApps {
    /// Of the app that the demo uses.
    pub redirect: String,
    /// Of the app whose pages stand in a frame.
    pub embed: String,
    /// Of the app with pages of its own.
    pub whitelabel: String,
}

impl Kept {
    /// The sandbox key.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }
}

/// Finds what was made before, and makes what is missing: on the first start everything, otherwise what a start that
/// was cut off did not reach or somebody has deleted since.
pub async fn ensure(engine: &Engine, data: &Path, demo_url: &str) -> Result<Kept, Refused> {
    let path = data.join("dev.json");
    let found = read(&path)?;
    let org = organisation(engine).await?;
    let old = found.as_ref();
    let mut apps = Vec::new();
    for app_type in AppType::ALL {
        let known = old.map(|kept| kept.client_apps.of(app_type));
        apps.push(app(engine, &org, app_type, known, demo_url).await?);
    }
    let [redirect, embed, whitelabel] = apps
        .try_into()
        .map_err(|_| Refused::new("there is not one app of each type"))?;
    let client_apps = ClientApps {
        redirect,
        embed,
        whitelabel,
    };
    let old_url = old.map_or(demo_url, |kept| kept.demo_url.as_str());
    move_demo(engine, &client_apps, old_url, demo_url).await?;
    let (key_id, api_key) = match found {
        Some(kept) if engine.caller(&kept.api_key).await?.is_some() => (kept.key_id, kept.api_key),
        _ => key(engine, &org).await?,
    };
    let kept = Kept {
        api_key,
        key_id,
        demo_url: demo_url.to_owned(),
        client_apps,
    };
    write(&path, &kept)?;
    Ok(kept)
}

impl ClientApps {
    fn of(&self, app_type: AppType) -> &str {
        match app_type {
            AppType::Redirect => &self.redirect,
            AppType::Embed => &self.embed,
            AppType::Whitelabel => &self.whitelabel,
        }
    }
}

async fn organisation(engine: &Engine) -> Result<String, Refused> {
    if let Some(first) = engine.directory().organisations.first() {
        return Ok(first.id.as_str().to_owned());
    }
    let name = "Development".to_owned();
    id(&engine.command(Command::OrgCreate { name }).await?)
}

/// The known app of a type, the oldest one, or a new one.
async fn app(
    engine: &Engine,
    org: &str,
    app_type: AppType,
    known: Option<&str>,
    demo_url: &str,
) -> Result<String, Refused> {
    let directory = engine.directory();
    let fits = |app: &ClientApp| {
        app.app_type == app_type
            && app.environment == Environment::Sandbox
            && app.organisation.as_str() == org
    };
    let there = || {
        directory
            .apps
            .iter()
            .map(|(app, _)| app)
            .filter(|app| fits(app))
    };
    if let Some(known) = there()
        .find(|app| known == Some(app.id.as_str()))
        .or_else(|| there().next())
    {
        return Ok(known.id.as_str().to_owned());
    }
    // The redirect app is made first and must be the oldest by the clock too.
    tokio::time::sleep(Duration::from_millis(2)).await;
    let made = engine
        .command(Command::AppCreate {
            org: Some(org.to_owned()),
            settings: settings(app_type, demo_url),
            logo: None,
        })
        .await?;
    id(&made)
}

fn settings(app_type: AppType, demo_url: &str) -> ClientAppChange {
    let named = |name: &str| ClientAppChange {
        app_type: Some(app_type.as_str().to_owned()),
        name: Some(name.to_owned()),
        redirect_uris: Some(vec![callback(demo_url), OWN_CALLBACK.to_owned()]),
        permissions: Some(vec!["profile:read".to_owned()]),
        optional_permissions: Some(vec!["posts:read".to_owned(), "messages:write".to_owned()]),
        ..ClientAppChange::default()
    };
    match app_type {
        AppType::Redirect => named("Demo Shop"),
        AppType::Embed => ClientAppChange {
            allowed_origins: Some(vec![demo_url.to_owned()]),
            ..named("Demo Shop, embedded")
        },
        AppType::Whitelabel => ClientAppChange {
            redirect_uris: None,
            ..named("Demo Shop, own pages")
        },
    }
}

fn callback(demo_url: &str) -> String {
    format!("{demo_url}/callback")
}

/// Registers the demo's address where it is not, in the place of the one that it had before.
async fn move_demo(
    engine: &Engine,
    apps: &ClientApps,
    old_url: &str,
    demo_url: &str,
) -> Result<(), Refused> {
    for id in [&apps.redirect, &apps.embed] {
        let directory = engine.directory();
        let found = directory.apps.iter().map(|(app, _)| app);
        let Some(app) = found.into_iter().find(|app| app.id.as_str() == id) else {
            continue;
        };
        let uris = moved(
            app.redirect_uris.iter().map(ToString::to_string).collect(),
            &callback(old_url),
            &callback(demo_url),
        );
        let origins = match app.app_type {
            AppType::Embed => moved(
                app.allowed_origins
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                old_url,
                demo_url,
            ),
            _ => None,
        };
        if uris.is_none() && origins.is_none() {
            continue;
        }
        let settings = ClientAppChange {
            redirect_uris: uris,
            allowed_origins: origins,
            ..ClientAppChange::default()
        };
        let id = id.clone();
        let logo = None;
        engine
            .command(Command::AppUpdate { id, settings, logo })
            .await?;
    }
    Ok(())
}

/// The list with `new` at its head and without `old`; `None` where it is so already.
fn moved(list: Vec<String>, old: &str, new: &str) -> Option<Vec<String>> {
    if list.first().is_some_and(|first| first == new) {
        return None;
    }
    let rest = list
        .into_iter()
        .filter(|entry| entry != old && entry != new);
    Some(std::iter::once(new.to_owned()).chain(rest).collect())
}

/// Makes the key. Keys of starts that were cut off before their key was kept open nothing any more.
async fn key(engine: &Engine, org: &str) -> Result<(String, Zeroizing<String>), Refused> {
    let directory = engine.directory();
    for lost in &directory.keys {
        if lost.name == KEY_NAME && lost.revoked_at.is_none() {
            let id = lost.id.as_str().to_owned();
            engine.command(Command::KeyRevoke { id }).await?;
        }
    }
    let made = engine
        .command(Command::KeyCreate {
            org: Some(org.to_owned()),
            name: KEY_NAME.to_owned(),
            scope: "LINK,ACCOUNT,ACCESS".to_owned(),
            environment: Environment::Sandbox.as_str().to_owned(),
            expires: None,
        })
        .await?;
    let key = made.get("key").and_then(Value::as_str).unwrap_or_default();
    Ok((id(&made)?, Zeroizing::new(key.to_owned())))
}

fn id(made: &Value) -> Result<String, Refused> {
    let id = made.get("id").and_then(Value::as_str);
    id.map(str::to_owned)
        .ok_or_else(|| Refused::new("what was made has no id"))
}

fn read(path: &Path) -> Result<Option<Kept>, Refused> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Refused::new(format!(
                "{} cannot be read: {error}",
                path.display()
            )));
        }
    };
    serde_json::from_str(&text).map(Some).map_err(|_| {
        Refused::new(format!(
            "{} is not what linchpin dev wrote there. Remove it, and a new key is made",
            path.display()
        ))
    })
}

/// Replaces the file in one step, so that a reader sees the old or the new one.
fn write(path: &Path, kept: &Kept) -> Result<(), Refused> {
    let text = Zeroizing::new(serde_json::to_vec_pretty(kept)?);
    let draft = path.with_extension("json.new");
    let written = || {
        if draft.exists() {
            fs::remove_file(&draft)?;
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    written()
        .map_err(|error| Refused::new(format!("{} cannot be written: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_demo_takes_the_place_that_it_had() {
        let list = |entries: &[&str]| entries.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            moved(list(&["old", "mine"]), "old", "new"),
            Some(list(&["new", "mine"]))
        );
        assert_eq!(
            moved(list(&["mine"]), "old", "new"),
            Some(list(&["new", "mine"]))
        );
        assert_eq!(
            moved(list(&["mine", "new"]), "new", "new"),
            Some(list(&["new", "mine"]))
        );
        assert_eq!(moved(list(&["new", "old"]), "old", "new"), None);
    }
}
