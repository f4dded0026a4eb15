//! One phone on a TCP connection.

use std::{
    io::{Read, Write},
    net::{SocketAddrV4, TcpStream},
    time::Duration,
};

use anyhow::Context;

use super::{digest::authorization, message::Message};
use crate::device::Site;

/// A registered phone; its connection ends with it.
pub(crate) struct PhoneOnConnection(TcpStream);

impl PhoneOnConnection {
    pub(crate) fn register(device: SocketAddrV4, phone: &str) -> anyhow::Result<Self> {
        let connection = TcpStream::connect(device)?;
        connection.set_nodelay(true)?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut registering = Self(connection);
        let challenge = registering.ask(device, phone, 1, "")?;
        let uri = format!("sip:{device}");
        let message = Message::read(challenge.as_bytes());
        let answer = message.and_then(|message| {
            message.all("WWW-Authenticate").find_map(|value| authorization(value, phone, &Site::password(phone), &uri))
        });
        let answer = answer.with_context(|| format!("{phone} was not challenged: {challenge}"))?;
        let registered = registering.ask(device, phone, 2, &format!("Authorization: {answer}\r\n"))?;
        anyhow::ensure!(registered.starts_with("SIP/2.0 200"), "{phone} is not registered: {registered}");
        Ok(registering)
    }

    fn ask(&mut self, device: SocketAddrV4, phone: &str, number: u32, authorization: &str) -> anyhow::Result<String> {
        let at = self.0.local_addr()?;
        let request = format!(
            "REGISTER sip:{device} SIP/2.0\r\nVia: SIP/2.0/TCP {at};branch=z9hG4bK{number}{}\r\nFrom: <sip:{phone}@{device}>;tag=c\r\n\
             To: <sip:{phone}@{device}>\r\nCall-ID: connection-{}\r\nCSeq: {number} REGISTER\r\nContact: <sip:{phone}@{at};transport=tcp>\r\n\
             {authorization}Expires: 600\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            at.port(),
            at.port()
        );
        self.0.write_all(request.as_bytes())?;
        let (mut heard, mut buffer) = (String::new(), [0; 4096]);
        while !heard.ends_with("\r\n\r\n") {
            let length = self.0.read(&mut buffer)?;
            anyhow::ensure!(length > 0, "the server closed the connection");
            heard += &String::from_utf8_lossy(&buffer[..length]);
        }
        Ok(heard)
    }
}
