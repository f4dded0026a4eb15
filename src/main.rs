//! `carillon`: see `carillon help`.

use std::{num::NonZero, process::ExitCode, thread::available_parallelism};

use carillon::cli;
use clap::Parser;

fn main() -> std::io::Result<ExitCode> {
    // Signalling is many small tasks that wake each other: spread over more threads than they fill, they mostly wake threads.
    // Media has threads of its own.
    let workers = (available_parallelism().map_or(1, NonZero::get) / 2).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    Ok(runtime.block_on(cli::run(cli::Arguments::parse())))
}
