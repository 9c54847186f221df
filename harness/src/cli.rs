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

use crate::artifacts::{self, LATEST};
use crate::catalog::Catalog;
use crate::error::Error;
use crate::model::Model;
use crate::plan_file;
use crate::run::Verdict;

pub use output::{Format, Output};

/// Puts a model through a storm, deterministically.
#[derive(Debug, Parser)]
#[command(name = "stormcart", version = crate::BUILD, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
}

/// What can be done with a model.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists everything that has a name.
    List(list::List),
    /// Runs one world and tells it as a story.
    Run(run::Run),
    /// Runs many seeds in parallel and says what that proves.
    Sweep(sweep::SweepVerb),
    /// Compares architectures on the same seeds.
    Compare(compare::CompareVerb),
    /// Runs a case or a plan file again.
    Replay(replay::Replay),
    /// Places every combination of up to K faults.
    Explore(explore::Explore),
    /// Finds the smallest plan that breaks the same property.
    Shrink(shrink::Shrink),
}

impl Verb {
    /// Does it with a model.
    ///
    /// # Errors
    /// If something is asked for that does not exist or cannot be done.
    pub fn perform<M: Model>(self, output: &Output) -> Result<Exit, Error> {
        match self {
            Verb::List(verb) => verb.perform::<M>(output),
            Verb::Run(verb) => verb.perform::<M>(output),
            Verb::Sweep(verb) => verb.perform::<M>(output),
            Verb::Compare(verb) => verb.perform::<M>(output),
            Verb::Replay(verb) => verb.perform::<M>(output),
            Verb::Explore(verb) => verb.perform::<M>(output),
            Verb::Shrink(verb) => verb.perform::<M>(output),
        }
    }

    /// The scenario, case or file that says which model is meant, if one is named.
    fn names(&self) -> Option<&str> {
        match self {
            Verb::List(verb) => verb.model.as_deref(),
            Verb::Run(verb) => Some(&verb.case),
            Verb::Sweep(verb) => verb.scenario.as_deref(),
            Verb::Compare(verb) => verb.scenario.as_deref(),
            Verb::Replay(verb) => Some(&verb.what),
            Verb::Explore(verb) => verb.scenario.as_deref(),
            Verb::Shrink(verb) => Some(&verb.what),
        }
    }
}

/// A model whose types are forgotten: what a binary with several models chooses from. There is one implementation, for
/// every model, so a verb exists for all of them or for none.
pub trait AnyModel: Sync {
    /// Everything of the model that has a name.
    fn catalog(&self) -> &'static Catalog;

    /// Does what a verb says.
    ///
    /// # Errors
    /// If something is asked for that does not exist or cannot be done.
    fn perform(&self, verb: Verb, output: &Output) -> Result<Exit, Error>;
}

impl<M: Model> AnyModel for M {
    fn catalog(&self) -> &'static Catalog {
        M::catalog()
    }

    fn perform(&self, verb: Verb, output: &Output) -> Result<Exit, Error> {
        verb.perform::<M>(output)
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

/// Does what the arguments say with one of these models, of which the first is the usual one; returns the exit code.
pub fn main(models: &[&dyn AnyModel], arguments: impl Iterator<Item = OsString>) -> u8 {
    panic::set_hook(Box::new(|panicked| {
        eprintln!(
            "{}; please report it, with the command that was run",
            Error::Internal(last_words(panicked))
        );
    }));
    let performed = panic::catch_unwind(AssertUnwindSafe(|| perform(models, arguments)));
    performed.unwrap_or(Exit::Internal).code()
}

fn perform(models: &[&dyn AnyModel], arguments: impl Iterator<Item = OsString>) -> Exit {
    let mut cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return refused(&error),
    };
    if let Verb::List(list) = &mut cli.verb {
        let named = |model: &&dyn AnyModel| {
            let Catalog { name, about, .. } = model.catalog();
            list::Named { name: (*name).into(), about: (*about).into() }
        };
        list.models = models.iter().map(named).collect();
    }
    let output = Output::new(cli.format);
    let done = chosen(models, cli.verb.names()).and_then(|model| model.perform(cli.verb, &output));
    match done {
        Ok(exit) => exit,
        Err(error) => {
            eprintln!("{error}");
            if error.exit_code() == Exit::Internal.code() { Exit::Internal } else { Exit::Usage }
        }
    }
}

/// The model that a scenario, a case, a file or `latest` is of: the one whose prefix it has, or else the first.
fn chosen<'a>(models: &[&'a dyn AnyModel], named: Option<&str>) -> Result<&'a dyn AnyModel, Error> {
    let first = *models.first().ok_or_else(|| Error::Internal("a command line without a model".into()))?;
    let Some(named) = named else { return Ok(first) };
    let file = named.ends_with(".toml") || named.ends_with(".toml.new");
    let scenario = match named {
        LATEST => artifacts::latest_case().map(|case| case.scenario).unwrap_or_default(),
        // A file that cannot be read is refused by whoever opens it.
        path if file => plan_file::case_of(path).map_or_else(|_| path.to_owned(), |case| case.scenario),
        name => name.to_owned(),
    };
    let meant = |model: &&&dyn AnyModel| {
        let Catalog { name, prefix, .. } = model.catalog();
        !prefix.is_empty() && (scenario.starts_with(prefix) || scenario == *name)
    };
    Ok(models.iter().find(meant).copied().unwrap_or(first))
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
