//! Every fault: it strikes, does what it says measured against the run without it, and leaves nothing behind.

use stormcart_sim::Micros;
use stormcart_sim::fault::{CrashPoint, Fault, Leap, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::script::Ended;
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Role};
use stormcart_sim::trace::Happening;

use super::letters::*;
use super::run_in;

const MS: fn(u64) -> Micros = Micros::millis;

/// What an observer would say of a run, with the milliseconds at which it happened.
fn story(ended: &Ended<Clerk>) -> Vec<String> {
    let told = ended.trace.entries().iter().filter_map(|entry| {
        let what = match &entry.what {
            Happening::Delivered { message: Letter { number, kind: MessageKind::Ask, .. }, .. } => {
                format!("read {number}")
            }
            Happening::Delivered { message: Letter { number, refused, .. }, .. } => {
                format!("{} {number}", if *refused { "refused" } else { "told" })
            }
            Happening::Lost { message: Letter { number, kind, .. }, why, .. } => {
                format!("{} {number} {why:?}", if *kind == MessageKind::Ask { "lost" } else { "lost answer" })
            }
            Happening::Timer { timer: Alarm::Due(number), .. } => format!("due {number}"),
            Happening::Timer { timer: Alarm::Waited(number), .. } => format!("waited {number}"),
            Happening::Written { record: Record::Filed(number, _), .. } => format!("filed {number}"),
            Happening::Crashed(node) => format!("crashed {}", node.0),
            Happening::Restarted(node) => format!("back {}", node.0),
            Happening::TookOver { node, lost } => format!("{} for {}", node.0, lost.0),
            Happening::Torn(_) => "torn".to_owned(),
            Happening::Aborted(node) => format!("aborted {}", node.0),
            _ => return None,
        };
        Some(format!("{} {what}", entry.at.as_millis()))
    });
    told.collect()
}

/// Everything in the story of a run that ends so.
pub fn told(ended: &Ended<Clerk>, what: &str) -> Vec<String> {
    story(ended).into_iter().filter(|line| line.ends_with(what)).collect()
}

/// What is told of `these` and not of `those`.
fn only(these: &[String], those: &[String]) -> String {
    let only: Vec<&str> = these.iter().filter(|line| !those.contains(line)).map(String::as_str).collect();
    only.join(", ")
}

fn replicated_or_not(replicated_readers: bool) -> Physics {
    if replicated_readers { replicated() } else { physics() }
}

/// The difference a fault makes: what does not happen, and what does instead.
#[track_caller]
fn check_in(replicated: bool, plan: &[Fault], missing: &str, instead: &str) {
    let without = story(&run_in(replicated_or_not(replicated), &[]));
    let ended = run_in(replicated_or_not(replicated), plan);
    assert_eq!(ended.fired.len(), plan.len(), "everything strikes");
    let with = story(&ended);
    assert_eq!((only(&without, &with), only(&with, &without)), (missing.to_owned(), instead.to_owned()));
    let late = |line: &&String| line.ends_with("read 10") || line.ends_with("told 10");
    assert!(with.iter().filter(late).eq(without.iter().filter(late)), "nothing is left of it");
}

#[track_caller]
fn check(fault: Fault, missing: &str, instead: &str) {
    check_in(false, &[fault], missing, instead);
}

fn answer(number: u32, point_fault: PointFault) -> Fault {
    let site = letter(number);
    let identity = Identity { kind: MessageKind::Answer, ..site.identity };
    Fault::At { site: InjectionPoint { role: Role(0), identity, ..site }, point_fault }
}

#[test]
fn what_strikes_a_message() {
    let whole = "53 read 5, 53 filed 5, 57 told 5, 105 due 5, 105 waited 5";
    let twelve_later = "65 read 5, 65 filed 5, 69 told 5, 117 due 5, 117 waited 5";
    check(at(5, PointFault::Drop), whole, "53 lost 5 Dropped");
    check(answer(5, PointFault::Drop), "57 told 5", "57 lost answer 5 Dropped");
    check(at(5, PointFault::Delay(MS(12))), whole, twelve_later);
    check(at(5, PointFault::Duplicate(MS(12))), "105 due 5, 105 waited 5", twelve_later);
    check(at(5, PointFault::Corrupt), whole, "53 lost 5 Damaged, 55 refused 5");
    let after_the_next = "73 read 5, 73 filed 5, 77 told 5, 125 due 5, 125 waited 5";
    check(at(5, PointFault::Reorder(MS(100))), whole, after_the_next);
    check(at(5, PointFault::Reorder(MS(12))), whole, twelve_later);
}

/// An instant is a microsecond: what lets the others of an instant go first comes in the next one.
#[test]
fn what_loses_a_tie_comes_in_the_next_instant() {
    let arrivals = |plan: &[Fault]| {
        let ended = run_in(physics(), plan);
        let fifth = |what: &Happening<Clerk>| matches!(what, Happening::Delivered { message, .. } if message.number == 5);
        let times = ended.trace.entries().iter().filter(|entry| fifth(&entry.what)).map(|entry| entry.at.0);
        times.collect::<Vec<u64>>()
    };
    let (plain, last) = (arrivals(&[]), arrivals(&[at(5, PointFault::LoseTie)]));
    assert_eq!((plain[0] + 1, plain.len()), (last[0], last.len()));
}

#[test]
fn what_strikes_sender_and_receiver() {
    let whole = "53 read 5, 53 filed 5, 57 told 5, 105 due 5, 105 waited 5";
    check(
        at(5, PointFault::FailWrite),
        "53 filed 5, 57 told 5, 105 due 5, 105 waited 5",
        "53 aborted 1, 56 refused 5",
    );
    check(
        at(5, PointFault::IsolateSender(MS(7))),
        whole,
        "60 read 5, 60 filed 5, 64 told 5, 112 due 5, 112 waited 5",
    );
    check(at(5, PointFault::IsolateReceiver(MS(15))), "57 told 5", "68 told 5");
    check(
        at(5, PointFault::Pause(MS(7))),
        whole,
        "60 read 5, 60 filed 5, 64 told 5, 112 due 5, 112 waited 5",
    );
    check(at(5, PointFault::Leap(Leap::Ahead(MS(15)), MS(10))), "65 due 1, 105 due 5", "53 due 1, 120 due 5");
    check(
        at(5, PointFault::Leap(Leap::Behind(MS(15)), MS(100))),
        "65 due 1, 85 due 3",
        "80 due 1, 100 due 3",
    );
    check_in(true, &[at(5, PointFault::SplitBrain)], "", "53 2 for 1");
}

/// What is armed is gone with the process, so letters 1 and 3 are remembered no more.
#[test]
fn where_a_process_can_be_killed() {
    let crash = |point| at(5, PointFault::Crash(point, MS(15)));
    let gone = "65 due 1, 65 waited 1, 85 due 3, 85 waited 3, 105 due 5, 105 waited 5";
    let unfiled = format!("53 filed 5, 57 told 5, {gone}");
    check(crash(CrashPoint::BeforeCommit), &unfiled, "53 crashed 1, 68 back 1");
    check(crash(CrashPoint::DuringSync), &unfiled, "53 crashed 1, 68 back 1");
    check(crash(CrashPoint::MidWrite), &unfiled, "53 crashed 1, 63 torn, 68 back 1");
    check(crash(CrashPoint::AfterCommit), &format!("57 told 5, {gone}"), "55 crashed 1, 70 back 1");
    check(crash(CrashPoint::AfterSend), gone, "55 crashed 1, 70 back 1");
    let recovery = InjectionPoint { identity: Identity::RECOVERY, ..letter(1) };
    let again =
        Fault::At { site: recovery, point_fault: PointFault::Crash(CrashPoint::DuringRecovery, MS(10)) };
    check_in(
        false,
        &[during(45, 5, SustainedFault::Crash(Nodes::one(FIRST))), again],
        &format!("53 read 5, {unfiled}"),
        "45 crashed 1, 50 back 1, 51 crashed 1, 52 lost 5 Down, 54 refused 5, 61 back 1",
    );
}

/// A message that is caught when it is sent comes when the links carry again; what was on its way crosses.
#[test]
fn what_strikes_links() {
    let (writer, first) = (Nodes::one(WRITER), Nodes::one(FIRST));
    let whole = "53 read 5, 53 filed 5, 57 told 5, 105 due 5, 105 waited 5";
    let fifteen = |a, b, one_way| during(45, 15, SustainedFault::Partition { a, b, one_way });
    let late = "60 read 5, 60 filed 5, 64 told 5, 112 due 5, 112 waited 5";
    check(fifteen(first, writer, false), whole, late);
    check(fifteen(writer, first, true), whole, late);
    check(fifteen(first, writer, true), "57 told 5", "60 told 5");
    check(fifteen(Nodes::one(SECOND), writer, false), "47 told 4", "60 told 4");
    let crossing = during(52, 1, SustainedFault::Partition { a: first, b: first.others(), one_way: false });
    check(crossing, "", "");
    check(
        during(45, 35, SustainedFault::Flap { a: writer, b: first, each: MS(10) }),
        "53 read 5, 53 filed 5, 57 told 5, 73 read 7, 73 filed 7, 77 told 7, 105 due 5, 105 waited 5, 125 due 7, \
         125 waited 7",
        "55 read 5, 55 filed 5, 59 told 5, 75 read 7, 75 filed 7, 79 told 7, 107 due 5, 107 waited 5, 127 due 7, \
         127 waited 7",
    );
    check(
        during(48, 15, SustainedFault::SlowLink { a: writer, b: first, times: 5 }),
        whole,
        "57 read 5, 57 filed 5, 65 told 5, 109 due 5, 109 waited 5",
    );
    check(
        during(48, 6, SustainedFault::LossyLink { a: writer, b: first, per_mille: 1_000 }),
        whole,
        "53 lost 5 Lost",
    );
    check(during(48, 6, SustainedFault::LossyLink { a: writer, b: first, per_mille: 0 }), "", "");
}

#[test]
fn what_strikes_nodes() {
    let first = Nodes::one(FIRST);
    let whole = "53 read 5, 53 filed 5, 57 told 5, 105 due 5, 105 waited 5";
    check(
        during(45, 15, SustainedFault::Pause(FIRST)),
        whole,
        "61 read 5, 61 filed 5, 65 told 5, 113 due 5, 113 waited 5",
    );
    check(
        during(45, 25, SustainedFault::Pause(FIRST)),
        &format!("{}, 65 due 1, 65 waited 1, 105 due 5, 105 waited 5", "53 read 5, 53 filed 5, 57 told 5"),
        "65 2 for 1, 70 due 1, 70 waited 1, 71 read 5, 71 filed 5, 75 told 5, 123 due 5, 123 waited 5",
    );
    check(
        during(45, 15, SustainedFault::Slow(first, 5)),
        "57 told 5, 105 due 5, 105 waited 5",
        "61 told 5, 109 due 5, 109 waited 5",
    );
    check(
        during(45, 15, SustainedFault::SlowDisk(first, 4)),
        "57 told 5, 105 due 5, 105 waited 5",
        "60 told 5, 108 due 5, 108 waited 5",
    );
    check(
        during(45, 15, SustainedFault::FullDisk(first)),
        "53 filed 5, 57 told 5, 105 due 5, 105 waited 5",
        "53 aborted 1, 56 refused 5",
    );
    check(
        during(70, 20, SustainedFault::Clock(FIRST, Leap::Ahead(MS(15)))),
        "85 due 3, 105 due 5, 125 due 7",
        "70 due 3, 90 due 5, 140 due 7",
    );
    check(
        during(45, 15, SustainedFault::Drift(FIRST, 2_000)),
        "105 due 5, 105 waited 5",
        "80 due 5, 80 waited 5",
    );
}

#[test]
fn what_kills() {
    let first = Nodes::one(FIRST);
    let gone = "65 due 1, 65 waited 1, 85 due 3, 85 waited 3, 105 due 5, 105 waited 5";
    let whole = format!("53 read 5, 53 filed 5, 57 told 5, {gone}");
    check(
        during(45, 15, SustainedFault::Crash(first)),
        &whole,
        "45 crashed 1, 52 lost 5 Down, 54 refused 5, 60 back 1",
    );
    check(
        during(45, 30, SustainedFault::CrashLoop(first, MS(5))),
        gone,
        "45 crashed 1, 50 back 1, 55 crashed 1, 60 back 1, 65 crashed 1, 70 back 1",
    );
    check_in(
        true,
        &[during(45, 25, SustainedFault::Crash(first))],
        "47 told 4, 53 read 5, 53 filed 5, 57 told 5, 63 read 6, 63 filed 6, 65 due 1, 65 waited 1, 67 told 6, 75 due 2, \
         75 waited 2, 85 due 3, 85 waited 3, 95 due 4, 95 waited 4, 105 due 5, 105 waited 5, 115 due 6, 115 waited 6",
        "45 crashed 1, 52 lost 5 Down, 54 refused 5, 62 lost 6 Down, 64 refused 6, 65 2 for 1, 70 back 1",
    );
    let after = Fault::During {
        when: When::After(letter(5)),
        lasting: MS(15),
        sustained: SustainedFault::Crash(first),
    };
    check(after, &format!("57 told 5, {gone}"), "53 crashed 1, 68 back 1");
}
