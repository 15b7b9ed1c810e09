//! What the vault promises, shown on its own.

use std::collections::HashSet;

use super::*;
use crate::domain::{environment::Environment, public_id::OrganisationId, sealed::SealedKind};

const PLAIN: &[u8] = b"session=of-ada; refresh=secret";

fn vault() -> Vault {
    Vault::new(&MasterKeys::of([7; 32]))
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
    let other = Vault::new(&MasterKeys::of([8; 32]));
    assert_eq!(
        other.open(&place(), &sealed).await,
        Err(VaultError::DoesNotOpen)
    );
    assert_ne!(other.check(1), vault().check(1));
}

#[tokio::test]
async fn a_key_of_a_later_version_wraps_what_was_wrapped_before() {
    let keys = MasterKeys::of([7; 32]);
    let vault = Vault::new(&keys);
    let first = vault.seal(&place(), PLAIN).await.unwrap();
    let (keys, second) = keys.with_next(Zeroizing::new([9; 32]));
    vault.go_by(&keys, second).unwrap();
    let again = vault.rewrap(&place(), &first).await.unwrap();
    assert_eq!((first.key_version, again.key_version), (1, 2));
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(*vault.open(&place(), &again).await.unwrap(), PLAIN);
    // The version is part of what the wrapped key is bound to.
    let relabelled = Sealed {
        key_version: 1,
        ..again.clone()
    };
    assert!(vault.open(&place(), &relabelled).await.is_err());
    let without = Vault::new(&MasterKeys::of([7; 32]));
    assert_eq!(
        without.open(&place(), &again).await,
        Err(VaultError::NoKey(2))
    );
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
