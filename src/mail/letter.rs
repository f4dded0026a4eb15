//! What is written, in the site's language.

use crate::config::Language;

/// A letter: plain text, which every mail program shows and no filter takes for an advertisement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl Letter {
    /// A link that sets a forgotten password.
    pub fn new_password(language: Language, name: &str, link: &str) -> Self {
        let (subject, text) = match language {
            Language::En => (
                "Set a new password",
                format!(
                    "Hello {name},\n\nsomebody asked for a new password for your Carillon desktop. Set it here within an hour; the link works once:\n\n\
                     {link}\n\nIf it was not you, do nothing: your password stays as it is.\n"
                ),
            ),
            Language::It => (
                "Imposta una nuova password",
                format!(
                    "Ciao {name},\n\nqualcuno ha chiesto una nuova password per il tuo desktop Carillon. Impostala qui entro un’ora; il link funziona una volta:\n\n\
                     {link}\n\nSe non sei stato tu, non fare nulla: la tua password resta com’è.\n"
                ),
            ),
        };
        Self { subject: subject.to_owned(), text }
    }

    /// A link by which somebody new chooses a password.
    pub fn invitation(language: Language, name: &str, login: &str, link: &str) -> Self {
        let (subject, text) = match language {
            Language::En => (
                "Your Carillon desktop",
                format!(
                    "Hello {name},\n\na desktop is ready for you. Choose your password here within three days; the link works once:\n\n{link}\n\n\
                     Then sign in as {login}.\n"
                ),
            ),
            Language::It => (
                "Il tuo desktop Carillon",
                format!(
                    "Ciao {name},\n\nun desktop è pronto per te. Scegli qui la tua password entro tre giorni; il link funziona una volta:\n\n{link}\n\n\
                     Poi accedi come {login}.\n"
                ),
            ),
        };
        Self { subject: subject.to_owned(), text }
    }

    /// Shows that mail arrives.
    pub fn test(language: Language) -> Self {
        let (subject, text) = match language {
            Language::En => ("Mail from Carillon arrives", "This letter was sent to see whether mail from Carillon arrives. It does.\n"),
            Language::It => {
                ("La posta di Carillon arriva", "Questa lettera è stata inviata per vedere se la posta di Carillon arriva. Arriva.\n")
            }
        };
        Self { subject: subject.to_owned(), text: text.to_owned() }
    }
}
