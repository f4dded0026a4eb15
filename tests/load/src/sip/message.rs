//! As much of a SIP message as the load needs. Its senders are the device under test and ourselves: what cannot be read is dropped.

/// A message, by lines.
pub(crate) struct Message<'a> {
    pub(crate) start: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: &'a str,
}

impl<'a> Message<'a> {
    pub(crate) fn read(datagram: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(datagram).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let start = lines.next()?;
        let headers = lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.trim(), value.trim())).collect();
        Some(Self { start, headers, body })
    }

    /// The status of a response.
    pub(crate) fn status(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The method of a request.
    pub(crate) fn method(&self) -> Option<&'a str> {
        self.start.strip_suffix(" SIP/2.0")?.split(' ').next()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Every value of a header, in order.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The method in CSeq: whose answer a response is.
    pub(crate) fn answers(&self) -> Option<&'a str> {
        self.header("CSeq")?.split_whitespace().nth(1)
    }

    /// A response to this request without a body or a tag of ours.
    pub(crate) fn response(&self, status: &str) -> String {
        let mut text = format!("SIP/2.0 {status}\r\n");
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            self.all(name).for_each(|value| text += &format!("{name}: {value}\r\n"));
        }
        text + "Content-Length: 0\r\n\r\n"
    }

    /// Where its SDP wants media (RFC 8866 5.7, 5.14).
    pub(crate) fn media(&self) -> Option<std::net::SocketAddrV4> {
        let line = |prefix| self.body.lines().find_map(|line| line.strip_prefix(prefix));
        let host = line("c=IN IP4 ")?.trim().parse().ok()?;
        let port = line("m=audio ")?.split(' ').next()?.parse().ok()?;
        Some(std::net::SocketAddrV4::new(host, port))
    }
}

/// The URI of a name-addr, without its angle brackets.
pub(crate) fn uri(value: &str) -> &str {
    value.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(value, |(uri, _)| uri)
}

/// The user of a URI.
pub(crate) fn user(uri: &str) -> Option<&str> {
    Some(uri.strip_prefix("sip:")?.split_once('@')?.0)
}

/// An offer or answer of ours: G.711 u-law at this address.
pub(crate) fn sdp(media: std::net::SocketAddrV4) -> String {
    let (host, port) = (media.ip(), media.port());
    format!(
        "v=0\r\no=load 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=sendrecv\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_load_needs_of_an_answer_is_found() {
        let media = "127.0.0.1:4000".parse().expect("an address");
        let text =
            format!("SIP/2.0 200 OK\r\nVia: a\r\nvia: b\r\nCSeq: 1 INVITE\r\nContact: \"x\" <sip:7@h:1;lr>;q=1\r\n\r\n{}", sdp(media));
        let message = Message::read(text.as_bytes()).expect("a message");
        assert_eq!((message.status(), message.answers(), message.method()), (Some(200), Some("INVITE"), None));
        assert_eq!(message.all("Via").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(message.header("contact").map(uri), Some("sip:7@h:1;lr"));
        assert_eq!(user("sip:7@h:1"), Some("7"));
        assert_eq!(message.media(), Some(media));
    }
}
