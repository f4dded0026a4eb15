use std::fmt;

use super::{HeaderError, HeaderName, Headers, Params, lex};
use crate::limits;

/// The dialog that a new one shall take the place of (RFC 3891), as its sender sees it: `to_tag` is the receiver's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaces {
    /// The Call-ID.
    pub call_id: String,
    /// The tag of the one who receives this.
    pub to_tag: String,
    /// The tag of that one's peer.
    pub from_tag: String,
    /// The dialog is meant only while nobody has answered.
    pub early_only: bool,
}

impl Replaces {
    /// Reads the value of a Replaces header, or of one in a Refer-To.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words for a log.
    pub fn parse(value: &[u8]) -> Result<Self, &'static str> {
        let value = lex::trim(value);
        let semicolon = value.iter().position(|&b| b == b';').ok_or("Replaces without tags")?;
        let call_id = lex::trim_end(&value[..semicolon]);
        if call_id.is_empty() || call_id.len() > limits::CALL_ID || !call_id.iter().all(u8::is_ascii_graphic) {
            return Err("bad Call-ID in Replaces");
        }
        let params = Params::parse(&value[semicolon + 1..])?;
        let tag = |name| params.value(name).filter(|tag| !tag.is_empty()).map(str::to_owned);
        Ok(Self {
            call_id: lex::text(call_id).into_owned(),
            to_tag: tag("to-tag").ok_or("Replaces without to-tag")?,
            from_tag: tag("from-tag").ok_or("Replaces without from-tag")?,
            early_only: params.has("early-only"),
        })
    }
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};to-tag={};from-tag={}", self.call_id, self.to_tag, self.from_tag)?;
        if self.early_only { f.write_str(";early-only") } else { Ok(()) }
    }
}

impl Headers {
    /// The Replaces header, if it is there.
    pub fn replaces(&self) -> Result<Option<Replaces>, HeaderError> {
        let value = self.get(&HeaderName::Replaces).map(Replaces::parse).transpose();
        value.map_err(|reason| HeaderError::new(HeaderName::Replaces, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_again_and_halves_are_refused() {
        let replaces = Replaces::parse(b"abc@host ; from-tag=f1;to-tag=t1 ;early-only").expect("it reads");
        assert_eq!((replaces.call_id.as_str(), replaces.to_tag.as_str(), replaces.from_tag.as_str()), ("abc@host", "t1", "f1"));
        assert_eq!(Replaces::parse(replaces.to_string().as_bytes()), Ok(replaces));
        for bad in
            ["", "abc", "abc;to-tag=1", "abc;from-tag=1", ";to-tag=1;from-tag=2", "a b;to-tag=1;from-tag=2", "abc;to-tag=;from-tag=2"]
        {
            assert!(Replaces::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
