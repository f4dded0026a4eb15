//! A mail server that takes everything and shows it: as much of SMTP (RFC 5321) as a letter needs, in clear or by TLS.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::mpsc,
};
use tokio_rustls::TlsAcceptor;

use crate::edge::certificates::Authority;

/// The server, and the letters that it took.
pub(crate) struct Post {
    pub(crate) address: SocketAddr,
    letters: mpsc::UnboundedReceiver<Letter>,
}

/// A letter as it came.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Post {
    pub(crate) async fn open(authority: Option<&Authority>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let acceptor = authority.map(|authority| {
            let chain = CertificateDer::from_pem_file(authority.path("certificate.pem")).expect("a certificate");
            let key = PrivateKeyDer::from_pem_file(authority.path("key.pem")).expect("a key");
            let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![chain], key).expect("a pair");
            TlsAcceptor::from(Arc::new(config))
        });
        let (taken, letters) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                match &acceptor {
                    None => drop(tokio::spawn(serve(stream, taken.clone()))),
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            tokio::spawn(serve(stream, taken.clone()));
                        }
                    }
                }
            }
        });
        Self { address, letters }
    }

    /// The next letter.
    pub(crate) async fn letter(&mut self) -> Letter {
        tokio::time::timeout(carillon_kit::phone::PATIENCE, self.letters.recv()).await.expect("a letter in time").expect("a server")
    }

    /// Whether a letter came that nobody has read.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.letters.try_recv().is_err()
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, taken: mpsc::UnboundedSender<Letter>) {
    let mut stream = BufReader::new(stream);
    let (mut to, mut text, mut is_letter) = (String::new(), String::new(), false);
    let mut answer = "220 post.test";
    loop {
        if !answer.is_empty() && stream.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        if stream.flush().await.is_err() {
            return;
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.is_ok_and(|length| length == 0) {
            return;
        }
        answer = match line.trim_end() {
            "." if is_letter => {
                is_letter = false;
                let letter = Letter { to: std::mem::take(&mut to), text: std::mem::take(&mut text) };
                // The test may be over.
                let _ = taken.send(letter);
                "250 taken"
            }
            _ if is_letter => {
                text.push_str(&line);
                ""
            }
            "DATA" => {
                is_letter = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            told if told.starts_with("RCPT TO:") => {
                told["RCPT TO:".len()..].trim_matches(['<', '>']).clone_into(&mut to);
                if to.starts_with("nobody@") { "550 5.1.1 there is no such person" } else { "250 known" }
            }
            _ => "250 post.test",
        };
    }
}
