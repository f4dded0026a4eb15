//! The API as a program uses it.

use std::{net::SocketAddr, time::Duration};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Somebody who asks the API, signed in or not.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    pub(crate) fn new(server: SocketAddr) -> Self {
        Self { http: reqwest::Client::new(), base: format!("http://{server}/api/v1"), token: None }
    }

    /// Somebody who has a token already.
    pub(crate) fn with_token(server: SocketAddr, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::new(server) }
    }

    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) {
        let (status, opened) = self.post("/session", &json!({ "login": login, "password": password })).await;
        assert_eq!(status, 201, "{opened}");
        self.token = Some(opened["token"].as_str().expect("a token").to_owned());
    }

    /// What is presented as Bearer.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Logs an agent in with a phone, as soon as the server has seen it register.
    pub(crate) async fn choose_phone(&self, phone: &str) {
        eventually("the phone being there", async || {
            let (status, _) = self.put("/session/phone", &json!({ "phone": phone })).await;
            (status == 200).then_some(())
        })
        .await;
    }

    /// A request to be sent as it is or changed first.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> (u16, Value) {
        send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        send(self.request(Method::PUT, path).json(body)).await
    }
}

/// Status and body; a body that is no JSON reads null.
pub(crate) async fn send(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

/// Asks until there is something to give.
///
/// # Panics
/// When there is nothing for too long.
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let found = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            if let Some(found) = ask().await {
                return found;
            }
        }
    };
    tokio::time::timeout(carillon_kit::phone::PATIENCE, found).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
