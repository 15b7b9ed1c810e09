//! What is wrong with a description.

use std::collections::HashSet;

use crate::Description;

/// What is wrong with a description: ids, names and sentences missing, misspelt or given twice.
pub fn description_faults(description: &Description) -> Vec<String> {
    let mut faults = Vec::new();
    if !is_id(&description.id) {
        faults.push(format!(
            "id {:?} is not lower-case letters, digits and '-'",
            description.id
        ));
    }
    if !super::is_shown(&description.name) {
        faults.push("the name is empty or cannot be shown on one line".to_owned());
    }
    faults.extend(permission_faults(description));
    for host in &description.reach.direct {
        if !description.reach.hosts.contains(host) {
            faults.push(format!("host {host:?} is direct, but not among the hosts"));
        }
    }
    let mut ids = HashSet::new();
    for account in &description.test_accounts {
        if !is_id(&account.id) || !ids.insert(account.id.as_str()) {
            faults.push(format!(
                "test account {:?} is misspelt or given twice",
                account.id
            ));
        }
        if account.username.is_empty() || account.password.is_empty() {
            faults.push(format!("test account {:?} has nothing to type", account.id));
        }
    }
    faults
}

fn permission_faults(description: &Description) -> Vec<String> {
    let mut faults = Vec::new();
    let mut names = HashSet::new();
    for permission in &description.permissions {
        let name = permission.name.as_str();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic()) {
            faults.push(format!(
                "permission {name:?} is not printable ASCII without spaces"
            ));
        }
        if !names.insert(name) {
            faults.push(format!("permission {name:?} is given twice"));
        }
        if !super::is_shown(&permission.sentence) {
            faults.push(format!("permission {name:?} has no sentence of one line"));
        }
    }
    faults
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, Entry, Permission, Reach, UsernameKind};

    fn description() -> Description {
        Description {
            id: "example".to_owned(),
            name: "Example".to_owned(),
            entry: Entry::Password(UsernameKind::Text),
            reach: Reach::default(),
            permissions: vec![Permission {
                name: "posts:read".to_owned(),
                sentence: "Your posts".to_owned(),
                access: Access::Read,
                risky: false,
            }],
            test_accounts: Vec::new(),
        }
    }

    #[test]
    fn a_well_formed_description_has_no_faults() {
        assert!(description_faults(&description()).is_empty());
    }

    #[test]
    fn an_id_that_cannot_be_on_the_wire_is_a_fault() {
        for id in ["", "Example", "ex ample", "ex_ample"] {
            let faults = description_faults(&Description {
                id: id.to_owned(),
                ..description()
            });
            assert_eq!(faults.len(), 1, "{id}");
        }
    }

    #[test]
    fn a_permission_given_twice_is_a_fault() {
        let mut twice = description();
        twice.permissions.extend(description().permissions);
        assert_eq!(
            description_faults(&twice),
            [r#"permission "posts:read" is given twice"#]
        );
    }

    #[test]
    fn a_direct_host_that_is_no_host_is_a_fault() {
        let mut lost = description();
        lost.reach.direct.push("connector.internal".to_owned());
        assert_eq!(description_faults(&lost).len(), 1);
    }
}
