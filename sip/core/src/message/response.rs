use bytes::{BufMut, Bytes, BytesMut};

use super::{HeaderName, HeaderValue, Headers, Request};

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status, 100 to 699.
    pub status: u16,
    /// The reason phrase; any bytes, may be empty.
    pub reason: Bytes,
    /// The header fields.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// A response with the usual reason phrase, without headers or body.
    pub fn new(status: u16) -> Self {
        let reason = Bytes::from_static(reason_phrase(status).as_bytes());
        Self { status, reason, headers: Headers::default(), body: Bytes::new() }
    }

    /// An answer to a request: every Via, and the first From, To, Call-ID and CSeq as they were written (RFC 3261 8.2.6.2). No To tag is added.
    pub fn to(request: &Request, status: u16) -> Self {
        let mut response = Self::new(status);
        response.headers.copy(&request.headers, &HeaderName::Via);
        for name in [HeaderName::From, HeaderName::To, HeaderName::CallId, HeaderName::CSeq] {
            response.headers.copy_first(&request.headers, &name);
        }
        response
    }

    /// The same with another reason phrase.
    #[must_use]
    pub fn with_reason(mut self, reason: &str) -> Self {
        self.reason = Bytes::copy_from_slice(reason.as_bytes());
        self
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

    /// 100 to 199.
    pub fn is_provisional(&self) -> bool {
        self.status < 200
    }

    /// 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The response as it goes on the wire, Content-Length added.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(64 + self.reason.len() + self.headers.written_len() + self.body.len());
        out.put_slice(format!("SIP/2.0 {:03} ", self.status).as_bytes());
        out.extend(self.reason.iter().filter(|b| !matches!(b, b'\r' | b'\n')));
        out.put_slice(b"\r\n");
        self.headers.write(&self.body, &mut out);
        out.freeze()
    }
}

/// The usual reason phrase of a status; that of its class where it has none.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        305 => "Use Proxy",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        412 => "Conditional Request Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        421 => "Extension Required",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        485 => "Ambiguous",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        493 => "Undecipherable",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        _ => match status / 100 {
            1 => "Progress",
            2 => "OK",
            3 => "Redirection",
            4 => "Request Failure",
            5 => "Server Failure",
            _ => "Global Failure",
        },
    }
}
