//! What an ID token says, once it is known to be meant (OpenID Connect Core 1.0, 3.1.3.7).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::jws::{Key, Unverified};

/// Seconds that the clocks of the two sides may differ by.
const LEEWAY: i64 = 60;

/// What an ID token has to say to be taken.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    /// The nonce of the trip; `None` for a token that came with a renewal.
    pub(super) nonce: Option<&'a str>,
    /// Seconds since 1970.
    pub(super) now: i64,
}

/// Why an ID token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is no signed token of the compact form")]
    Malformed,
    #[error("none of the provider's keys has signed it, or not by an algorithm that is accepted")]
    Signature,
    #[error("a claim that it must have is missing or of another type")]
    Claims,
    #[error("its issuer is another")]
    Issuer,
    #[error("it is not for us")]
    Audience,
    #[error("it has expired")]
    Expired,
    #[error("it is from the future: compare the clocks")]
    Early,
    #[error("it does not belong to this sign-in")]
    Nonce,
}

/// The claims that are checked.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn is_ours(&self, client_id: &str, authorized: Option<&str>) -> bool {
        match self {
            Self::One(one) => one == client_id && authorized.is_none_or(|azp| azp == client_id),
            // Who else may read it is no matter, as long as it was made for us.
            Self::Many(many) if many.len() > 1 => {
                many.iter().any(|one| one == client_id) && authorized == Some(client_id)
            }
            Self::Many(many) => {
                many.iter().any(|one| one == client_id)
                    && authorized.is_none_or(|azp| azp == client_id)
            }
        }
    }
}

/// Whether a key that is not among these may have signed the token.
pub(super) fn wants_another_key(token: &str, keys: &[Key]) -> bool {
    let Some(unverified) = Unverified::parse(token) else {
        return false;
    };
    match &unverified.header.kid {
        Some(kid) => !keys.iter().any(|key| key.kid.as_ref() == Some(kid)),
        None => !keys.iter().any(|key| unverified.verified(key).is_some()),
    }
}

/// All claims of a token that these keys have signed and that is what was expected.
pub(super) fn claims(
    token: &str,
    keys: &[Key],
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, Fault> {
    let unverified = Unverified::parse(token).ok_or(Fault::Malformed)?;
    let kid = unverified.header.kid.as_ref();
    let payload = keys
        .iter()
        .filter(|key| kid.is_none() || key.kid.as_ref() == kid)
        .find_map(|key| unverified.verified(key))
        .ok_or(Fault::Signature)?;
    let claims: Claims = serde_json::from_slice(payload).map_err(|_| Fault::Claims)?;
    judged(&claims, expected)?;
    serde_json::from_slice(payload).map_err(|_| Fault::Claims)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds since 1970 are exact in a float for millions of years"
)]
fn judged(claims: &Claims, expected: &Expected<'_>) -> Result<(), Fault> {
    let (now, leeway) = (expected.now as f64, LEEWAY as f64);
    if claims.sub.is_empty() {
        return Err(Fault::Claims);
    }
    if claims.iss != expected.issuer {
        return Err(Fault::Issuer);
    }
    if !claims
        .aud
        .is_ours(expected.client_id, claims.azp.as_deref())
    {
        return Err(Fault::Audience);
    }
    if claims.exp + leeway <= now {
        return Err(Fault::Expired);
    }
    if claims.iat > now + leeway || claims.nbf.is_some_and(|nbf| nbf > now + leeway) {
        return Err(Fault::Early);
    }
    match expected.nonce {
        Some(nonce) if claims.nonce.as_deref() != Some(nonce) => Err(Fault::Nonce),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::oauth::tests::Signer;

    const NOW: i64 = 1_800_000_000;

    fn expected() -> Expected<'static> {
        Expected {
            issuer: "https://id.example",
            client_id: "linchpin",
            nonce: Some("n-1"),
            now: NOW,
        }
    }

    fn good() -> Value {
        json!({
            "iss": "https://id.example", "sub": "jane", "aud": "linchpin",
            "exp": NOW + 300, "iat": NOW, "nonce": "n-1",
        })
    }

    fn header() -> Value {
        json!({ "alg": "ES256", "kid": "k1" })
    }

    fn fault(claims: &Value) -> Option<Fault> {
        let signer = Signer::new();
        let token = signer.token(&header(), claims);
        super::claims(&token, &[signer.key("k1")], &expected()).err()
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    #[test]
    fn a_token_that_is_meant_for_this_sign_in_is_taken() {
        assert_eq!(fault(&good()), None);
        let mut shared = with("aud", json!(["linchpin", "another"]));
        shared["azp"] = json!("linchpin");
        assert_eq!(fault(&shared), None);
        assert_eq!(fault(&with("exp", json!(NOW - 59))), None, "clocks differ");
    }

    #[test]
    fn each_claim_that_is_not_as_expected_is_refused() {
        let mut party = good();
        party["azp"] = json!("another");
        for (claims, why) in [
            (with("iss", json!("https://id.example/")), Fault::Issuer),
            (with("aud", json!("another")), Fault::Audience),
            (with("aud", json!(["linchpin", "another"])), Fault::Audience),
            (with("aud", json!([])), Fault::Audience),
            (party, Fault::Audience),
            (with("exp", json!(NOW - 61)), Fault::Expired),
            (with("iat", json!(NOW + 61)), Fault::Early),
            (with("nbf", json!(NOW + 61)), Fault::Early),
            (with("nonce", json!("n-2")), Fault::Nonce),
            (with("nonce", Value::Null), Fault::Nonce),
            (with("exp", json!("9999999999")), Fault::Claims),
            (with("sub", json!("")), Fault::Claims),
            (with("iat", Value::Null), Fault::Claims),
        ] {
            assert_eq!(fault(&claims), Some(why), "{claims}");
        }
    }

    #[test]
    fn a_signature_by_nobody_by_another_or_over_other_claims_is_refused() {
        let (ours, theirs) = (Signer::new(), Signer::new());
        let keys = [ours.key("k1")];
        let refused = |token: &str| super::claims(token, &keys, &expected()).err();
        assert_eq!(
            refused(&theirs.token(&header(), &good())),
            Some(Fault::Signature)
        );
        let token = ours.token(&header(), &good());
        let signature = token.rsplit_once('.').unwrap().1;
        let other = ours.token(&header(), &with("sub", json!("eve")));
        let swapped = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
        assert_eq!(refused(&swapped), Some(Fault::Signature));
        for alg in ["none", "HS256", "RS256", "ES384", "es256"] {
            let token = ours.token(&json!({ "alg": alg, "kid": "k1" }), &good());
            assert_eq!(refused(&token), Some(Fault::Signature), "{alg}");
        }
        let critical = json!({ "alg": "ES256", "kid": "k1", "crit": ["b64"], "b64": false });
        let token = ours.token(&critical, &good());
        assert_eq!(refused(&token), Some(Fault::Signature));
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert_eq!(refused(&unsigned), Some(Fault::Signature));
        assert_eq!(refused("a.b"), Some(Fault::Malformed));
    }

    #[test]
    fn only_a_key_that_is_missing_is_worth_asking_the_provider_for() {
        let (ours, new) = (Signer::new(), Signer::new());
        let keys = [ours.key("k1")];
        let token = |signer: &Signer, kid: &str| {
            signer.token(&json!({ "alg": "ES256", "kid": kid }), &good())
        };
        assert!(!wants_another_key(&token(&ours, "k1"), &keys));
        assert!(!wants_another_key(&token(&new, "k1"), &keys));
        assert!(wants_another_key(&token(&new, "k2"), &keys));
        assert!(!wants_another_key("nonsense", &keys));
        let nameless = |signer: &Signer| signer.token(&json!({ "alg": "ES256" }), &good());
        assert!(!wants_another_key(&nameless(&ours), &keys));
        assert!(wants_another_key(&nameless(&new), &keys));
    }

    /// A key and two tokens that OpenSSL has made.
    #[test]
    fn both_kinds_of_rsa_signatures_are_verified() {
        let key: Key = serde_json::from_value(json!({
            "kty": "RSA", "e": "AQAB",
            "n": "s4Ya_6UqPR9zGANtnSBtbNe5eTbzVCwSCFlPxjLi6XFee5LPATTj6kJhGERzSUdj9LQTY-EqrNZywEAPH1-uSBwF5rBvTdcjEBCM0KjjiJ2kmHDdcL449gjMzjnai1Z19L1mv46qBvcnF5J1CnjjXjuPRXQ-h4soc-Al7yMTc013OZJpi-deJ8yl_9uvxgkySf8alWfhPcSpgXtMio9e4V3NYWhEJf_OnTcGasMq5vccDKBPDOSTsdJQihp9zHf_tUyjo7OTGNFg5-hjO0tvn7oABFQ_Rgj8F5VIg-tHU6xqtSewHatHCr6lmoq7NwJhcsnq2Dk8DPFCndxd8pAsQw",
        }))
        .unwrap();
        for token in [
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ.pfqdz-Ae6d8Zi3uvAbaWUwEjU9t3-bYI5lFIkpJPk0kdnjj_E9-jl25YmVGB7okPVJhK5Q3tpB_6pGiV5aMbXM8mCC02an7zoKJqfSxRVo_rn-BazvGV1J-EvXhyXHUYqY4ZyqQZdlFHqHn2h1h_88pekV1bze_2ICVaxLffUwFkPJ2_PCJ-jiaKXJ1UC4hW2s2QUPBeGZrqqHoRBhE8LrxjP6hLNhFHDrs9A_XgECjElQJ45K5gsennsrggNtVzomUvQUk6ZWv6IKfNLyouMHrYlqTRiVnJTI6cgJPwUyByuKGhpy-ic4K-oRoXyyw6jUYfb1NHPciDH9XCnA9h-w",
            "eyJhbGciOiJQUzI1NiJ9.eyJpc3MiOiJqb2UifQ.r4ksuq0zqNvoS6m4VWcvfhXpvmJILO0_74YaQrETnPISFh6MqY4mlPiQR30L7ZubybHDoic6do8E-uiYvVMBE_oc08PPw8Osc7Ulx4zJO2FRGiCRFkb0hD9qAhcSYWBFMGuxuLXL5we2FJO3OQv-ULZXVWiENdKKLWzta1LXETZEDaUB5pkQBDxEGjJjdp1AjTazxcNbBZECZxeQwDF_QCa_a1e5T0TIRAGnIKUKqAxHSBuiQtYgs91e0iT-gcMgLiRvAuD1S0KJWAQq3TZ6kBotK5VTShkt7bFgBmMj7cDA9GqFLsn8kU3YWC7vC4cEKkPhf66tOWvJoDUo4Q6qDg",
        ] {
            let unverified = Unverified::parse(token).unwrap();
            assert_eq!(unverified.verified(&key), Some(&br#"{"iss":"joe"}"#[..]));
            let tampered = token.replace("eyJpc3MiOiJqb2Ui", "eyJpc3MiOiJqb2Yi");
            let unverified = Unverified::parse(&tampered).unwrap();
            assert!(unverified.verified(&key).is_none());
        }
    }
}
