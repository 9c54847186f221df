//! `replay`: the same run again, and whether it was the same.

use stormcart_sim::Instant;

use crate::contender::{self, Wish};
use crate::error::Error;
use crate::plan_file::Opened;
use crate::store::{self, LATEST};
use crate::story::{Story, command, log, standing};
use crate::twice::Twice;

use super::run::tell;
use super::{Exit, Output};

/// Runs a case or a plan file again and compares it with what was recorded.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// A case, a plan file, or `latest`.
    #[arg(value_name = "CASE|FILE")]
    what: String,
    #[command(flatten)]
    wish: Wish,
    /// Logs everything that happened, in virtual time, to stderr.
    #[arg(short, long)]
    verbose: bool,
    /// Shows how all orders stood at this virtual time, for example `400ms` or `2s`; a log ends there.
    #[arg(long, value_name = "T", value_parser = moment)]
    until: Option<Instant>,
}

impl Replay {
    /// Runs it again.
    pub fn perform(self, output: &Output) -> Result<Exit, Error> {
        let file = match self.what.as_str() {
            LATEST => store::latest_plan()?.map(|path| path.display().to_string()),
            path if path.ends_with(".toml") || path.ends_with(".toml.new") => Some(path.to_owned()),
            _ => None,
        };
        match file {
            Some(path) => self.file(&path, output),
            None => self.case(output),
        }
    }

    fn file(self, path: &str, output: &Output) -> Result<Exit, Error> {
        if self.wish != Wish::default() {
            let what =
                "a plan file says all there is to choose: leave --bug, --policy, --care and --engine out";
            return Err(Error::Plain(what.into()));
        }
        let Opened { file, contender, plan, .. } = Opened::load(path)?;
        let twice = Twice::of(plan);
        let identical = if twice.identical() { file.identical(twice.run.digest) } else { Some(false) };
        let again = command("replay", path);
        self.told(&Story { case: &file.case, contender: &contender, twice: &twice, identical, again }, output)
    }

    fn case(self, output: &Output) -> Result<Exit, Error> {
        let case = if self.what == LATEST { store::latest_case()? } else { self.what.parse()? };
        let (stage, contender, seed) = contender::open(&self.wish.added_to(case)?)?;
        let case = contender.case(&stage.scenario.name, seed);
        let twice = Twice::of(stage.plan(&contender, seed));
        let again = command("replay", &case.to_string());
        let identical = Some(twice.identical());
        self.told(&Story { case: &case, contender: &contender, twice: &twice, identical, again }, output)
    }

    fn told(&self, story: &Story<'_>, output: &Output) -> Result<Exit, Error> {
        if self.verbose {
            log::emit(story.twice, self.until.unwrap_or(Instant::NEVER));
        }
        let standing = self.until.map(|until| (until, standing::at(story.twice, until)));
        tell("replay", story, standing, output)
    }
}

/// A moment of virtual time: a number with `us`, `ms` or `s`; without, milliseconds.
fn moment(text: &str) -> Result<Instant, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "us" => 1,
        "ms" | "" => 1_000,
        "s" => 1_000_000,
        _ => 0,
    };
    let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    match number {
        Some(us) if factor > 0 => Ok(Instant(us)),
        _ => Err("write a number with `us`, `ms` or `s`, for example `400ms`".into()),
    }
}
