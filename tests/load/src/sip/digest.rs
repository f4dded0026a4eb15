//! The answer to a digest challenge (RFC 2617 with `qop=auth` and MD5: what most phones speak).

use md5::{Digest, Md5};

/// The value of `Authorization` for a REGISTER to `uri`; `None` if the challenge is not one for MD5.
pub(super) fn authorization(challenge: &str, user: &str, password: &str, uri: &str) -> Option<String> {
    if param(challenge, "algorithm").is_some_and(|algorithm| !algorithm.eq_ignore_ascii_case("MD5")) {
        return None;
    }
    let (realm, nonce) = (param(challenge, "realm")?, param(challenge, "nonce")?);
    let secret = hash(&format!("{user}:{realm}:{password}"));
    let method = hash(&format!("REGISTER:{uri}"));
    let response = hash(&format!("{secret}:{nonce}:00000001:load:auth:{method}"));
    Some(format!(
        "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"load\""
    ))
}

fn param<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    challenge.strip_prefix("Digest ")?.split(',').find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"'))
    })
}

fn hash(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_the_one_a_registrar_computes() {
        let challenge = "Digest realm=\"carillon\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"";
        let answer = authorization(challenge, "1001", "pw", "sip:h").expect("an answer");
        // md5(md5("1001:carillon:pw"):abc:00000001:load:auth:md5("REGISTER:sip:h")), by md5sum.
        assert!(answer.contains("response=\"024f7216893dde3b53cc7e869a90cf6f\""), "{answer}");
        assert_eq!(authorization("Digest realm=\"x\", nonce=\"y\", algorithm=SHA-256", "1", "2", "3"), None);
    }
}
