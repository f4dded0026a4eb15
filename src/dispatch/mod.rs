//! The owners of what the whole site shares: queues and agents, phones and their registrations, what the operator set up.

mod acd;
mod directory;
mod keypad;
mod pages;
mod phones;
mod restart;

pub use self::{
    acd::{Acd, AcdTask, View, acd_setup},
    directory::{Directory, Snapshot},
    keypad::Keypad,
    pages::keep_pages,
    phones::{BindingKeeper, PhoneRefusal, PhoneRefusedWhy, PhoneStatus, Phones},
    restart::{last_known, made_by_trunk},
};
