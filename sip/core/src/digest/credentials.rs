use crate::message::{Method, lex};

use super::{Ha1, hash::Algorithm};

/// The fields of a `Digest` header, challenge or credentials; names in lower case, values unquoted.
pub(super) struct Fields(Vec<(String, String)>);

/// A header that is not for us, or not well formed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoFields {
    OtherScheme,
    Malformed,
}

impl Fields {
    pub(super) fn parse(header: &[u8]) -> Result<Self, NoFields> {
        let text = lex::text(lex::trim(header));
        let (scheme, rest) = text.split_once([' ', '\t']).unwrap_or((&text, ""));
        if !scheme.eq_ignore_ascii_case("Digest") {
            return Err(NoFields::OtherScheme);
        }
        let mut fields: Vec<(String, String)> = Vec::new();
        for piece in lex::split(rest.as_bytes(), b',') {
            let piece = lex::text(lex::trim(piece)).into_owned();
            let (name, value) = piece.split_once('=').ok_or(NoFields::Malformed)?;
            let (name, value) = (name.trim_end().to_ascii_lowercase(), value.trim_start());
            let quoted = value.starts_with('"');
            let sound = if quoted { lex::quoted_end(value.as_bytes()) == Some(value.len()) } else { lex::is_token(value.as_bytes()) };
            // Twice the same field would let two readers see two users.
            if !sound || !lex::is_token(name.as_bytes()) || fields.iter().any(|(known, _)| *known == name) {
                return Err(NoFields::Malformed);
            }
            fields.push((name, lex::unquote(value).into_owned()));
        }
        Ok(Self(fields))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What an answer proves: the response hash is made of these (RFC 7616 3.4.1).
pub(super) struct Proof<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) nonce: &'a str,
    pub(super) nc: &'a str,
    pub(super) cnonce: &'a str,
    pub(super) method: &'a Method,
    pub(super) uri: &'a str,
}

impl Proof<'_> {
    pub(super) fn response(&self, ha1_hex: &str) -> String {
        let ha2 = self.algorithm.hex_of(&[self.method.as_str(), self.uri]);
        self.algorithm.hex_of(&[ha1_hex, self.nonce, self.nc, self.cnonce, "auth", &ha2])
    }
}

/// Answers a challenge: the value of an Authorization (or Proxy-Authorization) header. `nc` begins at 1 for each nonce and grows.
///
/// `None` when the challenge is no Digest, names an algorithm other than MD5 and SHA-256, or does not offer `qop=auth`.
pub fn answer(challenge: &[u8], user: &str, password: &str, method: &Method, uri: &str, nc: u32, cnonce: &str) -> Option<String> {
    let ha1 = |algorithm: Algorithm, realm: &str| Some(algorithm.hex_of(&[user, realm, password]));
    answer_with(challenge, user, ha1, method, uri, nc, cnonce)
}

/// The same by the stored hashes of a password, which are good for one realm alone: `None` when the challenge is of another.
pub fn answer_by_hash(
    challenge: &[u8],
    (user, realm, ha1): (&str, &str, &Ha1),
    method: &Method,
    uri: &str,
    nc: u32,
    cnonce: &str,
) -> Option<String> {
    let of_realm = |algorithm: Algorithm, named: &str| (named == realm).then(|| ha1.hex(algorithm));
    answer_with(challenge, user, of_realm, method, uri, nc, cnonce)
}

/// The realm of a challenge; `None` when it is no Digest.
pub fn realm(challenge: &[u8]) -> Option<String> {
    Fields::parse(challenge).ok()?.get("realm").map(str::to_owned)
}

fn answer_with(
    challenge: &[u8],
    user: &str,
    ha1: impl Fn(Algorithm, &str) -> Option<String>,
    method: &Method,
    uri: &str,
    nc: u32,
    cnonce: &str,
) -> Option<String> {
    let fields = Fields::parse(challenge).ok()?;
    let algorithm = Algorithm::named(fields.get("algorithm"))?;
    let (realm, nonce) = (fields.get("realm")?, fields.get("nonce")?);
    fields.get("qop")?.split(',').find(|offered| offered.trim().eq_ignore_ascii_case("auth"))?;
    let nc = format!("{nc:08x}");
    let ha1 = ha1(algorithm, realm)?;
    let response = Proof { algorithm, nonce, nc: &nc, cnonce, method, uri }.response(&ha1);
    let mut header = format!(
        "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\", algorithm={}, cnonce={}, qop=auth, nc={nc}",
        lex::quote(user),
        lex::quote(realm),
        lex::quote(nonce),
        lex::quote(uri),
        algorithm.token(),
        lex::quote(cnonce),
    );
    if let Some(opaque) = fields.get("opaque") {
        header.push_str(&format!(", opaque={}", lex::quote(opaque)));
    }
    Some(header)
}
