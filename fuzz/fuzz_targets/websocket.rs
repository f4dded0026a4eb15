//! Any bytes as the frames of a WebSocket.
#![no_main]

#[path = "../../sip/net/tests/survival/websocket.rs"]
mod websocket;

use std::cell::RefCell;

use websocket::Server;

thread_local!(static SERVER: RefCell<Server> = RefCell::new(Server::start()));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| SERVER.with(|server| server.borrow_mut().any(bytes)));
