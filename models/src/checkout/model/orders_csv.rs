//! Real orders from a CSV file, and how an order's amount is shared among its lines.
//!
//! The header names `date,customer,quantity,amount_cents` in any order; other columns are ignored.
//!
//! **Invariant:** a row is read exactly or the file is refused at its line and column. Nothing is skipped,
//! rounded or repaired, so the money of a workload is the money of the file, to the cent.

use std::cmp::Reverse;

use stormcart_harness::error::Error;

const COLUMNS: [&str; 4] = ["date", "customer", "quantity", "amount_cents"];

/// One order as it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderRow {
    /// Days since the earliest date of the file.
    pub day: u32,
    /// Who ordered.
    pub customer: u32,
    /// How many pieces; at least one.
    pub quantity: u32,
    /// What the order cost. Zero is real: some orders are free.
    pub amount_cents: u64,
}

/// Reads the text of the file called `path_name`: its rows sorted by day, rows of one day in the file's
/// order.
pub fn read(path_name: &str, text: &str) -> Result<Vec<OrderRow>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| malformed(path_name, text, &error))?.clone();
    let [date, customer, quantity, amount] =
        columns(&headers).map_err(|what| Error::in_file(path_name, text, 0, what))?;

    let mut rows: Vec<OrderRow> = Vec::new();
    let mut days: Vec<i64> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| malformed(path_name, text, &error))?;
        let refuse = |column: usize| {
            let start = record.position().map_or(0, csv::Position::byte);
            move |what: String| Error::in_file(path_name, text, field_offset(text, start, column), what)
        };
        let field = |column: usize| record.get(column).unwrap_or("");
        days.push(civil_day(field(date)).map_err(refuse(date))?);
        rows.push(OrderRow {
            day: 0,
            customer: whole("customer", field(customer), 0, u32::MAX).map_err(refuse(customer))?,
            quantity: whole("quantity", field(quantity), 1, u32::MAX).map_err(refuse(quantity))?,
            amount_cents: whole("amount_cents", field(amount), 0, u64::MAX).map_err(refuse(amount))?,
        });
    }
    let Some(first) = days.iter().copied().min() else {
        return Err(Error::in_file(path_name, text, text.len(), "no order follows the header"));
    };
    for (row, day) in rows.iter_mut().zip(days) {
        row.day = u32::try_from(day - first).map_err(|error| Error::Internal(error.to_string()))?;
    }
    rows.sort_by_key(|row| row.day);
    Ok(rows)
}

/// The rows of `days` days from `first_day` on; `rows` are sorted by day, as [`read`] leaves them.
pub fn window(rows: &[OrderRow], first_day: u32, days: u32) -> &[OrderRow] {
    debug_assert!(rows.is_sorted_by_key(|row| row.day), "a window is cut from sorted rows");
    let end_day = u64::from(first_day) + u64::from(days);
    let start = rows.partition_point(|row| row.day < first_day);
    let end = rows.partition_point(|row| u64::from(row.day) < end_day);
    &rows[start..end]
}

/// Shares an order's amount among its lines in proportion to their quantities, to the cent.
///
/// The method of the largest remainder (Hamilton 1792): each line gets its whole cents, and the cents left
/// over go one each to the largest fractions, of equal ones to the first. Lines without any quantity share
/// evenly. The parts sum to the total exactly, unless there is no line at all.
pub fn split_amount(total_cents: u64, quantities: &[u32]) -> Vec<u64> {
    let sum: u128 = quantities.iter().copied().map(u128::from).sum();
    if sum == 0 && !quantities.is_empty() {
        return split_amount(total_cents, &vec![1; quantities.len()]);
    }
    let products = quantities.iter().map(|quantity| u128::from(total_cents) * u128::from(*quantity));
    let (mut parts, remainders): (Vec<u64>, Vec<u128>) =
        products.map(|product| ((product / sum) as u64, product % sum)).unzip();
    let left_over = total_cents - parts.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|line| Reverse(remainders[*line]));
    for line in order.into_iter().take(left_over as usize) {
        parts[line] += 1;
    }
    parts
}

/// Where each of [`COLUMNS`] stands.
fn columns(headers: &csv::StringRecord) -> Result<[usize; 4], String> {
    let header = || headers.iter().collect::<Vec<_>>().join(",");
    let mut found = [0; 4];
    for (slot, name) in found.iter_mut().zip(COLUMNS) {
        let mut places = headers.iter().enumerate().filter(|(_, header)| *header == name);
        *slot = match (places.next(), places.next()) {
            (Some((place, _)), None) => place,
            (Some(_), Some(_)) => return Err(format!("column `{name}` is there twice")),
            (None, _) => {
                return Err(format!("column `{name}` is missing; the header says `{}`", header()));
            }
        };
    }
    Ok(found)
}

/// A whole number between two bounds.
fn whole<N: TryFrom<i128> + Into<i128> + Copy>(
    name: &str,
    text: &str,
    lowest: N,
    highest: N,
) -> Result<N, String> {
    let number: i128 = text.parse().map_err(|_| format!("{name} `{text}` is not a whole number"))?;
    match N::try_from(number) {
        Ok(fits) if number >= lowest.into() => Ok(fits),
        _ => Err(format!("{name} `{text}` is not between {} and {}", lowest.into(), highest.into())),
    }
}

/// Days from 1970-01-01 to an ISO date of the Gregorian calendar.
///
/// Years are counted from March, so that the leap day comes last and the days before a month are `(153m +
/// 2) / 5`.
fn civil_day(text: &str) -> Result<i64, String> {
    let bad = || format!("date `{text}` is not a day written YYYY-MM-DD");
    let shape = |(place, byte): (usize, u8)| {
        if place == 4 || place == 7 { byte == b'-' } else { byte.is_ascii_digit() }
    };
    if text.len() != 10 || !text.bytes().enumerate().all(shape) {
        return Err(bad());
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().map_err(|_| bad());
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    if day < 1 || day > length {
        return Err(bad());
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Ok(365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// What the CSV reader itself refuses, at the line it names.
fn malformed(path_name: &str, text: &str, error: &csv::Error) -> Error {
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} fields, the header has {expected_len}")
        }
        _ => error.to_string(),
    };
    let start = error.position().map_or(0, csv::Position::byte);
    Error::in_file(path_name, text, field_offset(text, start, 0), what)
}

/// The byte at which a field of the record at `start` begins; the reader may leave line ends in front of it.
fn field_offset(text: &str, start: u64, column: usize) -> usize {
    let start = usize::try_from(start).unwrap_or(0);
    let record = text.get(start..).unwrap_or("").trim_start_matches(['\r', '\n']);
    let (mut column, mut quoted) = (column, false);
    for (offset, byte) in record.bytes().enumerate() {
        if column == 0 {
            return text.len() - record.len() + offset;
        }
        quoted ^= byte == b'"';
        column -= usize::from(byte == b',' && !quoted);
    }
    text.len()
}

#[cfg(test)]
mod tests;
