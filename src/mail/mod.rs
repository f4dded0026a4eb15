//! Mail: the way to the mail server, and what is written.

mod letter;
mod server;

pub use self::{
    letter::Letter,
    server::{MailServer, NotSent},
};
