//! Whose account it is, as the profile request tells it.

use std::time::SystemTime;

use linchpin_provider::Account;
use serde_json::{Map, Value};
use url::Url;

use super::{
    factor::shown,
    means::{Means, Part},
    plan::Lasts,
    profile::Field,
    run::{Read, Run},
    state::{Kept, State},
    template::Escape,
};

/// Characters of a name or a username.
const NAME_MAX: usize = 255;
/// Bytes of a picture's address; a longer one is left out.
const AVATAR_MAX: usize = 2_048;

/// What the profile request has come to.
pub(super) enum Told {
    /// It was answered.
    Account {
        account: Account,
        /// The profile as the platform gives it.
        whole: Value,
    },
    /// The session is over.
    Over(Means),
    /// The platform does not say.
    Nothing(linchpin_provider::SendError),
}

impl Run<'_> {
    /// Asks whose account it is.
    pub(super) async fn account(&self, state: &mut State) -> Told {
        let profile = &self.plan.profile;
        let (means, read) = match self.one(&profile.step, Part::Profile, state).await {
            Ok(answered) => answered,
            Err(error) => return Told::Nothing(error),
        };
        match means {
            Means::GoOn => {}
            Means::SignedOut | Means::Revoked | Means::Locked => return Told::Over(means),
            _ => return Told::Nothing(linchpin_provider::SendError::Broken),
        }
        let Some(account) = self.read_account(&read, state) else {
            self.stuck("the profile has no id or username where the file says");
            return Told::Nothing(linchpin_provider::SendError::Broken);
        };
        let fields = self.plan.profile.fields.iter();
        let fields = fields.filter_map(|(name, field)| {
            let found = self.part(name, field, &read, state)?;
            Some((name.clone(), Value::from(found)))
        });
        Told::Account {
            whole: whole(&read.body, fields, &account),
            account,
        }
    }

    /// A part of the profile.
    fn part(&self, name: &str, field: &Field, read: &Read, state: &State) -> Option<String> {
        let found = match field {
            Field::Place(place) => place.find(&read.seen(state)),
            Field::Text(text) => text
                .fill(self.scope(state), Escape::None)
                .map(|text| (*text).clone()),
        };
        if let Some(watch) = self.watch {
            watch.told(name, found.as_deref());
        }
        found
    }

    fn read_account(&self, read: &Read, state: &State) -> Option<Account> {
        let profile = &self.plan.profile;
        let find = |name: &str, field: &Field| self.part(name, field, read, state);
        let id = find("id", &profile.id)?;
        let id_fits = (1..=255).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        let username = find("username", &profile.username)?;
        let username = shown(username.trim().trim_start_matches('@'), NAME_MAX);
        let name = profile.name.as_ref().and_then(|field| find("name", field));
        let name = name.map(|name| shown(&name, NAME_MAX));
        let avatar = profile
            .avatar
            .as_ref()
            .and_then(|field| find("avatar", field));
        (id_fits && !username.is_empty()).then(|| Account {
            id,
            name: name
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| username.clone()),
            username,
            avatar: avatar.and_then(|avatar| picture(&read.url, &avatar)),
        })
    }

    /// Asks whose account it is, for the first time.
    pub(super) async fn first_account(&self, mut state: State) -> Option<Kept> {
        let ends = self.ends(&state);
        let Told::Account { account, .. } = self.account(&mut state).await else {
            return None;
        };
        state.keep(&self.plan.kept);
        Some(Kept {
            state,
            account,
            ends,
        })
    }

    /// When a session that begins now ends, in milliseconds since 1970.
    pub(super) fn ends(&self, state: &State) -> Option<i64> {
        let lives = match self.plan.lasts.as_ref()? {
            Lasts::Always(span) => i64::try_from(span.as_millis()).ok()?,
            Lasts::Told(text) => {
                let seconds = text.fill(self.scope(state), Escape::None)?;
                let seconds = seconds.split('.').next()?.trim().parse::<i64>().ok()?;
                seconds.checked_mul(1000)?
            }
        };
        now().checked_add(lives)
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

/// The address of a picture, if it can be shown.
fn picture(from: &Url, text: &str) -> Option<String> {
    let url = from.join(text).ok()?;
    let fits = url.scheme() == "https" && url.as_str().len() <= AVATAR_MAX;
    fits.then(|| url.to_string())
}

/// The profile as the platform gives it, with what the file adds and what every profile has.
fn whole(body: &[u8], fields: impl Iterator<Item = (String, Value)>, account: &Account) -> Value {
    let mut members = match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    members.extend(fields);
    members.insert("id".to_owned(), Value::from(account.id.clone()));
    members.insert("name".to_owned(), Value::from(account.name.clone()));
    members.insert("username".to_owned(), Value::from(account.username.clone()));
    members.insert("avatar".to_owned(), Value::from(account.avatar.clone()));
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_whose_address_is_too_long_is_left_out() {
        let from = "https://example.com/me".parse().unwrap();
        let picture = |length: usize| picture(&from, &"a".repeat(length));
        let before = "https://example.com/".len();
        assert_eq!(picture(2_048 - before).unwrap().len(), 2_048);
        assert_eq!(picture(2_049 - before), None);
    }
}
