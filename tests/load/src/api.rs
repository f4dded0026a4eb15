//! As much of HTTP as the load needs: signing in, and asking how a phone stands, over one connection.

use std::{
    cell::RefCell,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
};

use anyhow::Context;
use serde_json::{Value, json};

/// Somebody who has signed in.
pub(crate) struct Api {
    connection: RefCell<BufReader<TcpStream>>,
    cookie: String,
}

impl Api {
    /// Signs in at the address in the ready file.
    pub(crate) fn sign_in(ready: &Path, login: &str, password: &str) -> anyhow::Result<Self> {
        let at = address(ready)?;
        let connection = TcpStream::connect(at)?;
        connection.set_nodelay(true)?;
        let mut api = Self { connection: RefCell::new(BufReader::new(connection)), cookie: String::new() };
        let body = json!({ "login": login, "password": password }).to_string();
        let (head, said) = api.ask("POST", "/api/v1/session", &body)?;
        let cookie = head.lines().find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")));
        api.cookie = cookie.and_then(|(_, value)| value.split(';').next()).with_context(|| format!("nobody signed in: {said}"))?.to_owned();
        Ok(api)
    }

    /// What other requests of the same session show.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Whether a phone is registered.
    pub(crate) fn is_registered(&self, name: &str) -> anyhow::Result<bool> {
        let (_, said) = self.ask("GET", "/api/v1/phones", "")?;
        let phones: Value = serde_json::from_str(&said)?;
        let phone = phones.as_array().and_then(|phones| phones.iter().find(|phone| phone["name"] == name));
        phone.and_then(|phone| phone["registered"].as_bool()).with_context(|| format!("{name} is unknown: {said}"))
    }

    /// Head and body of an answer.
    fn ask(&self, method: &str, path: &str, body: &str) -> anyhow::Result<(String, String)> {
        let mut connection = self.connection.borrow_mut();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: carillon\r\nCookie: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.cookie,
            body.len()
        );
        connection.get_mut().write_all(request.as_bytes())?;
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            anyhow::ensure!(connection.read_line(&mut line)? > 0, "the server closed the connection");
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
                length = value.trim().parse().with_context(|| format!("{name}: {value}"))?;
            }
            head += &line;
        }
        let mut said = vec![0; length];
        connection.read_exact(&mut said)?;
        Ok((head, String::from_utf8_lossy(&said).into_owned()))
    }
}

/// Where the server that wrote a ready file takes requests.
pub(crate) fn address(ready: &Path) -> anyhow::Result<String> {
    let ready: Value = serde_json::from_str(&std::fs::read_to_string(ready)?)?;
    Ok(ready["http"].as_str().context("the ready file names no HTTP address")?.to_owned())
}
