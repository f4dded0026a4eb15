//! Codes of six digits that change every half minute (TOTP, RFC 6238, over HOTP, RFC 4226), as every authenticator takes them: SHA-1, 30 s.

use aws_lc_rs::hmac;
use jiff::Timestamp;

use super::escaped::escaped;

/// Octets of a secret (RFC 4226 4 asks for 160 bits).
const SECRET: usize = 20;
/// How long a code stands, seconds.
const STEP_S: i64 = 30;
/// Steps before and after the present one whose codes are taken: clocks differ, and people type slowly (RFC 6238 5.2).
const DRIFT: u64 = 1;
/// Digits of a code.
const DIGITS: usize = 6;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret.
pub fn secret() -> [u8; SECRET] {
    rand::random()
}

/// The step whose code `typed` is: near `now`, and later than `last_step`, the one that was used last.
pub fn step_of(typed: &str, secret: &[u8], now: Timestamp, last_step: u64) -> Option<u64> {
    let present = step_at(now);
    let near = present.saturating_sub(DRIFT)..=present + DRIFT;
    let digits = Some(typed).filter(|typed| typed.len() == DIGITS && typed.bytes().all(|digit| digit.is_ascii_digit()))?;
    near.into_iter().find(|step| *step > last_step && code(secret, *step) == digits)
}

/// The code of a step.
pub fn code(secret: &[u8], step: u64) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret), &step.to_be_bytes());
    let tag = tag.as_ref();
    // RFC 4226 5.3: four octets from where the last half octet says.
    let from = usize::from(tag[tag.len() - 1] & 0xf);
    let number = tag[from..from + 4].iter().fold(0_u32, |number, octet| number << 8 | u32::from(*octet)) & 0x7fff_ffff;
    format!("{:0DIGITS$}", number % 10_u32.pow(DIGITS as u32))
}

/// The step of a moment.
pub fn step_at(now: Timestamp) -> u64 {
    u64::try_from(now.as_second() / STEP_S).unwrap_or(0)
}

/// A secret as people type it (RFC 4648 6, without padding, which 160 bits do not need).
pub fn base32(secret: &[u8]) -> String {
    let bit = |place: usize| secret[place / 8] >> (7 - place % 8) & 1;
    let letter = |first: usize| (first..first + 5).fold(0, |value, place| value << 1 | bit(place));
    (0..secret.len() * 8 / 5).map(|letters| char::from(BASE32[usize::from(letter(letters * 5))])).collect()
}

/// What an authenticator scans.
pub fn address(secret: &[u8], login: &str) -> String {
    format!(
        "otpauth://totp/Carillon:{}?secret={}&issuer=Carillon&algorithm=SHA1&digits={DIGITS}&period={STEP_S}",
        escaped(login),
        base32(secret)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 Appendix B.
    const RFC: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        let cases =
            [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037")];
        for (second, expected) in cases {
            assert_eq!(code(RFC, step_at(Timestamp::from_second(second).expect("a time"))), expected, "{second}");
        }
        // RFC 4648 10, and the secret above as authenticators show it.
        assert_eq!(base32(b"fooba"), "MZXW6YTB");
        assert_eq!(base32(RFC), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_is_taken_once_and_near_its_time() {
        let now = Timestamp::from_second(1_111_111_111).expect("a time");
        let present = step_at(now);
        let try_ = |step: u64, last: u64| step_of(&code(RFC, step), RFC, now, last);
        assert_eq!(try_(present, 0), Some(present));
        assert_eq!(try_(present - 1, 0), Some(present - 1));
        assert_eq!(try_(present + 1, 0), Some(present + 1));
        assert_eq!((try_(present - 2, 0), try_(present + 2, 0)), (None, None));
        assert_eq!(try_(present, present), None, "used already");
        assert_eq!(try_(present - 1, present), None, "older than one that was used");
        assert_eq!(try_(present + 1, present), Some(present + 1));
        for typed in ["", "5047", "0504711", "05047a", "０５０４７１"] {
            assert_eq!(step_of(typed, RFC, now, 0), None, "{typed}");
        }
    }

    #[test]
    fn an_address_names_product_login_and_secret() {
        let expected = "otpauth://totp/Carillon:anna%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Carillon&algorithm=SHA1&digits=6&period=30";
        assert_eq!(address(RFC, "anna@example.com"), expected);
    }
}
