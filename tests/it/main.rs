//! Journeys through the whole server, a module a journey, and the rules of the tree.

mod documents;
mod tidy;
