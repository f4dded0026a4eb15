//! `carillon`: see `carillon help`.

use std::process::ExitCode;

use carillon::cli;
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run(cli::Arguments::parse()).await
}
