//! ID tokens: a signed statement about who signed in (OpenID Connect Core 3.1.3.7, JWT of RFC 7519).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::keys::{Algorithm, KeySet};

/// What clocks may differ by.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Characters of a token.
const MOST: usize = 64 << 10;

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wrong {
    #[error("it is no ID token signed by RS256 or ES256")]
    Form,
    #[error("no key of the provider has signed it")]
    Signature,
    #[error("another issuer made it")]
    Issuer,
    #[error("it is meant for another client")]
    Audience,
    #[error("it has expired, or is from the future")]
    Time,
    #[error("it belongs to another sign-in")]
    Nonce,
}

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

#[derive(Deserialize)]
struct Head {
    alg: Algorithm,
    kid: Option<String>,
    crit: Option<Value>,
}

/// The name of the key a token says it was signed with.
pub(super) fn key_of(token: &str) -> Option<String> {
    head(token)?.kid
}

/// The claims of a token that holds.
pub(super) fn claims(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Map<String, Value>, Wrong> {
    let head = head(token).ok_or(Wrong::Form)?;
    let (message, signature) = token.rsplit_once('.').ok_or(Wrong::Form)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Wrong::Form)?;
    if !keys.signed(head.alg, head.kid.as_deref(), message.as_bytes(), &signature) {
        return Err(Wrong::Signature);
    }
    // Nothing in it was looked at before this.
    let body = message.split_once('.').and_then(|(_, body)| URL_SAFE_NO_PAD.decode(body).ok()).ok_or(Wrong::Form)?;
    let claims: Map<String, Value> = serde_json::from_slice(&body).map_err(|_| Wrong::Form)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Wrong::Issuer);
    }
    if !is_for(&claims, expected.client_id) {
        return Err(Wrong::Audience);
    }
    let second = |name: &str| claims.get(name).and_then(Value::as_f64).and_then(|at| Timestamp::from_second(at as i64).ok());
    let ends = second("exp").ok_or(Wrong::Form)?;
    let begins = [second("iat"), second("nbf")].into_iter().flatten().max().unwrap_or(Timestamp::UNIX_EPOCH);
    if expected.now >= ends.saturating_add(SKEW).unwrap_or(ends) || begins.saturating_sub(SKEW).unwrap_or(begins) > expected.now {
        return Err(Wrong::Time);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(Wrong::Nonce);
    }
    Ok(claims)
}

fn head(token: &str) -> Option<Head> {
    if token.len() > MOST || token.matches('.').count() != 2 {
        return None;
    }
    let head: Head = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?).ok()?;
    // RFC 7515 4.1.11: what must be understood and is not.
    head.crit.is_none().then_some(head)
}

/// Whether a token is for this client, and for nobody else unless it was given to this one.
fn is_for(claims: &Map<String, Value>, client_id: &str) -> bool {
    let (for_us, for_others) = match claims.get("aud") {
        Some(Value::String(one)) => (one == client_id, false),
        Some(Value::Array(several)) => (several.iter().any(|one| one == client_id), several.len() > 1),
        _ => (false, false),
    };
    let given_to_us = claims.get("azp").map_or(!for_others, |given| given == client_id);
    for_us && given_to_us
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
    };
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    /// A provider with one key.
    struct Signer(EcdsaKeyPair);

    impl Signer {
        fn new() -> Self {
            Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
        }

        fn keys(&self) -> KeySet {
            let point = self.0.public_key().as_ref();
            let part = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
            let key = json!({ "kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "x": part(&point[1..33]), "y": part(&point[33..]) });
            serde_json::from_value(json!({ "keys": [{ "kty": "oct", "k": "x" }, key] })).expect("keys")
        }

        fn sign(&self, head: &Value, claims: &Value) -> String {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let message = format!("{}.{}", part(head), part(claims));
            let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature");
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }

    fn head() -> Value {
        json!({ "alg": "ES256", "kid": "1" })
    }

    fn good() -> Value {
        json!({ "iss": "https://p.example", "aud": "desk", "exp": NOW + 300, "iat": NOW, "nonce": "n", "email": "anna@example.com" })
    }

    fn check(token: &str, keys: &KeySet) -> Result<Map<String, Value>, Wrong> {
        let now = Timestamp::from_second(NOW).expect("a time");
        claims(token, keys, &Expected { issuer: "https://p.example", client_id: "desk", nonce: "n", now })
    }

    #[test]
    fn a_good_one_is_taken_and_each_thing_that_is_wrong_is_named() {
        let signer = Signer::new();
        let keys = signer.keys();
        assert_eq!(check(&signer.sign(&head(), &good()), &keys).map(|claims| claims["email"].clone()), Ok(json!("anna@example.com")));
        let cases = [
            ("iss", json!("https://p.example/"), Wrong::Issuer),
            ("aud", json!("another"), Wrong::Audience),
            ("aud", json!(["desk", "another"]), Wrong::Audience),
            ("aud", json!([]), Wrong::Audience),
            ("azp", json!("another"), Wrong::Audience),
            ("exp", json!(NOW - 60), Wrong::Time),
            ("exp", json!("later"), Wrong::Form),
            ("iat", json!(NOW + 61), Wrong::Time),
            ("nbf", json!(NOW + 61), Wrong::Time),
            ("nonce", json!("another"), Wrong::Nonce),
            ("nonce", Value::Null, Wrong::Nonce),
        ];
        for (name, value, wrong) in cases {
            let mut claims = good();
            claims[name] = value.clone();
            assert_eq!(check(&signer.sign(&head(), &claims), &keys), Err(wrong), "{name}: {value}");
        }
        let mut shared = good();
        (shared["aud"], shared["azp"]) = (json!(["desk", "another"]), json!("desk"));
        assert!(check(&signer.sign(&head(), &shared), &keys).is_ok());
        let mut skewed = good();
        (skewed["exp"], skewed["iat"]) = (json!(NOW - 59), json!(NOW + 60));
        assert!(check(&signer.sign(&head(), &skewed), &keys).is_ok());
    }

    #[test]
    fn no_other_key_and_no_other_way_to_sign_counts() {
        let (signer, other) = (Signer::new(), Signer::new());
        let (keys, token) = (signer.keys(), signer.sign(&head(), &good()));
        assert_eq!(check(&other.sign(&head(), &good()), &keys), Err(Wrong::Signature));
        assert_eq!(check(&signer.sign(&json!({ "alg": "ES256", "kid": "2" }), &good()), &keys), Err(Wrong::Signature));
        assert!(check(&signer.sign(&json!({ "alg": "ES256" }), &good()), &keys).is_ok(), "one without a name is tried with all");
        for head in [json!({ "alg": "none" }), json!({ "alg": "HS256", "kid": "1" }), json!({ "alg": "ES256", "crit": ["x"] }), json!({})] {
            assert_eq!(check(&signer.sign(&head, &good()), &keys), Err(Wrong::Form), "{head}");
        }
        assert_eq!(check(&signer.sign(&json!({ "alg": "RS256", "kid": "1" }), &good()), &keys), Err(Wrong::Signature));
        let (message, signature) = token.rsplit_once('.').expect("a token");
        let (start, body) = message.split_once('.').expect("a token");
        let mut claims = good();
        claims["email"] = json!("admin@example.com");
        let forged = format!("{start}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        assert_eq!(check(&forged, &keys), Err(Wrong::Signature));
        for cut in [format!("{start}.{body}."), format!("{start}.{body}"), String::new(), "a.b.c.d".to_owned()] {
            assert!(check(&cut, &keys).is_err(), "{cut}");
        }
    }

    /// Signed by OpenSSL.
    #[test]
    fn rs256_by_another_program_is_taken() {
        let keys: KeySet = serde_json::from_str(include_str!("rs256.keys.json")).expect("keys");
        let token = include_str!("rs256.token").trim();
        assert_eq!(check(token, &keys).map(|claims| claims["email"].clone()), Ok(json!("anna@example.com")));
        let (message, _) = token.rsplit_once('.').expect("a token");
        assert_eq!(check(&format!("{message}.{}", URL_SAFE_NO_PAD.encode([7; 256])), &keys), Err(Wrong::Signature));
    }
}
