//! Measures the contenders side by side and prints how many times longer than the kernel each takes.
//!
//! **Invariant:** every ratio is of medians of one run on one machine; a time alone is never compared with anything.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a benchmark looks at the clock on the wall"
)]

use std::hint::black_box;
use std::time::Instant;

use comfy_table::{CellAlignment, Table, presets};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};

use super::{Aim, CONTENDERS, DENSE, Job, KERNEL, Variant, short};

/// Criterion only tries whether it runs, unless it is asked to measure: no median comes from one cold run.
const SAMPLES_MIN: usize = 10;

/// Seconds of one run, by contender; `None` where it was not measured.
type Medians = Vec<Option<f64>>;

/// A workload as a pair of columns.
struct Workload {
    title: &'static str,
    /// What one run is divided by, and in which unit it is printed.
    per_run: f64,
    per_second: f64,
    medians: Medians,
    aim: fn(&Aim) -> f64,
}

pub fn measure() {
    let mut criterion = Criterion::default().configure_from_args();
    let dense = all(&mut criterion, "hop dense", Throughput::Elements(DENSE.hops()), |_| DENSE);
    let seeds = all(&mut criterion, "hop short seed", Throughput::Elements(1), short);
    criterion.final_summary();
    let workloads = [
        Workload {
            title: "dense: ns per message",
            per_run: DENSE.hops() as f64,
            per_second: 1e9,
            medians: dense,
            aim: |aim| aim.dense,
        },
        Workload {
            title: "short: µs per seed",
            per_run: 1.0,
            per_second: 1e6,
            medians: seeds,
            aim: |aim| aim.short,
        },
    ];
    if workloads.iter().any(|workload| workload.medians.iter().any(Option::is_some)) {
        println!("{}", table(&workloads));
    }
    if !cfg!(madsim) {
        println!(
            "madsim is left out: built without `--cfg madsim`, because a RUSTFLAGS in the environment or in a Cargo \
             configuration replaced .cargo/config.toml"
        );
    }
}

/// Every contender on one workload, which may be another job for each run.
fn all(criterion: &mut Criterion, name: &str, each: Throughput, job: fn(u64) -> Job) -> Medians {
    let mut group = criterion.benchmark_group(name);
    group.throughput(each);
    let medians = CONTENDERS.iter().map(|variant| one(&mut group, variant, job)).collect();
    group.finish();
    medians
}

fn one(group: &mut BenchmarkGroup<'_, WallTime>, variant: &Variant, job: fn(u64) -> Job) -> Option<f64> {
    let mut samples = Vec::new();
    let mut done = 0;
    group.bench_function(variant.name, |bencher| {
        bencher.iter_custom(|runs| {
            let start = Instant::now();
            for seed in done..done + runs {
                drop(black_box((variant.run)(black_box(job(seed)))));
            }
            let took = start.elapsed();
            done += runs;
            samples.push(took.as_secs_f64() / runs as f64);
            took
        });
    });
    samples.sort_by(f64::total_cmp);
    (samples.len() >= SAMPLES_MIN).then(|| samples[samples.len() / 2])
}

fn table(workloads: &[Workload]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    let titles = workloads.iter().flat_map(|workload| [workload.title, "times the kernel", "at least"]);
    table.set_header([""].into_iter().chain(titles));
    let kernel = CONTENDERS.iter().position(|variant| variant.name == KERNEL.name);
    for (row, variant) in CONTENDERS.iter().enumerate() {
        let cells = workloads.iter().flat_map(|workload| {
            let mine = workload.medians[row];
            let unit = workload.per_second / workload.per_run;
            let kernel = kernel.and_then(|kernel| workload.medians[kernel]);
            let ratio = mine.zip(kernel).map(|(mine, kernel)| mine / kernel);
            let aim = variant.at_least.as_ref().map(workload.aim);
            [mine.map(|mine| mine * unit), ratio, aim]
        });
        let words = cells.map(|cell| cell.map_or_else(String::new, |number| format!("{number:.1}")));
        table.add_row([variant.name.to_owned()].into_iter().chain(words));
    }
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    table
}
