//! The command line: a file a command.

mod apply;
mod backup;
mod check_config;
mod check_dialplan;
mod demo;
mod events_schema;
mod openapi;
mod run;
mod serve;
mod simulate;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// An open contact-centre server.
#[derive(Debug, Parser)]
#[command(name = "carillon", version, about)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server.
    Run(run::Run),
    /// Runs a server with agents, phones, queues and trunks to try it with, on this machine alone.
    Demo(demo::Demo),
    /// Brings users, phones, queues and trunks in line with a setup file. Says what changed; never deletes.
    Apply(apply::Apply),
    /// Adds people who can sign in, gives them passwords, lists them.
    User(user::User),
    /// Writes everything the database holds to one file, while the server goes on.
    Backup(backup::Backup),
    /// Puts a backup into the configured database, SQLite or PostgreSQL; the server must be stopped.
    Restore(backup::Restore),
    /// Says what is wrong with a configuration, and with this machine for it.
    CheckConfig(check_config::CheckConfig),
    /// Reads a dialplan, checks it and runs its cases.
    CheckDialplan(check_dialplan::CheckDialplan),
    /// Makes real SIP calls with speech into a running server, and answers what it sends to its trunk `simulator`.
    Simulate(simulate::Simulate),
    /// Prints the OpenAPI description of the REST API.
    Openapi,
    /// Prints the JSON Schema of the live stream's messages.
    EventsSchema,
}

/// Runs the command that was asked for.
pub async fn run(arguments: Arguments) -> ExitCode {
    let done = match arguments.command {
        Command::Run(command) => command.run().await,
        Command::Demo(command) => command.run().await,
        Command::Apply(command) => command.run().await,
        Command::User(command) => command.run().await,
        Command::Backup(command) => command.run().await,
        Command::Restore(command) => command.run().await,
        Command::CheckConfig(command) => command.run().await,
        Command::CheckDialplan(command) => command.run(),
        Command::Simulate(command) => command.run().await,
        Command::Openapi => openapi::run(),
        Command::EventsSchema => events_schema::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(&format!("carillon: {}", with_causes(&error)));
            ExitCode::FAILURE
        }
    }
}

/// What a command answers, on standard output.
#[expect(clippy::print_stdout, reason = "a command's answer")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "a command's failure")]
fn say_error(text: &str) {
    eprintln!("{text}");
}

/// An error and what led to it, each said once: some errors name their cause themselves.
fn with_causes(error: &anyhow::Error) -> String {
    error.chain().skip(1).map(ToString::to_string).fold(error.to_string(), |said, cause| match said.contains(&cause) {
        true => said,
        false => format!("{said}: {cause}"),
    })
}

/// Problems of a file as one error, a line each.
fn problems<P: ToString>(problems: &[P]) -> anyhow::Error {
    anyhow::anyhow!(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\ncarillon: "))
}
