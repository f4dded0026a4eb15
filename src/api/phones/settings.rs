//! A phone as an administrator sets it up.

use carillon_model::{AutoAnswer, DialRights, MediaSecurity, Phone, PhoneId};
use carillon_sip_core::digest::Ha1;
use carillon_store::{
    Db, DigestSecret, Error, Stored, Write, phone,
    setup::{PhoneSetup, Setup},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Api, Problem,
        kept::{Named, Resource, check, taken},
    },
    dispatch::Snapshot,
};

/// A telephone that may register.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneSettings {
    /// SIP user name and internal number, unique.
    #[schema(example = "1001")]
    name: String,
    /// What a person calls it.
    #[schema(example = "Desk 1")]
    label: String,
    /// SIP password, at least 8 characters. Never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(write_only)]
    password: Option<String>,
    /// Takes RTP from any source, for phones behind odd NATs.
    #[serde(default)]
    any_media_source: bool,
    /// How it is told to answer by itself a call its own agent asked for: `off`, `answer_mode` (RFC 5373), `call_info` (Snom, Grandstream,
    /// baresip) or `alert_info` (Yealink, Polycom, Fanvil).
    #[serde(default)]
    #[schema(value_type = String)]
    auto_answer: AutoAnswer,
    /// What may be dialled on it while no agent works with it: `internal`, `national`, `international`, `premium`; the first without.
    #[serde(default = "DialRights::inside")]
    #[schema(value_type = Vec<String>)]
    dials: DialRights,
    /// How its audio is kept from others: `clear` only, `optional` (as it offers; we offer clear), `required` (we offer SDES) or `required_dtls`.
    /// A browser is offered DTLS-SRTP in each case but the first.
    #[serde(default)]
    #[schema(value_type = String)]
    media_security: MediaSecurity,
}

impl PhoneSettings {
    /// As a stored phone has them.
    pub(super) fn of(phone: &Phone) -> Self {
        Self {
            name: phone.name.clone(),
            label: phone.label.clone(),
            password: None,
            any_media_source: phone.any_media_source,
            auto_answer: phone.auto_answer,
            dials: phone.dials.clone(),
            media_security: phone.media_security,
        }
    }

    /// What the password is checked against, if one is given.
    pub(super) fn secret(&self, realm: &str) -> Option<DigestSecret> {
        let ha1 = Ha1::from_password(&self.name, realm, self.password.as_ref()?);
        Some(DigestSecret { ha1_md5: ha1.md5_hex(), ha1_sha256: ha1.sha256_hex() })
    }

    /// The phone with them, checked.
    pub(super) fn phone(self, id: PhoneId) -> Result<Phone, Problem> {
        let phone = PhoneSetup {
            name: self.name.clone(),
            label: Some(self.label.clone()),
            password: self.password.clone(),
            ha1_md5: None,
            ha1_sha256: None,
            any_media_source: self.any_media_source,
            auto_answer: self.auto_answer,
            dials: self.dials.clone(),
            media_security: self.media_security,
        };
        check(&Setup { phone: vec![phone], ..Setup::default() })?;
        let Self { name, label, password: _, any_media_source, auto_answer, dials, media_security } = self;
        Ok(Phone { id, name, label, any_media_source, auto_answer, dials, media_security })
    }
}

impl Resource for Phone {
    type Settings = PhoneSettings;
    const KIND: &'static str = "phone";

    async fn stored(db: &Db, id: Uuid) -> Result<Option<Stored<Self>>, Error> {
        phone::get(db, PhoneId::new(id)).await
    }

    fn settings(&self, _: &Snapshot) -> PhoneSettings {
        PhoneSettings::of(self)
    }

    fn with(&self, settings: &PhoneSettings, api: &Api) -> Result<Self, Problem> {
        let phone = settings.clone().phone(self.id)?;
        if self.name != phone.name {
            api.may_lose_name(Named::Phone, &self.name)?;
            if settings.password.is_none() {
                return Err(Problem::invalid("password", "The stored one is of no use with another name: give it again."));
            }
        }
        Ok(phone)
    }

    async fn store(&self, settings: &PhoneSettings, api: &Api, write: &mut Write, version: i64) -> Result<Option<i64>, Problem> {
        let updated = phone::update(write, self, version, Timestamp::now()).await.map_err(taken("name"))?;
        if let Some(secret) = settings.secret(&api.config.sip.realm).filter(|_| updated.is_some()) {
            phone::set_secret(write, self.id, &secret, Timestamp::now()).await?;
        }
        Ok(updated)
    }
}
