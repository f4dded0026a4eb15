//! dialplan.
