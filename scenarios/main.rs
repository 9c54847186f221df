//! Stub.
use stormcart::plan::*;
use stormcart::seeds::Seed;
use stormcart_models::architecture::ARCHITECTURES;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let n: u64 = a[2].parse().unwrap();
    let stage = Stage::load(&a[1]).unwrap();
    for arch in ARCHITECTURES {
        let c = Contender::best(arch);
        let t = std::time::Instant::now();
        let (mut v, mut ev, mut fired, mut exp, mut inc) = (0, 0, 0, 0, 0);
        let mut props = std::collections::BTreeMap::new();
        let mut sight = 0;
        let mut first = None;
        for s in 0..n {
            let p = stage.plan(&c, Seed(s));
            let r = stormcart::run::run(&p);
            ev += r.events;
            sight |= r.sightings;
            fired += u64::from(!r.fired.is_empty());
            exp += u64::from(r.fired.iter().any(|f| f.exposed));
            match r.verdict {
                stormcart::run::Verdict::Violated(x) => {
                    v += 1;
                    if first.is_none() {
                        first = Some(s);
                        println!("{s} {:?} {x:#?}", p.faults);
                    }
                    for x in x {
                        *props.entry(x.property).or_insert(0) += 1;
                    }
                }
                stormcart::run::Verdict::Inconclusive(x) => {
                    inc += 1;
                    if inc < 3 {
                        println!("{s} {x}");
                    }
                }
                _ => {}
            }
        }
        let el = t.elapsed();
        println!(
            "{} violated {v} inc {inc} of {n}; events {ev}; {:.0} ns/event {:.0} seeds/s fired {fired} exposed {exp} sight {sight:b} {props:?} first {first:?}",
            arch.name,
            el.as_nanos() as f64 / ev as f64,
            n as f64 / el.as_secs_f64()
        );
    }
}
