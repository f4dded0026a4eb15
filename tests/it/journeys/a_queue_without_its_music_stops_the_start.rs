//! G4: a caller must never wait in silence because of a slip of the pen.

use carillon_kit::Server;

use super::{SETUP, binary, site};

#[tokio::test]
async fn and_says_which() {
    let setup = SETUP.replace("name = \"helpdesk\"", "name = \"helpdesk\"\nmusic = \"polka\"");
    let said = Server::refuses(binary(), &site(&setup)).await;
    assert!(said.contains("queue helpdesk: there is no music named \"polka\""), "{said}");
}

#[tokio::test]
async fn or_which_consent_there_is_not() {
    let setup = SETUP.replace("consent = \"consent\"", "consent = \"asked\"");
    let said = Server::refuses(binary(), &site(&setup)).await;
    assert!(said.contains("queue sales: there is no consent prompt named \"asked\""), "{said}");
}
