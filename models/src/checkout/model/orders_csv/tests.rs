//! Order files that are taken and order files that are refused.

use super::*;
use proptest::prelude::*;

const HEADER: &str = "date,customer,quantity,amount_cents\n";

#[track_caller]
fn check(text: &str, expected: Result<&[(u32, u32, u32, u64)], &str>) {
    let found = read("o.csv", text)
        .map(|rows| rows.iter().map(|r| (r.day, r.customer, r.quantity, r.amount_cents)).collect::<Vec<_>>());
    assert_eq!(found.map_err(|e| e.to_string()), expected.map(<[_]>::to_vec).map_err(str::to_owned));
}

#[track_caller]
fn check_row(row: &str, expected: Result<(u32, u32, u32, u64), &str>) {
    check(&format!("{HEADER}{row}\n"), expected.as_ref().map(std::slice::from_ref).map_err(|what| *what));
}

#[test]
fn files() {
    check(&format!("{HEADER}1997-01-01,4,2,2933\n"), Ok(&[(0, 4, 2, 2933)]));
    check("amount_cents,x,date,quantity,customer\n5,?,1997-01-01,2,4", Ok(&[(0, 4, 2, 5)]));
    check("\u{feff}date, customer ,quantity,amount_cents\r\n1997-01-01, 4 ,2,5\r\n", Ok(&[(0, 4, 2, 5)]));
    check(
        &format!("{HEADER}1997-03-01,1,1,10\n\n1996-12-31,2,1,20\n1997-03-01,3,1,30\n1997-01-01,4,1,40\n"),
        Ok(&[(0, 2, 1, 20), (1, 4, 1, 40), (60, 1, 1, 10), (60, 3, 1, 30)]),
    );
}

#[test]
fn refused_files() {
    check("", Err("o.csv:1:1: column `date` is missing; the header says ``"));
    check(
        "date,customer,amount_cents\n",
        Err("o.csv:1:1: column `quantity` is missing; the header says `date,customer,amount_cents`"),
    );
    check("date,date,customer,quantity,amount_cents\n", Err("o.csv:1:1: column `date` is there twice"));
    check(HEADER, Err("o.csv:2:1: no order follows the header"));
    check(
        &format!("{HEADER}1997-01-01,1,1,1\n\n\n1997-01-01,1,0,1\n"),
        Err("o.csv:5:14: quantity `0` is not between 1 and 4294967295"),
    );
    check(
        "x,date,customer,quantity,amount_cents\r\n\
         \"a,\nb\",1997-01-01,1,1,1\r\n\"é,é\",1997-01-01,z,1,1\r\n",
        Err("o.csv:4:18: customer `z` is not a whole number"),
    );
}

#[test]
fn rows() {
    check_row("1997-01-01,4,1,0", Ok((0, 4, 1, 0)));
    check_row("2000-02-29,4294967295,4294967295,18446744073709551615", Ok((0, u32::MAX, u32::MAX, u64::MAX)));
    check_row("1997-01-01,4,1", Err("o.csv:2:1: the row has 3 fields, the header has 4"));
    check_row("1997-01-01,4,1,5,6", Err("o.csv:2:1: the row has 5 fields, the header has 4"));
    check_row(
        "1997-01-01,4,1,-5",
        Err("o.csv:2:16: amount_cents `-5` is not between 0 and 18446744073709551615"),
    );
    check_row("1997-01-01,4,1,29.33", Err("o.csv:2:16: amount_cents `29.33` is not a whole number"));
    check_row(
        "1997-01-01,4,1,18446744073709551616",
        Err("o.csv:2:16: amount_cents `18446744073709551616` is not between 0 and 18446744073709551615"),
    );
    check_row("1997-01-01,4,0,5", Err("o.csv:2:14: quantity `0` is not between 1 and 4294967295"));
    check_row("1997-01-01,4,-1,5", Err("o.csv:2:14: quantity `-1` is not between 1 and 4294967295"));
    check_row("1997-01-01,,1,5", Err("o.csv:2:12: customer `` is not a whole number"));
    check_row(
        "1997-01-01,4294967296,1,5",
        Err("o.csv:2:12: customer `4294967296` is not between 0 and 4294967295"),
    );
}

#[test]
fn dates() {
    #[track_caller]
    fn check(text: &str, expected: Option<i64>) {
        let sentence = format!("date `{text}` is not a day written YYYY-MM-DD");
        assert_eq!(civil_day(text), expected.ok_or(sentence));
    }
    check("1970-01-01", Some(0));
    check("1969-12-31", Some(-1));
    check("1997-01-01", Some(9862));
    check("2000-02-29", Some(11016));
    check("2000-03-01", Some(11017));
    check("2024-12-31", Some(20088));
    check("0000-01-01", Some(-719_528));
    check("9999-12-31", Some(2_932_896));
    check("1900-02-29", None);
    check("2023-02-29", None);
    check("1997-04-31", None);
    check("1997-00-10", None);
    check("1997-13-01", None);
    check("1997-01-00", None);
    check("1997-1-1", None);
    check("01/02/1997", None);
    check("1997-01-01T00:00", None);
    check("1997-01-+1", None);
    check("199é-01-01", None);
    check("", None);
}

#[test]
fn the_sample_file() {
    let rows =
        read("cdnow-orders.csv", include_str!("../../../../scenarios/checkout/cdnow-orders.csv")).unwrap();
    assert_eq!(rows.len(), 6919);
    assert_eq!(rows.iter().filter(|row| row.amount_cents == 0).count(), 8);
    assert_eq!(rows[0], OrderRow { day: 0, customer: 4, quantity: 2, amount_cents: 2933 });
    let weeks: usize = (0..80).map(|week| window(&rows, week * 7, 7).len()).sum();
    assert_eq!(weeks, rows.len());
}

#[test]
fn windows() {
    let rows = [0, 0, 2, 5, 5, 9].map(|day| OrderRow { day, customer: 1, quantity: 1, amount_cents: 1 });
    let check = |first_day, days, expected: std::ops::Range<usize>| {
        assert_eq!(window(&rows, first_day, days), &rows[expected], "{days} days from {first_day}");
    };
    check(0, 1, 0..2);
    check(0, 0, 0..0);
    check(1, 1, 2..2);
    check(1, 4, 2..3);
    check(2, 4, 2..5);
    check(9, u32::MAX, 5..6);
    check(10, 5, 6..6);
    check(u32::MAX, u32::MAX, 6..6);
}

#[test]
fn amounts() {
    #[track_caller]
    fn check(total: u64, quantities: &[u32], expected: &[u64]) {
        assert_eq!(split_amount(total, quantities), expected);
    }
    check(2933, &[2], &[2933]);
    check(100, &[1, 1, 1], &[34, 33, 33]);
    check(101, &[1, 1, 1], &[34, 34, 33]);
    check(100, &[1, 2], &[33, 67]);
    check(0, &[1, 2], &[0, 0]);
    check(1, &[1, 1], &[1, 0]);
    check(1, &[1, 3], &[0, 1]);
    check(5, &[0, 1], &[0, 5]);
    check(5, &[0, 0], &[3, 2]);
    check(0, &[], &[]);
    check(5, &[], &[]);
    check(u64::MAX, &[u32::MAX, u32::MAX], &[u64::MAX / 2 + 1, u64::MAX / 2]);
}

proptest! {
    #[test]
    fn parts_are_exact_and_fair(total: u64, quantities in prop::collection::vec(any::<u32>(), 1..20)) {
        let parts = split_amount(total, &quantities);
        prop_assert_eq!(parts.iter().copied().map(u128::from).sum::<u128>(), u128::from(total));
        let sum: u128 = quantities.iter().copied().map(u128::from).sum();
        prop_assume!(sum > 0);
        for (part, quantity) in parts.into_iter().zip(quantities) {
            let fair = u128::from(total) * u128::from(quantity);
            prop_assert!((u128::from(part) * sum).abs_diff(fair) < sum, "{} of {}", part, total);
        }
    }

    #[test]
    fn no_file_breaks_the_reader(body in "[0-9,\"\n\ré-]{0,60}") {
        let _ = read("o.csv", &format!("{HEADER}{body}"));
    }
}
