//! Purchase intents: drawn, or taken from real orders.
//!
//! Each intent is drawn at its own address, so adding one changes no other. Of real orders the date, the customer, the
//! quantity and the amount are real; the moment within the day, the articles and the split of the amount are drawn.
//!
//! **Invariant:** the same seed gives the same customers to every architecture.

use std::sync::OnceLock;

use stormcart_harness::error::Error;
use stormcart_sim::Micros;
use stormcart_sim::draw::{Draws, Purpose, Stream};

use crate::checkout::domain::{Basket, Line};
use crate::checkout::setup::Intent;

use super::orders_csv::{self, OrderRow};
use super::section::{OrdersCsv, Workload};

const CDNOW: &str = include_str!("../../../scenarios/checkout/cdnow-orders.csv");

/// Where purchase intents come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Nobody in particular.
    Synthetic,
    /// A file of real orders, by day.
    Real(Vec<OrderRow>, OrdersCsv),
}

impl Source {
    /// Opens the source a scenario names.
    ///
    /// # Errors
    /// If a file of orders cannot be read, or a row of it is refused.
    pub fn open(name: &str, workload: &Workload) -> Result<Source, Error> {
        let Some(csv) = &workload.orders_csv else { return Ok(Source::Synthetic) };
        if csv.days == 0 || !(csv.time_compression.is_finite() && csv.time_compression > 0.0) {
            let what = "orders_csv: days must be at least 1 and time_compression positive";
            return Err(Error::Plain(format!("{name}: {what}")));
        }
        if csv.file == "catalogue:cdnow" {
            static ROWS: OnceLock<Result<Vec<OrderRow>, Error>> = OnceLock::new();
            let rows = ROWS.get_or_init(|| orders_csv::read("cdnow-orders.csv", CDNOW)).clone()?;
            return Ok(Source::Real(rows, csv.clone()));
        }
        let path = std::path::Path::new(name).parent().unwrap_or(std::path::Path::new("")).join(&csv.file);
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| Error::Io {
            doing: "read",
            path: shown.clone(),
            what: error.to_string(),
        })?;
        Ok(Source::Real(orders_csv::read(&shown, &text)?, csv.clone()))
    }

    /// The intents of one seed, by time.
    pub fn intents(&self, workload: &Workload, draws: &Draws) -> Vec<Intent> {
        match self {
            Source::Synthetic => synthetic(workload, draws),
            Source::Real(rows, csv) => real(rows, csv, workload, draws),
        }
    }
}

fn synthetic(workload: &Workload, draws: &Draws) -> Vec<Intent> {
    let mut at = 0.0;
    let mut intents = Vec::with_capacity(workload.orders as usize);
    for number in 0..workload.orders {
        let mut stream = draws.stream(Purpose::Workload, u64::from(number), 0);
        at += stream.exponential(workload.mean_gap_ms * 1_000.0);
        let lines = 1 + stream.below(u64::from(workload.lines_max));
        let [least, greatest] = workload.price_cents;
        let free = stream.chance(workload.free_percent / 100.0);
        let mut basket = Vec::new();
        for sku in skus(&mut stream, workload, lines as usize) {
            let quantity = 1 + stream.below(u64::from(workload.quantity_max)) as u16;
            let piece = if free { 0 } else { least + stream.below(greatest - least + 1) };
            basket.push(Line { sku, quantity, price_cents: piece * u64::from(quantity) });
        }
        intents.push(behave(&mut stream, workload, Micros(at as u64), number, Basket::new(basket)));
    }
    intents
}

/// A window of days drawn by the seed, at most as many orders as the workload says, time compressed.
fn real(rows: &[OrderRow], csv: &OrdersCsv, workload: &Workload, draws: &Draws) -> Vec<Intent> {
    let last = rows.last().map_or(0, |row| row.day);
    let mut stream = draws.stream(Purpose::Workload, u64::MAX, 0);
    // A day without orders is no day to test on: the window starts at the day of a drawn order.
    let first = stream.pick(rows).map_or(0, |row| row.day).min((last + 1).saturating_sub(csv.days));
    let taken = orders_csv::window(rows, first, csv.days).iter().take(workload.orders as usize);
    let day_us = 86_400_000_000.0 / csv.time_compression;
    let mut intents: Vec<Intent> = taken
        .enumerate()
        .map(|(number, row)| {
            let mut stream = draws.stream(Purpose::Workload, number as u64, 0);
            let at = (f64::from(row.day - first) + stream.unit()) * day_us;
            let lines = (row.quantity.min(u32::from(workload.lines_max)) as usize).max(1);
            let skus = skus(&mut stream, workload, lines);
            let share = row.quantity / skus.len() as u32;
            let rest = row.quantity as usize % skus.len();
            let quantities: Vec<u32> = (0..skus.len()).map(|line| share + u32::from(line < rest)).collect();
            let prices = orders_csv::split_amount(row.amount_cents, &quantities);
            let line = |((sku, quantity), price_cents): ((u16, u32), u64)| Line {
                sku,
                quantity: quantity.min(u32::from(u16::MAX)) as u16,
                price_cents,
            };
            let lines = skus.into_iter().zip(quantities).zip(prices).map(line).collect();
            behave(&mut stream, workload, Micros(at as u64), row.customer, Basket::new(lines))
        })
        .collect();
    intents.sort_by_key(|intent| intent.at);
    intents
}

/// What this customer's card, address and mind do.
fn behave(stream: &mut Stream, workload: &Workload, at: Micros, customer: u32, basket: Basket) -> Intent {
    let declines = stream.chance(workload.declines_percent / 100.0);
    let undeliverable = stream.chance(workload.undeliverable_percent / 100.0);
    let cancels = stream.chance(workload.cancels_percent / 100.0);
    let after = Micros::millis(stream.below(workload.cancels_within_ms + 1));
    Intent {
        comes: true,
        at,
        customer,
        basket,
        declines,
        undeliverable,
        cancels_after: cancels.then_some(after),
    }
}

/// Different articles, by Zipf's law: the k-th most wanted with weight 1 / k^s.
fn skus(stream: &mut Stream, workload: &Workload, lines: usize) -> Vec<u16> {
    let mut weights: Vec<f64> =
        (1..=workload.skus).map(|rank| libm::pow(f64::from(rank), -workload.zipf)).collect();
    let mut chosen = Vec::new();
    while chosen.len() < lines
        && let Some(sku) = stream.weighted(&weights)
    {
        weights[sku] = 0.0;
        chosen.push(sku as u16);
    }
    chosen.sort_unstable();
    chosen
}
