//! A model of your own: money moves from one bank to another, whatever breaks.
//!
//! [`saga`] takes part, [`setup`] is what a run is about, [`truth`] judges it. This file says so to Stormcart.

mod saga;
mod setup;
mod truth;

use std::sync::{Arc, LazyLock};

use stormcart::Model;
use stormcart::harness::catalog::{
    Architecture, Catalog, Choices, End, EndKind, Level, Participant, ParticipantKind, Place, Policy,
    PolicyChoice, Usual, Who,
};
use stormcart::harness::error::Error;
use stormcart::harness::model::{Content, Draw, Progress, Sentence, Subject, Timing, Totals};
use stormcart::harness::scenario::Physics;
use stormcart::sim::Micros;
use stormcart::sim::physics::RoleSpec;
use stormcart::sim::service::Moment;
use stormcart::sim::site::{MessageKind, Operation, Role};

use saga::{COORDINATOR, GIVER, GOALS, Letter, Party, Record, State, Step, Store, TAKER};
use setup::{Sections, Setup, Silence};
use truth::{Books, PROPERTIES};

/// The transfer of money between two banks.
#[derive(Clone, Copy, Debug)]
pub struct Transfer;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let mut first_written = Choices::default();
    first_written.set(0, Silence::Refusal as usize);
    let steps = || Step::ALL.into_iter();
    let ask = |step: Step| (2.0, Place::of(step.bank(), step.operation(), MessageKind::Ask));
    let answer = |step: Step| (1.0, Place::of(COORDINATOR, step.operation(), MessageKind::Answer));
    let everybody = vec![Who::Role(COORDINATOR), Who::Role(GIVER), Who::Role(TAKER)];
    let service = |name| Participant { name, kind: ParticipantKind::Service };
    Catalog {
        name: "transfer",
        subject: "transfer",
        about: "money moves from one bank to another, or stays where it is",
        command: "cargo run -q --manifest-path examples/own_model/Cargo.toml --",
        regressions: "stormcart::testing::model_regressions::<own_model::Transfer>",
        architectures: vec![Architecture {
            name: "coordinator",
            about: "a coordinator with a durable log asks the banks",
            levels: vec![(Level::Hardened, Choices::default()), (Level::FirstWritten, first_written)],
            missing_level: None,
            coordinator: COORDINATOR,
        }],
        policies: vec![Policy {
            name: "silence",
            about: "what the coordinator takes for its answer when a bank says nothing",
            matters_in: vec!["coordinator"],
            choices: vec![
                PolicyChoice { name: "unknown", about: "nothing is known: ask again" },
                PolicyChoice { name: "refusal", about: "the bank refused" },
                PolicyChoice { name: "nothing", about: "the answer will come: wait" },
            ],
        }],
        properties: PROPERTIES.to_vec(),
        goals: GOALS,
        ends: &[
            End { name: "open", about: "transfers without an end", kind: EndKind::Open },
            End { name: "completed", about: "transfers of which both sides stand", kind: EndKind::Completed },
            End { name: "refused", about: "transfers that the giver refused", kind: EndKind::Undone },
            End { name: "refunded", about: "transfers that the taker refused", kind: EndKind::Undone },
        ],
        scenarios: &[
            ("calm", include_str!("../scenarios/calm.toml")),
            ("storm", include_str!("../scenarios/storm.toml")),
            ("exploration", include_str!("../scenarios/exploration.toml")),
        ],
        usual: Usual { sweep: "storm", explore: "exploration", compare: &["storm"] },
        sections: &["transfers"],
        participants: vec![service("coordinator"), service("giver"), service("taker")],
        places: steps().map(ask).chain(steps().map(answer)).collect(),
        inside: everybody.clone(),
        sides: everybody,
        ..Catalog::default()
    }
});

impl Model for Transfer {
    type Service = Party;
    type Scenario = Sections;
    type Setup = Setup;

    fn catalog() -> &'static Catalog {
        &CATALOG
    }

    fn read(name: &str, text: &str) -> Result<Sections, Error> {
        Sections::read(name, text)
    }

    fn draw(Sections { transfers }: &Sections, draw: &Draw<'_>) -> Setup {
        Setup {
            silence: [Silence::Unknown, Silence::Refusal, Silence::Nothing][draw.variant.choices.get(0)],
            call_timeout: Micros::millis(transfers.call_timeout_ms),
            transfers: (0..transfers.count).map(|number| transfers.draw(draw.draws, number)).collect(),
        }
    }

    fn subjects(setup: &Setup) -> Vec<Subject> {
        setup.transfers.iter().map(|transfer| Subject { at: Micros::ZERO, comes: transfer.comes }).collect()
    }

    fn keep_subjects(setup: &mut Setup, subjects: &[u32]) {
        for (number, transfer) in (0..).zip(&mut setup.transfers) {
            transfer.comes &= subjects.contains(&number);
        }
    }

    fn roles(physics: &Physics, _: &Setup) -> Vec<RoleSpec> {
        vec![RoleSpec { instances: physics.instances, service: physics.service(), ..RoleSpec::ONE }; 3]
    }

    fn service(setup: &Arc<Setup>, role: Role, _instance: u8) -> Party {
        Party { role, setup: Arc::clone(setup) }
    }

    fn store(setup: &Setup, role: Role) -> Store {
        let all = setup.coming().map(|(number, _)| (number, State::default()));
        Store { transfers: all.filter(|_| role == COORDINATOR).collect(), ..Store::default() }
    }

    fn truth(setup: &Arc<Setup>) -> Books {
        Books::new(setup)
    }

    fn at_rest(truth: &mut Books, moment: Moment) {
        truth.judge(moment, true);
    }

    fn with_core(truth: &mut Books, moment: Moment) {
        truth.judge(moment, false);
    }

    fn exercised(truth: &Books) -> Vec<u32> {
        let all = truth.setup.coming().count();
        vec![truth.ended.iter().flatten().count() as u32, all as u32]
    }

    fn totals(setup: &Setup, truth: &Books) -> Totals {
        let mut totals = Totals { ended: vec![0; CATALOG.ends.len()], ..Totals::default() };
        for (number, transfer) in setup.coming() {
            let booked = truth.transfers[number as usize];
            totals.intents += 1;
            totals.misplaced_cents += transfer.cents * booked.misplaced();
            totals.ended[match booked.state {
                State::Debiting | State::Crediting | State::Refunding => 0,
                State::Completed => 1,
                State::Refused => 2,
                State::Refunded => 3,
            }] += 1;
        }
        totals.accepted = totals.intents;
        totals.waits = truth.ended.iter().flatten().map(|at| Micros(at.0)).collect();
        let ended: Option<Vec<_>> = setup.coming().map(|(number, _)| truth.ended[number as usize]).collect();
        totals.settled = ended.and_then(|ended| ended.into_iter().max());
        totals
    }

    fn timing(setup: &Setup) -> Timing {
        Timing { call_timeout: setup.call_timeout, deadline: Micros(setup.call_timeout.0 * 10) }
    }

    fn comes_by(setup: &Setup, transfer: u32, operation: Operation) -> bool {
        let refused = setup.transfers.get(transfer as usize).and_then(|transfer| transfer.refused);
        match refused {
            None => operation != Step::Refund.operation(),
            Some(step) => step == Step::Credit || operation == Step::Debit.operation(),
        }
    }

    fn progress(truth: &Books, transfer: u32) -> Option<Progress> {
        let state = truth.transfers.get(transfer as usize)?.state;
        Some(Progress { rank: state as u8, word: state.word(), also: None })
    }

    fn fact_subject(fact: &Record) -> Option<u32> {
        let (Record::Moved { transfer, .. } | Record::Booked { transfer, .. }) = fact;
        Some(*transfer)
    }

    fn fact(fact: &Record) -> Sentence {
        Sentence::key(match fact {
            Record::Moved { transfer, state } => format!("transfer {transfer} is {}", state.word()),
            Record::Booked { transfer, step, answer } => {
                format!("{} of transfer {transfer} {}", step.word(), answer.word())
            }
        })
    }

    fn content(letter: &Letter) -> Content {
        letter.answer.map_or(Content::Request, |answer| Content::Reply(answer.word().into()))
    }

    fn workload(setup: &Setup) -> String {
        let coming = || setup.coming().map(|(_, transfer)| transfer);
        let refused = coming().filter(|transfer| transfer.refused.is_some()).count();
        format!("{} transfers, {refused} of which a bank refuses", coming().count())
    }
}
