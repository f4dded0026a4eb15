//! A person at the API.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::{Server, until};

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct Person {
    base: String,
    token: String,
    client: Client,
}

/// What the API answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Seconds after which to ask again, if it said so.
    pub retry_after: Option<u64>,
    /// The body; null if it was empty.
    pub body: Value,
}

impl Person {
    /// Signs in.
    ///
    /// # Panics
    /// When the password is refused.
    pub async fn sign_in(server: &Server, login: &str, password: &str) -> Self {
        let base = format!("http://{}/api/v1", server.bound.http);
        let nobody = Self { base, token: String::new(), client: Client::new() };
        let opened = nobody.post("/session", json!({ "login": login, "password": password })).await;
        assert_eq!(opened.status, 201, "{login} signs in: {opened:?}");
        Self { token: opened.body["token"].as_str().expect("a token").to_owned(), ..nobody }
    }

    /// Reads what must be there.
    ///
    /// # Panics
    /// When the status is not 200.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "GET {path}: {answer:?}");
        answer.body
    }

    /// What is presented as Bearer.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Reads, whatever the answer.
    pub async fn asks(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    /// The status of a read.
    pub async fn status(&self, path: &str) -> u16 {
        self.ask(Method::GET, path, None).await.status
    }

    /// Writes with PUT.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, Some(body)).await
    }

    /// Writes with POST.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Reads until `fits` says so; what fitted.
    ///
    /// # Panics
    /// With `what` and the last answer, when it never does.
    pub async fn sees(&self, path: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        until(&format!("{what} at {path}"), async || {
            last = self.get(path).await;
            fits(&last).then(|| last.clone())
        })
        .await
    }

    /// Bytes of a file, whole or `FIRST-LAST`; with the status.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn download(&self, path: &str, range: Option<&str>) -> (u16, Vec<u8>) {
        let mut request = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(range) = range {
            request = request.header("Range", format!("bytes={range}"));
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("GET {path}: {error}"));
        (answer.status().as_u16(), answer.bytes().await.expect("a body").to_vec())
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get("retry-after").and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let text = answer.text().await.expect("a text");
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
        Answer { status, retry_after, body }
    }
}
