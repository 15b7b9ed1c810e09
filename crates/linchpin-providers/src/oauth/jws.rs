//! Signatures of ID tokens (RFC 7515, RFC 7518, RFC 8037), by public keys only.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

/// A token whose signature has been looked at by nobody yet.
pub(super) struct Unverified<'a> {
    pub(super) header: Header,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// What a token says of its own signature.
#[derive(Deserialize)]
pub(super) struct Header {
    alg: String,
    pub(super) kid: Option<String>,
    /// Extensions that must be understood; none are.
    crit: Option<serde_json::Value>,
}

/// One key of a provider's set (RFC 7517); what is not needed to verify is left out.
#[derive(Deserialize)]
pub(super) struct Key {
    kty: String,
    #[serde(rename = "use")]
    intended: Option<String>,
    alg: Option<String>,
    pub(super) kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// How a signature is made. What is not listed, `none` and shared keys above all, is not accepted.
enum Algorithm {
    Rsa(&'static RsaParameters),
    Curve {
        name: &'static str,
        of: &'static signature::EcdsaVerificationAlgorithm,
    },
    Edwards,
}

impl Algorithm {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            "RS384" => Self::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            "RS512" => Self::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            "PS256" => Self::Rsa(&signature::RSA_PSS_2048_8192_SHA256),
            "PS384" => Self::Rsa(&signature::RSA_PSS_2048_8192_SHA384),
            "PS512" => Self::Rsa(&signature::RSA_PSS_2048_8192_SHA512),
            "ES256" => Self::Curve {
                name: "P-256",
                of: &signature::ECDSA_P256_SHA256_FIXED,
            },
            "ES384" => Self::Curve {
                name: "P-384",
                of: &signature::ECDSA_P384_SHA384_FIXED,
            },
            "EdDSA" | "Ed25519" => Self::Edwards,
            _ => return None,
        })
    }
}

impl<'a> Unverified<'a> {
    /// Takes a token in the compact form apart; `None` where it is none.
    pub(super) fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        Some(Self {
            header: serde_json::from_slice(&decoded(header)?).ok()?,
            signed,
            payload: decoded(payload)?,
            signature: decoded(signature)?,
        })
    }

    /// What was signed, where this key has signed it.
    pub(super) fn verified(&self, key: &Key) -> Option<&[u8]> {
        let algorithm = Algorithm::named(&self.header.alg)?;
        let is_meant = key.intended.as_deref().is_none_or(|usage| usage == "sig")
            && key.alg.as_ref().is_none_or(|alg| *alg == self.header.alg)
            && self.header.crit.is_none();
        if !is_meant {
            return None;
        }
        let message = self.signed.as_bytes();
        let outcome = match algorithm {
            Algorithm::Rsa(parameters) if key.kty == "RSA" => RsaPublicKeyComponents {
                n: unpadded(&decoded(key.n.as_ref()?)?).to_vec(),
                e: unpadded(&decoded(key.e.as_ref()?)?).to_vec(),
            }
            .verify(parameters, message, &self.signature),
            Algorithm::Curve { name, of }
                if key.kty == "EC" && key.crv.as_deref() == Some(name) =>
            {
                let (x, y) = (decoded(key.x.as_ref()?)?, decoded(key.y.as_ref()?)?);
                let point = [&[4_u8][..], &x, &y].concat();
                UnparsedPublicKey::new(of, point).verify(message, &self.signature)
            }
            Algorithm::Edwards if key.kty == "OKP" && key.crv.as_deref() == Some("Ed25519") => {
                UnparsedPublicKey::new(&signature::ED25519, decoded(key.x.as_ref()?)?)
                    .verify(message, &self.signature)
            }
            _ => return None,
        };
        outcome.ok().map(|()| self.payload.as_slice())
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Some providers write a zero byte before the number, which `ring` refuses.
fn unpadded(number: &[u8]) -> &[u8] {
    match number {
        [0, rest @ ..] => rest,
        _ => number,
    }
}
