//! `explore`: every placement of a few faults, with a certificate or the smallest counterexample.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use crate::artifacts::{self, Failure};
use crate::determinism_check::DeterminismCheck;
use crate::error::Error;
use crate::explore::certificate::{Broken, Document};
use crate::explore::fault_set_size::FaultSetSize;
use crate::explore::{Counterexample, Exploration, ExplorationPlan, Question};
use crate::model::Model;
use crate::plan::LoadedScenario;
use crate::plan_file::PlanFile;
use crate::seeds::Seed;
use crate::story::{Story, log};
use crate::variant::{Variant, VariantArgs};

use super::output::painted;
use super::{Exit, Output};

/// Places every combination of up to K faults over one small world.
#[derive(Debug, clap::Args)]
pub struct Explore {
    /// A scenario of the catalogue, or a file.
    #[arg(long, value_name = "S")]
    pub(super) scenario: Option<String>,
    /// An architecture; without, all that claim safety.
    #[arg(long = "arch", value_name = "A")]
    architectures: Vec<String>,
    /// The most faults.
    #[arg(long, value_name = "K", default_value_t = 2)]
    faults: u8,
    /// How many subjects (orders, trips) come: the first so many of the scenario.
    #[arg(long, alias = "subjects", value_name = "N", default_value_t = 1)]
    orders: u32,
    /// Which faults: `full` up to two of them, `least` for more, unless said otherwise.
    #[arg(long, alias = "alphabet", value_enum)]
    fault_set: Option<FaultSetSize>,
    /// What draws the customers, and whatever else is drawn.
    #[arg(long, default_value = "0")]
    seed: Seed,
    /// The most inversions of the order of messages, tried without faults.
    #[arg(long, value_name = "I", default_value_t = 2)]
    inversions: u8,
    /// Remembers no states, and executes everything: what the memo saves.
    #[arg(long)]
    no_memo: bool,
    /// Gives up after so many runs.
    #[arg(long, value_name = "N", default_value_t = 20_000_000)]
    executions: u64,
    #[command(flatten)]
    args: VariantArgs,
}

/// What `explore` prints: the sums, and each certificate.
#[derive(Debug, Serialize)]
struct Summary {
    k: u8,
    executions: u64,
    naive_space: u64,
    pruned: u64,
    complete: bool,
    violations: Vec<Broken>,
    certificates: Vec<Document>,
    build: &'static str,
}

impl Explore {
    /// Explores everybody who is meant.
    pub fn perform<M: Model>(self, output: &Output) -> Result<Exit, Error> {
        let catalog = M::catalog();
        let name = self.scenario.as_deref().unwrap_or(catalog.usual.explore);
        let loaded: LoadedScenario<M> = LoadedScenario::load(name)?;
        let question = Question {
            faults: self.faults,
            inversions: self.inversions,
            memo: !self.no_memo,
            orders: self.orders,
            size: self.fault_set.unwrap_or(FaultSetSize::usual(self.faults)),
            executions: self.executions,
        };
        let variants = self.args.variants(catalog, &self.architectures, &catalog.safe())?;
        let look = |variant| ExplorationPlan::of(&loaded, variant, self.seed, question);
        let plans: Vec<ExplorationPlan<M>> = variants.par_iter().map(look).collect::<Result<_, Error>>()?;
        let explorations: Vec<Exploration<M>> =
            plans.into_iter().map(explore).collect::<Result<_, Error>>()?;
        let run = format!("explore-{}-{}-{}", loaded.scenario.name, question.faults, question.orders);
        let tales: Vec<Tale<'_, M>> =
            explorations.iter().zip(&variants).filter_map(|(of, who)| Tale::of(of, who, &run)).collect();
        let summary = Summary::of(&explorations);
        output.result(&summary, painted(&text(&explorations, &tales)))?;
        let failures: Result<Vec<Failure>, Error> = tales.iter().map(Tale::failure).collect();
        if let Err(error) = artifacts::keep(&run, &summary, &failures?) {
            eprintln!("{error}");
        }
        let exits = explorations.iter().map(exit).chain(tales.iter().map(Tale::exit));
        Ok(exits.fold(Exit::Held, Exit::and))
    }
}

/// Says what it will take, explores, and says what it took.
#[expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "how long it took is told, and decides nothing"
)]
fn explore<M: Model>(plan: ExplorationPlan<M>) -> Result<Exploration<M>, Error> {
    let (case, estimate, most) = (plan.case.to_string(), plan.estimate, plan.question.executions);
    eprintln!("{case}: {estimate}");
    if estimate.runs > most {
        eprintln!("{case}: it may stop at its limit of {most} runs; `--executions` sets another");
    }
    let start = std::time::Instant::now();
    let exploration = plan.explore()?;
    let states: u64 = exploration.searches().iter().map(|search| search.states).sum();
    let seconds = start.elapsed().as_secs_f64();
    eprintln!(
        "{case}: {states} distinct states in {seconds:.1} s, {:.0} per second",
        states as f64 / seconds
    );
    Ok(exploration)
}

fn exit<M: Model>(exploration: &Exploration<M>) -> Exit {
    match (exploration.counterexamples.is_empty(), exploration.complete()) {
        (false, _) => Exit::Violated,
        (true, true) => Exit::Held,
        (true, false) => Exit::Inconclusive,
    }
}

/// All certificates, then what broke, told as stories: the last line of a failure is its command.
fn text<M: Model>(explorations: &[Exploration<M>], tales: &[Tale<'_, M>]) -> String {
    let certificates = explorations.iter().map(ToString::to_string);
    let stories = tales.iter().map(|tale| tale.story().to_string());
    certificates.chain(stories).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// The first counterexample of a variant, executed as a plan.
struct Tale<'a, M: Model> {
    exploration: &'a Exploration<M>,
    variant: &'a Variant,
    checked: DeterminismCheck<M>,
    again: String,
}

impl<'a, M: Model> Tale<'a, M> {
    fn of(exploration: &'a Exploration<M>, variant: &'a Variant, run: &str) -> Option<Self> {
        let Counterexample { plan, .. } = exploration.counterexamples.first()?;
        let file = artifacts::plan_path(run, &exploration.asked.case);
        let again = M::catalog().command_line("replay", &file.display().to_string());
        Some(Tale { exploration, variant, checked: DeterminismCheck::of(plan.clone()), again })
    }

    fn story(&self) -> Story<'_, M> {
        let Tale { exploration, variant, checked, again } = self;
        let identical = Some(checked.identical());
        Story { case: &exploration.asked.case, variant, checked, identical, again: again.clone() }
    }

    fn failure(&self) -> Result<Failure, Error> {
        let Tale { exploration, checked, .. } = self;
        Ok(Failure {
            case: exploration.asked.case.clone(),
            plan: PlanFile::of(&exploration.asked.case, &checked.plan, &checked.run).text()?,
            trace: format!("{}\n{}\n", log::text(checked), self.story()),
        })
    }

    fn exit(&self) -> Exit {
        if self.checked.identical() { Exit::Violated } else { Exit::NotDeterministic }
    }
}

impl Summary {
    fn of<M: Model>(explorations: &[Exploration<M>]) -> Summary {
        let certificates: Vec<Document> = explorations.iter().map(Exploration::document).collect();
        let sum = |of: fn(&Document) -> u64| certificates.iter().map(of).sum();
        Summary {
            k: certificates.iter().map(|document| document.k).min().unwrap_or(0),
            executions: sum(|document| document.executions),
            naive_space: sum(|document| document.naive_space),
            pruned: sum(|document| document.pruned),
            complete: certificates.iter().all(|document| document.complete),
            violations: certificates
                .iter()
                .flat_map(|document| document.violations.iter().cloned())
                .collect(),
            certificates,
            build: crate::BUILD,
        }
    }
}
