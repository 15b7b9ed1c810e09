//! Which app a link session belongs to, where the client names none.

use super::client_app::{AppType, ClientApp};

/// The `mode` of init: a hint, looked at only where no app is named.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ModeHint {
    /// An app of type redirect.
    Redirect,
    /// An app of type embed.
    Embed,
    /// An app of type redirect or embed.
    Hosted,
    /// An app of type whitelabel.
    Whitelabel,
}

impl ModeHint {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Embed => "embed",
            Self::Hosted => "hosted",
            Self::Whitelabel => "whitelabel",
        }
    }

    /// The hint of this wire name; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "redirect" => Some(Self::Redirect),
            "embed" => Some(Self::Embed),
            "hosted" => Some(Self::Hosted),
            "whitelabel" => Some(Self::Whitelabel),
            _ => None,
        }
    }

    fn names(self, app_type: AppType) -> bool {
        match self {
            Self::Redirect => app_type == AppType::Redirect,
            Self::Embed => app_type == AppType::Embed,
            Self::Hosted => app_type.is_hosted(),
            Self::Whitelabel => app_type == AppType::Whitelabel,
        }
    }
}

/// The oldest enabled app that has the redirect URL and the origin, where given, registered and is of a type that
/// `mode` names; without a mode one that shows our page, and a whitelabel app only where no other matches.
///
/// `apps` are those of the key's organisation and environment, oldest first. Redirect URL and origin are compared byte
/// for byte.
pub fn choose_app<'a>(
    apps: &[&'a ClientApp],
    mode: Option<ModeHint>,
    redirect_url: Option<&str>,
    origin: Option<&str>,
) -> Option<&'a ClientApp> {
    let oldest_named_by = |mode: ModeHint| {
        apps.iter().copied().find(|app| {
            app.enabled
                && mode.names(app.app_type)
                && redirect_url.is_none_or(|url| app.redirect_url(url).is_some())
                && origin.is_none_or(|origin| app.allowed_origin(origin).is_some())
        })
    };
    match mode {
        Some(mode) => oldest_named_by(mode),
        None => oldest_named_by(ModeHint::Hosted).or_else(|| oldest_named_by(ModeHint::Whitelabel)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        client_app_change::{ClientAppChange, NewClientApp},
        public_id::{AppId, OrganisationId},
        time::Timestamp,
    };

    const CALLBACK: &str = "https://app.example.com/callback";
    const ORIGIN: &str = "https://app.example.com";

    fn app(app_type: AppType, settings: ClientAppChange) -> ClientApp {
        let settings = ClientAppChange {
            app_type: Some(app_type.to_string()),
            name: Some("Shop".to_owned()),
            ..settings
        };
        let new = NewClientApp {
            id: AppId::new([app_type as u8; 16]),
            organisation: OrganisationId::new([0; 16]),
            created_at: Timestamp(0),
            settings,
        };
        new.check().unwrap()
    }

    fn plain(app_type: AppType) -> ClientApp {
        app(app_type, ClientAppChange::default())
    }

    fn registered(app_type: AppType) -> ClientApp {
        let settings = ClientAppChange {
            redirect_uris: Some(vec![CALLBACK.to_owned()]),
            allowed_origins: Some(vec![ORIGIN.to_owned()]),
            ..ClientAppChange::default()
        };
        app(app_type, settings)
    }

    fn chosen(apps: &[&ClientApp], mode: &str) -> Option<AppType> {
        choose_app(apps, ModeHint::parse(mode), None, None).map(|app| app.app_type)
    }

    #[test]
    fn the_mode_names_the_type() {
        let (w, e, r) = (
            plain(AppType::Whitelabel),
            plain(AppType::Embed),
            plain(AppType::Redirect),
        );
        let apps = [&w, &e, &r];
        assert_eq!(chosen(&apps, "redirect"), Some(AppType::Redirect));
        assert_eq!(chosen(&apps, "embed"), Some(AppType::Embed));
        assert_eq!(chosen(&apps, "hosted"), Some(AppType::Embed));
        assert_eq!(chosen(&apps, "whitelabel"), Some(AppType::Whitelabel));
        assert_eq!(chosen(&[&w], "hosted"), None);
        assert_eq!(chosen(&[&e], "redirect"), None);
    }

    #[test]
    fn without_a_mode_whitelabel_comes_last() {
        let (w, e) = (plain(AppType::Whitelabel), plain(AppType::Embed));
        assert_eq!(chosen(&[&w, &e], ""), Some(AppType::Embed));
        assert_eq!(chosen(&[&w], ""), Some(AppType::Whitelabel));
        assert_eq!(chosen(&[], ""), None);
    }

    #[test]
    fn the_oldest_of_several_is_chosen_and_a_disabled_one_never() {
        let (mut first, second) = (registered(AppType::Redirect), plain(AppType::Redirect));
        assert!(std::ptr::eq(
            choose_app(&[&first, &second], None, None, None).unwrap(),
            &raw const first
        ));
        first.enabled = false;
        assert!(std::ptr::eq(
            choose_app(&[&first, &second], None, None, None).unwrap(),
            &raw const second
        ));
    }

    #[test]
    fn the_redirect_url_and_the_origin_must_be_registered_byte_for_byte() {
        let (other, right) = (plain(AppType::Redirect), registered(AppType::Embed));
        let apps = [&other, &right];
        let find = |url, origin| choose_app(&apps, None, url, origin).map(|app| app.app_type);
        assert_eq!(find(Some(CALLBACK), None), Some(AppType::Embed));
        assert_eq!(find(None, Some(ORIGIN)), Some(AppType::Embed));
        assert_eq!(
            find(Some(CALLBACK), Some("https://app.example.com:443")),
            None
        );
        assert_eq!(find(Some("https://app.example.com/callback/"), None), None);
        assert_eq!(find(Some("https://app.example.com/callbac"), None), None);
    }

    #[test]
    fn a_whitelabel_app_serves_where_only_it_has_the_redirect_url() {
        let (hosted, whitelabel) = (plain(AppType::Redirect), registered(AppType::Whitelabel));
        let found = choose_app(&[&hosted, &whitelabel], None, Some(CALLBACK), None).unwrap();
        assert_eq!(found.app_type, AppType::Whitelabel);
    }
}
