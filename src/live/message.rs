//! Messages as text. The part that is the same for all readers is made once; `prev` is each reader's own.

use jiff::Timestamp;
use serde::Serialize;

use super::news::News;

/// `"type":"...","data":{...}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body(Box<str>);

impl Body {
    /// A message that says how things stand.
    pub(super) fn of(news: &News) -> Self {
        Self::within(news)
    }

    /// A fact, whose own form has type and data already.
    pub(super) fn of_fact(fact: &carillon_model::Fact) -> Self {
        Self::within(fact)
    }

    fn within(tagged: &impl Serialize) -> Self {
        // Our own types always have a JSON form.
        let text = serde_json::to_string(tagged).unwrap_or_default();
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        Self(inner.unwrap_or("\"type\":\"fault\",\"data\":{}").into())
    }
}

/// Where a message belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) epoch: u64,
    /// Its place in the chain; `None`: beside it.
    pub(super) seq: Option<u64>,
    pub(super) prev: u64,
    pub(super) at: Timestamp,
}

impl Head {
    /// The whole message.
    pub(super) fn with(self, body: &Body) -> String {
        let Self { epoch, prev, at, .. } = self;
        let body = &body.0;
        match self.seq {
            Some(seq) => format!(r#"{{"epoch":{epoch},"seq":{seq},"prev":{prev},"at":"{at}",{body}}}"#),
            None => format!(r#"{{"epoch":{epoch},"prev":{prev},"at":"{at}",{body}}}"#),
        }
    }
}
