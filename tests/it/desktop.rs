//! A desktop that listens to the live stream and finds every hole in it.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::Request},
};

use crate::{client::Client, event_schema, site::Site};

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) struct Desktop {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) epoch: u64,
    /// Last `seq` seen.
    pub(crate) last: u64,
    /// Everything that came, oldest first.
    pub(crate) heard: Vec<Value>,
}

impl Desktop {
    /// Connects and takes the snapshot.
    pub(crate) async fn open(site: &Site, user: &Client) -> Self {
        Self::connected(site, user, "").await
    }

    /// Connects again after the last message, and takes what was missed and the snapshot.
    pub(crate) async fn resumed(self, site: &Site, user: &Client) -> Self {
        let query = format!("?epoch={}&after={}", self.epoch, self.last);
        let last = self.last;
        drop(self);
        let resumed = Self::connected(site, user, &query).await;
        assert_eq!(resumed.heard[0]["prev"], last, "what comes first follows what came last");
        resumed
    }

    pub(crate) async fn connected(site: &Site, user: &Client, query: &str) -> Self {
        Self::with(request(site, user, query)).await
    }

    /// At the server of a process of its own.
    pub(crate) async fn at(http: SocketAddr, token: &str) -> Self {
        Self::with(request_of(http, token, "")).await
    }

    async fn with(request: Request<()>) -> Self {
        let (socket, _) = connect_async(request).await.expect("a socket");
        let mut desktop = Self { socket, epoch: 0, last: 0, heard: Vec::new() };
        while desktop.heard.last().is_none_or(|message| message["type"] != "snapshot") {
            desktop.hear().await;
        }
        desktop
    }

    pub(crate) fn snapshot(&self) -> &Value {
        &self.heard.iter().find(|message| message["type"] == "snapshot").expect("a snapshot")["data"]
    }

    /// The next message of a type, and of what follows it the first that fits.
    pub(crate) async fn hears(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        // The heart beats on while what is waited for does not come.
        let found = timeout(2 * PATIENCE, async {
            loop {
                let message = self.hear().await;
                if message["type"] == kind && fits(&message["data"]) {
                    return message["data"].clone();
                }
            }
        });
        match found.await {
            Ok(data) => data,
            Err(_) => panic!("{kind} never came, after {:#?}", self.heard.last()),
        }
    }

    /// Types of what was heard of calls, offers, legs and recordings.
    pub(crate) fn heard_of_calls(&self) -> Vec<&str> {
        let types = self.heard.iter().filter_map(|message| message["type"].as_str());
        types.filter(|kind| ["call.", "offer.", "leg.", "recording."].iter().any(|head| kind.starts_with(head))).collect()
    }

    async fn hear(&mut self) -> Value {
        let text = match timeout(PATIENCE, self.socket.next()).await.expect("a message in time") {
            Some(Ok(Message::Text(text))) => text,
            other => panic!("no message: {other:?} after {:#?}", self.heard.last()),
        };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        if !self.heard.is_empty() {
            assert_eq!(message["prev"], self.last, "a hole before {message:#}");
        }
        self.epoch = message["epoch"].as_u64().expect("an epoch");
        self.last = message["seq"].as_u64().unwrap_or(self.last);
        event_schema::check(&message);
        self.heard.push(message.clone());
        message
    }

    /// Sends something; the server wants nothing.
    pub(crate) async fn says(&mut self, text: String) {
        // A server that refuses may have closed before it was all sent.
        let _ = self.socket.send(Message::text(text)).await;
    }

    /// The code the server closes with; 0: without one.
    pub(crate) async fn closed_with(self) -> u16 {
        self.closed_saying().await.0
    }

    /// The code the server closes with and its words.
    pub(crate) async fn closed_saying(mut self) -> (u16, String) {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("an end in time") {
                Some(Ok(Message::Close(Some(frame)))) => return (frame.code.into(), frame.reason.to_string()),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return (0, String::new()),
                Some(Ok(_)) => {}
            }
        }
    }
}

/// The status a socket is refused with.
pub(crate) async fn refused_with(request: Request<()>) -> u16 {
    match connect_async(request).await {
        Err(Error::Http(response)) => response.status().as_u16(),
        Ok(_) => 101,
        Err(error) => panic!("{error}"),
    }
}

pub(crate) fn request(site: &Site, user: &Client, query: &str) -> Request<()> {
    request_of(site.server.bound().http, user.token(), query)
}

fn request_of(http: SocketAddr, token: &str, query: &str) -> Request<()> {
    let url = format!("ws://{http}/api/v1/events{query}");
    let mut request = url.into_client_request().expect("a request");
    let bearer = format!("Bearer {token}").parse().expect("a header");
    request.headers_mut().insert("authorization", bearer);
    request
}
