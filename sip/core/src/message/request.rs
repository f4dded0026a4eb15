use bytes::{BufMut, Bytes, BytesMut};

use super::{HeaderName, HeaderValue, Headers, Method, Uri};

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The Request-URI.
    pub uri: Uri,
    /// The header fields.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// A request without headers or body.
    pub fn new(method: Method, uri: impl Into<Uri>) -> Self {
        Self { method, uri: uri.into(), headers: Headers::default(), body: Bytes::new() }
    }

    /// The same with a header field at the end.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The same with a body and its Content-Type.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.headers.set(HeaderName::ContentType, content_type);
        self.body = body.into();
        self
    }

    /// The request as it goes on the wire, Content-Length added.
    pub fn to_bytes(&self) -> Bytes {
        let uri = self.uri.to_string();
        let mut out = BytesMut::with_capacity(64 + uri.len() + self.headers.written_len() + self.body.len());
        out.put_slice(self.method.as_str().as_bytes());
        out.put_u8(b' ');
        // Fields of a URI are public: whatever was put there, the start line stays one line of three words.
        out.extend(uri.bytes().filter(|&b| b > b' '));
        out.put_slice(b" SIP/2.0\r\n");
        self.headers.write(&self.body, &mut out);
        out.freeze()
    }
}
