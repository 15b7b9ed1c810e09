//! What deliveries are signed with.

use super::{ask, with_receiver};
use crate::{
    account,
    support::{HOUR, Receiver},
};

#[test]
fn for_a_day_after_a_rotation_both_secrets_sign_and_then_only_the_new_one() {
    let receiver = Receiver::start();
    let (world, key, endpoint) = with_receiver(&receiver);
    let new = ask(&world, &key, "POST", &endpoint, "/rotate")
        .expect(200)
        .json();
    assert_ne!(new["secret"], endpoint["secret"]);
    account::imported(&world, "ada@fan.sandbox.com");
    let both = receiver.wait_for(1).remove(0);
    assert_eq!(both.header("webhook-signature").split(' ').count(), 2);
    assert_eq!(
        both.header("svix-signature"),
        both.header("webhook-signature")
    );
    assert_eq!(both.header("ofauth-signature").matches("v1=").count(), 2);
    world.pass(24 * HOUR + 1_000);
    account::imported(&world, "bob@fan.sandbox.com");
    let alone = receiver.wait_for(2).remove(1);
    assert_eq!(alone.header("webhook-signature").split(' ').count(), 1);
}

#[test]
fn a_secret_is_rotated_nine_times_a_day_at_most() {
    let receiver = Receiver::start();
    let (world, key, endpoint) = with_receiver(&receiver);
    for _ in 0..9 {
        ask(&world, &key, "POST", &endpoint, "/rotate").expect(200);
    }
    ask(&world, &key, "POST", &endpoint, "/rotate").field_error("secret", "INVALID_VALUE");
    world.pass(24 * HOUR + 1_000);
    ask(&world, &key, "POST", &endpoint, "/rotate").expect(200);
    let kept = world
        .database()
        .number("SELECT COUNT(*) FROM sealed WHERE kind = 'webhook_secret'");
    assert_eq!(kept, 2);
}

#[test]
fn no_secret_is_stored_plain_and_all_leave_with_the_endpoint() {
    let receiver = Receiver::start();
    let (world, key, endpoint) = with_receiver(&receiver);
    let secret = endpoint["secret"].as_str().unwrap().to_owned();
    account::imported(&world, "ada@fan.sandbox.com");
    receiver.wait_for(1);
    for (place, bytes) in world.stored() {
        let found = crate::support::answer::find(&bytes, secret.as_bytes());
        assert!(found.is_none(), "the secret is in {place}");
    }
    ask(&world, &key, "DELETE", &endpoint, "").expect(200);
    let left = world
        .database()
        .number("SELECT COUNT(*) FROM sealed WHERE kind = 'webhook_secret'");
    assert_eq!(left, 0);
}
