//! Reading a provider file of kind "connector".

use linchpin_provider::{Entry, UsernameKind};

use super::{Connector, Line, SharedSecret};
use crate::{
    api::{Api, Hosts, Platform, authority},
    file::{Secrets, Table},
};

impl Connector {
    /// Reads `[connector]` and what every file says; `None` where something is missing. What is wrong is noted.
    pub(crate) fn read(file: &Table<'_>, secrets: Secrets<'_>) -> Option<Self> {
        let api = Api::read(file);
        let Some(table) = file.table("connector") else {
            file.missing(
                "connector",
                r#"write [connector] with url = "http://127.0.0.1:7500" below it"#,
            );
            Platform::read(file, None);
            return None;
        };
        let entry = entry(&table);
        let mut hosts = api.as_ref().map(|api| api.hosts.clone());
        if !table.has("url") {
            table.missing(
                "url",
                r#"where the connector is, such as url = "http://127.0.0.1:7500""#,
            );
        }
        let url = hosts.get_or_insert_with(Hosts::default).url(&table, "url");
        let secret = secret(&table, secrets);
        let platform = Platform::read(file, entry);
        let (api, url) = (api?, url?);
        let direct = authority(&url);
        if direct == authority(api.base()) {
            table.note(
                "url",
                "has host and port of api.base_url; requests to the platform and questions to the connector go different ways: give the connector a host or a port of its own",
            );
        }
        let mut platform = platform?;
        platform.description.reach = hosts?.reach();
        platform.description.reach.direct = vec![direct];
        let line = Line {
            provider: platform.description.id.clone(),
            url,
            secret: secret?,
            deadline: platform.limits.deadline,
        };
        Some(Self {
            platform,
            api,
            line,
        })
    }
}

/// Reads `sign_in` and `username`: with a username of which kind, or elsewhere.
fn entry(table: &Table<'_>) -> Option<Entry> {
    let kinds = [("text", UsernameKind::Text), ("email", UsernameKind::Email)];
    let kind = match table.has("username") {
        true => table.word("username", &kinds)?,
        false => UsernameKind::Text,
    };
    if !table.has("sign_in") {
        return Some(Entry::Password(kind));
    }
    let ways = [
        ("password", Entry::Password(kind)),
        ("elsewhere", Entry::Elsewhere),
    ];
    table.word("sign_in", &ways)
}

fn secret(table: &Table<'_>, secrets: Secrets<'_>) -> Option<SharedSecret> {
    if !table.has("secret_file") {
        table.missing(
            "secret_file",
            r#"a file with what signs questions and answers, such as secret_file = "acme.secret"; make one with: echo whsec_$(openssl rand -base64 32)"#,
        );
    }
    table.parsed("secret_file", |path| {
        let text = secrets(path)?;
        SharedSecret::parse(text.reveal())
    })
}

#[cfg(test)]
mod tests {
    use linchpin_provider::Secret;

    use crate::read;

    const FILE: &str = r#"
kind = "connector"
id = "notebook"
name = "Notebook"

[connector]
url = "http://127.0.0.1:7500"
secret_file = "notebook.secret"

[api]
base_url = "https://notebook.example/api"
private_networks = ["127.0.0.0/8"]

[[permission]]
name = "notes:read"
text = "Your notes"
access = "read"
calls = ["GET /notes"]
"#;

    fn problems(file: &str, secret: &str) -> String {
        let secrets = |path: &str| match path {
            "notebook.secret" => Ok(Secret::new(secret.to_owned())),
            _ => Err("cannot be opened: no such file".to_owned()),
        };
        match read(file, &secrets) {
            Ok(_) => String::new(),
            Err(problems) => {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                lines.join("\n")
            }
        }
    }

    const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

    #[test]
    fn a_connector_is_reached_directly_and_its_platform_is_not() {
        let read = read(FILE, &|_| Ok(Secret::new(SECRET.to_owned()))).unwrap();
        let reach = &read.describe().reach;
        assert_eq!(reach.hosts, ["127.0.0.1:7500", "notebook.example"]);
        assert_eq!(reach.direct, ["127.0.0.1:7500"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_to_write() {
        for (change, to, said) in [
            (
                "url = \"http://127.0.0.1:7500\"\n",
                "",
                "connector.url is missing",
            ),
            (
                "http://127.0.0.1:7500",
                "https://notebook.example",
                "a port of its own",
            ),
            ("notebook.secret", "other.secret", "cannot be opened"),
            ("secret_file", "secretfile", "did you mean \"secret_file\"?"),
            ("[api]", "sign_in = \"form\"\n[api]", "password, elsewhere"),
        ] {
            let told = problems(&FILE.replacen(change, to, 1), SECRET);
            assert!(told.contains(said), "{said}: {told}");
        }
        let told = problems(FILE, "whsec_short");
        assert!(
            told.contains("openssl rand") && !told.contains("whsec_short"),
            "{told}"
        );
    }
}
