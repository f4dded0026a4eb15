//! REST v1.

mod problem;

pub use problem::{FieldProblem, Problem};
