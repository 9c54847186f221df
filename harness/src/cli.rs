//! The command line: one verb, one file.
//!
//! Results go to stdout, everything else to stderr.
//!
//! **Invariant:** the exit code says which kind of answer it was, and the last line of a failure is the command that
//! reproduces it.

mod compare;
mod explore;
mod list;
mod output;
mod repeat;
mod replay;
mod run;
mod shrink;
mod sweep;
mod worker_pool;

use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use crate::error::Error;
use crate::run::Verdict;

pub use output::{Format, Output};

/// Puts a checkout through a storm, deterministically.
#[derive(Debug, Parser)]
#[command(name = "stormcart", version = crate::BUILD, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::List),
    Run(run::Run),
    Sweep(sweep::SweepVerb),
    Compare(compare::CompareVerb),
    Replay(replay::Replay),
    Explore(explore::Explore),
    Shrink(shrink::Shrink),
}

impl Command {
    fn perform(self, output: &Output) -> Result<Exit, Error> {
        match self {
            Command::List(point_fault) => point_fault.perform(output),
            Command::Run(point_fault) => point_fault.perform(output),
            Command::Sweep(point_fault) => point_fault.perform(output),
            Command::Compare(point_fault) => point_fault.perform(output),
            Command::Replay(point_fault) => point_fault.perform(output),
            Command::Explore(point_fault) => point_fault.perform(output),
            Command::Shrink(point_fault) => point_fault.perform(output),
        }
    }
}

/// What the exit code says; where several apply, the first of these wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// A bug in the tool.
    Internal,
    /// Wrong usage, or a bad file.
    Usage,
    /// Two executions of one plan differ.
    NotDeterministic,
    /// A property was violated.
    Violated,
    /// A limit was hit, something promised was not seen, or nothing ran.
    Inconclusive,
    /// Every property held.
    Held,
}

impl Exit {
    /// The number of it.
    pub fn code(self) -> u8 {
        match self {
            Exit::Held => 0,
            Exit::Violated => 1,
            Exit::Inconclusive => 2,
            Exit::NotDeterministic => 3,
            Exit::Usage => 64,
            Exit::Internal => 70,
        }
    }

    /// Both of them together.
    #[must_use]
    pub fn and(self, other: Exit) -> Exit {
        if (self as u8) < other as u8 { self } else { other }
    }
}

impl From<&Verdict> for Exit {
    fn from(verdict: &Verdict) -> Exit {
        match verdict {
            Verdict::Held => Exit::Held,
            Verdict::Violated(_) => Exit::Violated,
            Verdict::Inconclusive(_) => Exit::Inconclusive,
        }
    }
}

/// Does what the arguments say; returns the exit code.
pub fn main(arguments: impl Iterator<Item = OsString>) -> u8 {
    panic::set_hook(Box::new(|panicked| {
        eprintln!(
            "{}; please report it, with the command that was run",
            Error::Internal(last_words(panicked))
        );
    }));
    let performed = panic::catch_unwind(AssertUnwindSafe(|| perform(arguments)));
    performed.unwrap_or(Exit::Internal).code()
}

fn perform(arguments: impl Iterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return refused(&error),
    };
    match cli.command.perform(&Output::new(cli.format)) {
        Ok(exit) => exit,
        Err(error) => {
            eprintln!("{error}");
            if error.exit_code() == Exit::Internal.code() { Exit::Internal } else { Exit::Usage }
        }
    }
}

/// Help is a result; everything else that the parser says is a refusal, in one sentence.
fn refused(error: &clap::Error) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Output::new(Format::Human).say(error.render().ansi());
            return Exit::Held;
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => eprint!("{error}"),
        _ => eprintln!("{}", sentence(error)),
    }
    Exit::Usage
}

/// What comes before the usage, as one line.
fn sentence(error: &clap::Error) -> String {
    if let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) {
        let cli = Cli::command();
        return Error::unknown("command", name, cli.get_subcommands().map(clap::Command::get_name))
            .to_string();
    }
    let message = error.to_string();
    let (what, _) = message.split_once("Usage:").unwrap_or((&message, ""));
    let what = what.split("For more information").next().unwrap_or(what);
    let words = what.trim().trim_start_matches("error: ").replace("\n\n", "; ").replace("tip: ", "");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn last_words(panicked: &PanicHookInfo<'_>) -> String {
    let what = panicked.payload_as_str().unwrap_or("a thread panicked");
    let place = panicked.location().map(|place| format!(" ({}:{})", place.file(), place.line()));
    let what = what.lines().next().unwrap_or(what);
    format!("{what}{}", place.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_exit_wins() {
        let order = [
            Exit::Internal,
            Exit::Usage,
            Exit::NotDeterministic,
            Exit::Violated,
            Exit::Inconclusive,
            Exit::Held,
        ];
        assert_eq!(order.map(Exit::code), [70, 64, 3, 1, 2, 0]);
        for (place, worse) in order.iter().enumerate() {
            assert!(order[place..].iter().all(|better| worse.and(*better) == *worse));
            assert!(order[place..].iter().all(|better| better.and(*worse) == *worse));
        }
    }

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_the_parser_says_becomes_one_sentence() {
        #[track_caller]
        fn check(arguments: &str, expected: &str) {
            let words = std::iter::once("stormcart").chain(arguments.split_whitespace());
            let error = Cli::try_parse_from(words).expect_err("refused");
            assert_eq!(sentence(&error), expected);
        }
        let error = Cli::try_parse_from(["stormcart", "rn"]).expect_err("refused");
        assert!(
            sentence(&error).starts_with("unknown command `rn`: did you mean `run`? (known: list, run, ")
        );
        check("run", "the following required arguments were not provided: <CASE>");
        check(
            "list --fromat json",
            "unexpected argument '--fromat' found; a similar argument exists: '--format'",
        );
        check(
            "list --format yaml",
            "invalid value 'yaml' for '--format <FORMAT>' [possible values: human, json]",
        );
    }
}
