//! What the vault promises, shown on its own.

use std::{collections::HashSet, sync::Mutex};

use super::*;
use crate::domain::{
    environment::Environment, master_keys::MasterKeys, public_id::OrganisationId,
    sealed::SealedKind,
};

const PLAIN: &[u8] = b"session=of-ada; refresh=secret";

fn vault() -> Vault {
    Vault::new(MasterKeys::of([7; 32]))
}

fn place() -> Place {
    Place {
        kind: SealedKind::Session,
        owner: "conn_ada".to_owned(),
        number: 1,
        organisation: OrganisationId::new([1; 16]),
        environment: Environment::Sandbox,
    }
}

#[tokio::test]
async fn what_was_sealed_opens_at_its_place_whatever_its_length() {
    for length in [0, 1, 63, 64, 65, 64 * 1024] {
        let plain = vec![b'x'; length];
        let sealed = vault().seal(&place(), &plain).await.unwrap();
        assert_eq!(*vault().open(&place(), &sealed).await.unwrap(), plain);
    }
}

#[tokio::test]
async fn a_row_that_was_moved_does_not_open() {
    let sealed = vault().seal(&place(), PLAIN).await.unwrap();
    let elsewhere = [
        Place {
            kind: SealedKind::WebhookSecret,
            ..place()
        },
        Place {
            owner: "conn_bob".to_owned(),
            ..place()
        },
        Place {
            number: 2,
            ..place()
        },
        Place {
            organisation: OrganisationId::new([2; 16]),
            ..place()
        },
        Place {
            environment: Environment::Live,
            ..place()
        },
    ];
    for place in elsewhere {
        let opened = vault().open(&place, &sealed).await;
        assert_eq!(opened, Err(VaultError::DoesNotOpen), "{place:?}");
    }
}

#[tokio::test]
async fn a_key_or_a_secret_of_another_row_does_not_open_it() {
    let other = Place {
        owner: "conn_bob".to_owned(),
        ..place()
    };
    let ours = vault().seal(&place(), PLAIN).await.unwrap();
    let theirs = vault().seal(&other, PLAIN).await.unwrap();
    let their_key = Sealed {
        wrapped_key: theirs.wrapped_key.clone(),
        ..ours.clone()
    };
    let their_bytes = Sealed {
        bytes: theirs.bytes.clone(),
        ..ours.clone()
    };
    // A column in the place of the other.
    let exchanged = Sealed {
        bytes: ours.wrapped_key.clone(),
        wrapped_key: ours.bytes.clone(),
        ..ours
    };
    for mixed in [their_key, their_bytes, exchanged] {
        assert_eq!(
            vault().open(&place(), &mixed).await,
            Err(VaultError::DoesNotOpen)
        );
    }
}

#[tokio::test]
async fn every_flipped_bit_and_every_cut_is_an_error() {
    let sealed = vault().seal(&place(), PLAIN).await.unwrap();
    for bit in 0..sealed.bytes.len() * 8 {
        let mut bent = sealed.clone();
        bent.bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(
            vault().open(&place(), &bent).await.is_err(),
            "bit {bit} of the secret"
        );
    }
    for bit in 0..sealed.wrapped_key.len() * 8 {
        let mut bent = sealed.clone();
        bent.wrapped_key[bit / 8] ^= 1 << (bit % 8);
        assert!(
            vault().open(&place(), &bent).await.is_err(),
            "bit {bit} of the key"
        );
    }
    for length in 0..64 {
        let cut = |bytes: &[u8]| bytes[..length.min(bytes.len() - 1)].to_vec();
        let short = Sealed {
            bytes: cut(&sealed.bytes),
            ..sealed.clone()
        };
        assert!(
            vault().open(&place(), &short).await.is_err(),
            "{length} bytes"
        );
        let short = Sealed {
            wrapped_key: cut(&sealed.wrapped_key),
            ..sealed.clone()
        };
        assert!(
            vault().open(&place(), &short).await.is_err(),
            "{length} bytes of the key"
        );
    }
}

#[tokio::test]
async fn another_master_key_opens_nothing() {
    let sealed = vault().seal(&place(), PLAIN).await.unwrap();
    let other = Vault::new(MasterKeys::of([8; 32]));
    assert_eq!(
        other.open(&place(), &sealed).await,
        Err(VaultError::DoesNotOpen)
    );
    assert_ne!(other.check(1), vault().check(1));
}

/// A key file that the test writes.
fn file(keys: &MasterKeys) -> (Arc<Mutex<MasterKeys>>, Vault) {
    let file = Arc::new(Mutex::new(keys.clone()));
    let read = Arc::clone(&file);
    let source = KeySource::new(keys.clone(), move || Ok(read.lock().unwrap().clone()));
    (file, Vault::new(source))
}

/// What a store knows after the keys of this vault were rotated to `current`.
fn known(vault: &Vault, current: i64) -> KnownKeys {
    let checks = (2..=current).map(|version| (version, vault.check(version).unwrap()));
    KnownKeys {
        checks: checks.collect(),
        ..KnownKeys::unchecked(current)
    }
}

#[tokio::test]
async fn a_key_of_a_later_version_wraps_what_was_wrapped_before() {
    let keys = MasterKeys::of([7; 32]);
    let (file, vault) = file(&keys);
    let first = vault.seal(&place(), PLAIN).await.unwrap();
    let (keys, second) = keys.with_next(Zeroizing::new([9; 32]));
    *file.lock().unwrap() = keys.clone();
    vault.go_by(&known(&Vault::new(keys), second)).unwrap();
    let key = WrappedKey {
        version: first.key_version,
        bytes: first.wrapped_key.clone(),
    };
    let again = vault.rewrap(&place(), &key).await.unwrap();
    assert_eq!((first.key_version, again.version), (1, 2));
    let again = Sealed {
        key_version: 2,
        wrapped_key: again.bytes,
        ..first
    };
    assert_eq!(*vault.open(&place(), &again).await.unwrap(), PLAIN);
    // The version is part of what the wrapped key is bound to.
    let relabelled = Sealed {
        key_version: 1,
        ..again.clone()
    };
    assert!(vault.open(&place(), &relabelled).await.is_err());
    let without = Vault::new(MasterKeys::of([7; 32]));
    assert_eq!(
        without.open(&place(), &again).await,
        Err(VaultError::NoKey(2))
    );
}

#[tokio::test]
async fn nothing_is_sealed_with_a_wrong_or_an_older_key_and_a_file_that_is_put_right_counts_at_once()
 {
    let old = MasterKeys::of([7; 32]);
    let (right, second) = old.with_next(Zeroizing::new([9; 32]));
    let (wrong, _) = old.with_next(Zeroizing::new([8; 32]));
    let known = known(&Vault::new(right.clone()), second);
    let (file, vault) = file(&old);
    let first = vault.seal(&place(), PLAIN).await.unwrap();
    for (keys, error) in [
        (&old, VaultError::NoKey(2)),
        (&wrong, VaultError::OtherKey(2)),
    ] {
        *file.lock().unwrap() = keys.clone();
        assert_eq!(vault.go_by(&known), Err(error.clone()));
        assert_eq!(vault.seal(&place(), PLAIN).await, Err(error));
        assert_eq!(*vault.open(&place(), &first).await.unwrap(), PLAIN);
    }
    *file.lock().unwrap() = right;
    let second = vault.seal(&place(), PLAIN).await.unwrap();
    assert_eq!(second.key_version, 2);
}

#[tokio::test]
async fn a_version_that_another_node_went_on_to_opens_before_this_one_has_heard_of_it() {
    let old = MasterKeys::of([7; 32]);
    let (file, vault) = file(&old);
    let (keys, second) = old.with_next(Zeroizing::new([9; 32]));
    let elsewhere = Vault::new(keys.clone());
    let sealed = elsewhere.seal(&place(), PLAIN).await.unwrap();
    assert_eq!(sealed.key_version, second);
    *file.lock().unwrap() = keys;
    assert_eq!(*vault.open(&place(), &sealed).await.unwrap(), PLAIN);
    assert_eq!(vault.current(), 1);
}

#[tokio::test]
async fn while_the_key_file_cannot_be_read_the_keys_of_before_go_on() {
    let keys = MasterKeys::of([7; 32]);
    let source = KeySource::new(keys, || Err("it is gone".to_owned()));
    let vault = Vault::new(source);
    let told = vault.go_by(&KnownKeys::unchecked(1));
    assert_eq!(told, Err(VaultError::KeyFile("it is gone".to_owned())));
    let sealed = vault.seal(&place(), PLAIN).await.unwrap();
    assert_eq!(*vault.open(&place(), &sealed).await.unwrap(), PLAIN);
}

#[tokio::test]
async fn no_nonce_is_drawn_twice() {
    let count = match std::env::var("LINCHPIN_CHECK").as_deref() {
        Ok("long") => 1_000_000,
        _ => 20_000,
    };
    let vault = vault();
    let mut seen = HashSet::new();
    for _ in 0..count {
        let sealed = vault.seal(&place(), b"").await.unwrap();
        assert!(seen.insert(sealed.bytes[1..25].to_vec()));
        assert!(seen.insert(sealed.wrapped_key[1..25].to_vec()));
    }
}

#[tokio::test]
async fn nothing_of_it_is_printed() {
    let sealed = vault().seal(&place(), PLAIN).await.unwrap();
    assert_eq!(format!("{:?}", vault()), "Vault");
    assert_eq!(format!("{sealed:?}"), "Sealed(key version 1)");
}
