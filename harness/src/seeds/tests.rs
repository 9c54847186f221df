//! Seeds, ranges and shards that are taken and that are refused.

use super::*;
use proptest::prelude::*;

#[test]
fn seed_as_written() {
    #[track_caller]
    fn check(text: &str, expected: Result<u64, &str>) {
        match (text.parse::<Seed>(), expected) {
            (Ok(seed), Ok(number)) => assert_eq!(seed, Seed(number)),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, expected) => panic!("{text}: {found:?}, expected {expected:?}"),
        }
    }
    check("0", Ok(0));
    check("42", Ok(42));
    check("007", Ok(7));
    check("0x2a", Ok(42));
    check("0x2A", Ok(42));
    check("18446744073709551615", Ok(u64::MAX));
    check("0xffffffffffffffff", Ok(u64::MAX));
    check("00000000000000010000000000000020000000ff", Ok(0x01 ^ 0x20 ^ 0xff));
    check("da39a3ee5e6b4b0d3255bfef95601890afd80709", Ok(0xda39_a3ee_5e6b_4b0d ^ 0x3255_bfef_3ab8_1f99));
    check("1111111111111111111111111111111111111111", Ok(0x1111_1111));
    check("18446744073709551616", Err("largest seed"));
    check("0x10000000000000000", Err("at most 16"));
    check("", Err("bad seed ``: write decimal"));
    check("0x", Err("write decimal"));
    check("0x+1", Err("write decimal"));
    check("-1", Err("write decimal"));
    check("+1", Err("write decimal"));
    check("4 2", Err("write decimal"));
    check("2a", Err("write decimal"));
    check("da39a3e", Err("40-digit commit hash"));
    check("ééééééééééééééééééééééééééééééé", Err("write decimal"));
}

#[test]
fn a_file_holds_a_string() {
    assert_eq!(serde_json::to_string(&Seed(u64::MAX)).unwrap(), "\"0xffffffffffffffff\"");
    assert_eq!(serde_json::from_str::<Seed>("\"42\"").unwrap(), Seed(42));
    let number = serde_json::from_str::<Seed>("42").unwrap_err().to_string();
    assert!(number.contains("expected a seed as a string"), "{number}");
    let word = serde_json::from_str::<Seed>("\"x\"").unwrap_err().to_string();
    assert!(word.contains("bad seed `x`"), "{word}");
}

#[test]
fn range_as_written() {
    #[track_caller]
    fn check(text: &str, expected: Result<(u64, u64), &str>) {
        let found = text.parse::<Seeds>().map(|seeds| (seeds.start, seeds.end)).map_err(|e| e.to_string());
        assert_eq!(found, expected.map_err(str::to_owned));
    }
    check("0..500", Ok((0, 500)));
    check("0x10..0x20", Ok((16, 32)));
    check("5..0xa", Ok((5, 10)));
    check("0..18446744073709551615", Ok((0, u64::MAX)));
    check("5..5", Err("bad range `5..5`: it is empty, because its end is not part of it"));
    check("9..3", Err("bad range `9..3`: it is reversed; write `3..9`"));
    check(
        "0..=5",
        Err("bad range `0..=5`: a range ends before its second number, so write `..` and one more"),
    );
    check("5", Err("bad range `5`: a range has two ends, for example `0..500`"));
    check("", Err("bad range ``: a range has two ends, for example `0..500`"));
    let seed = "bad seed ``: write decimal, `0x` hexadecimal or a 40-digit commit hash";
    check("..5", Err(&format!("bad range `..5`: {seed}")));
    check("5..", Err(&format!("bad range `5..`: {seed}")));
}

#[test]
fn shard_as_written() {
    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let ten = Seeds { start: 100, end: 110 };
        let found =
            text.parse::<Shard>().map(|shard| ten.shard(shard).to_string()).map_err(|e| e.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }
    check("1/1", Ok("100..110"));
    check("1/3", Ok("100..103"));
    check("2/3", Ok("103..106"));
    check("3/3", Ok("106..110"));
    check("1/20", Ok("100..100"));
    check("0/3", Err("bad range `0/3`: shards are counted from 1"));
    check("0/0", Err("bad range `0/0`: shards are counted from 1"));
    check("4/3", Err("bad range `4/3`: there are fewer shards than its number; K is at most N"));
    check("slice:2/3", Ok("103..106"));
    check("slice", Err("bad range `slice`: a shard is written `K/N`, for example `1/4`"));
    check("1", Err("bad range `1`: a shard is written `K/N`, for example `1/4`"));
    check("a/b", Err("bad range `a/b`: a shard is written `K/N`, for example `1/4`"));
}

#[test]
fn environment() {
    #[track_caller]
    fn check(set: &[(&str, &str)], expected: Result<Option<(u64, u64)>, &str>) {
        let value = |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        let found = Seeds::from_variables(value).map(|seeds| seeds.map(|s| (s.start, s.end)));
        assert_eq!(found.map_err(|e| e.to_string()), expected.map_err(str::to_owned));
    }
    const ONE: (&str, &str) = ("STORMCART_SEED", "0x2a");
    const COUNT: (&str, &str) = ("STORMCART_SEEDS", "64");
    const FIRST: (&str, &str) = ("MADSIM_TEST_SEED", "7");
    const NUMBER: (&str, &str) = ("MADSIM_TEST_NUM", "10");
    check(&[], Ok(None));
    check(&[("STORMCART_SEED", " "), ("MADSIM_TEST_NUM", "")], Ok(None));
    check(&[ONE], Ok(Some((42, 43))));
    check(&[COUNT], Ok(Some((0, 64))));
    check(&[("STORMCART_SEEDS", "8..16")], Ok(Some((8, 16))));
    check(&[FIRST], Ok(Some((7, 8))));
    check(&[NUMBER], Ok(Some((0, 10))));
    check(&[FIRST, NUMBER], Ok(Some((7, 17))));
    check(&[NUMBER, FIRST, COUNT], Ok(Some((0, 64))));
    check(&[NUMBER, FIRST, COUNT, ONE], Ok(Some((42, 43))));
    check(
        &[("STORMCART_SEED", "dice")],
        Err("environment variable STORMCART_SEED: bad seed `dice`: \
             write decimal, `0x` hexadecimal or a 40-digit commit hash"),
    );
    check(
        &[("STORMCART_SEEDS", "3..3")],
        Err("environment variable STORMCART_SEEDS: bad range `3..3`: \
             it is empty, because its end is not part of it"),
    );
    check(
        &[("MADSIM_TEST_NUM", "0")],
        Err("environment variable MADSIM_TEST_NUM: bad range `0 from 0x0`: \
             no seed would run; ask for at least 1"),
    );
    check(
        &[("STORMCART_SEED", "0xffffffffffffffff")],
        Err("environment variable STORMCART_SEED: bad range `1 from 0xffffffffffffffff`: \
             it passes the last seed; start lower"),
    );
}

proptest! {
    #[test]
    fn what_is_shown_is_read_back(number: u64, start: u64, count in 1u64..) {
        prop_assert_eq!(Seed(number).to_string().parse(), Ok(Seed(number)));
        let seeds = Seeds { start, end: start.saturating_add(count) };
        prop_assume!(!seeds.is_empty());
        prop_assert_eq!(seeds.to_string().parse(), Ok(seeds));
    }

    #[test]
    fn shards_partition_the_range(start: u64, count in 0u64..2000, of in 1u64..300) {
        let seeds = Seeds { start, end: start.saturating_add(count) };
        let shards = (1..=of).map(|part| seeds.shard(Shard { part, of }));
        let sizes = || shards.clone().map(|shard| shard.len());
        let joined: Vec<Seed> = shards.clone().flat_map(|shard| shard.iter()).collect();
        prop_assert_eq!(joined, seeds.iter().collect::<Vec<_>>());
        prop_assert!(sizes().max().unwrap() - sizes().min().unwrap() <= 1);
    }
}
