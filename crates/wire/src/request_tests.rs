#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::pairs;

#[test]
fn pages() {
    let page = |query: &str| {
        let result = Parts { query: &pairs(query), ..Parts::default() }.page(200, 100);
        result.map(|page| (page.offset, page.limit)).map_err(|refusal| refusal.code.text())
    };
    for (query, expected) in [
        ("", (0, 100)),
        ("offset=&limit=", (0, 100)),
        ("offset=0&limit=200", (0, 200)),
        ("limit=1&offset=9223372036854775807", (i64::MAX, 1)),
        ("limit=5&limit=6", (0, 6)),
        ("other=x", (0, 100)),
    ] {
        assert_eq!(page(query), Ok(expected), "{query}");
    }
    for query in [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=a",
        "limit=1.0",
        "limit=+1",
        "limit= 1",
        "limit=9223372036854775808",
        "offset=-1",
        "offset=x",
        "offset=9223372036854775808",
    ] {
        assert_eq!(page(query), Err("CPS.0002"), "{query}");
    }
}

#[test]
fn marker_pages() {
    let query = pairs("marker=abc&limit=500");
    let parts = Parts { query: &query, ..Parts::default() };
    assert_eq!(parts.marker_page(500, 500).unwrap(), MarkerPage { marker: Some("abc".into()), limit: 500 });
    assert_eq!(Parts::default().marker_page(500, 400).unwrap(), MarkerPage { marker: None, limit: 400 });
    assert_eq!(parts.marker_page(499, 400).unwrap_err().code, code::PAGING_INVALID);
}

#[test]
fn texts() {
    let query = pairs("a=&b=x y&c=a\0b&d=1&d=2&e");
    let parts = Parts { query: &query, ..Parts::default() };
    let text = |name| parts.text(name, code::PHONE_NAME_INVALID).map_err(|refusal| refusal.code);
    assert_eq!(text("a"), Ok(None));
    assert_eq!(text("b"), Ok(Some("x y".into())));
    assert_eq!(text("c"), Err(code::PHONE_NAME_INVALID));
    assert_eq!(text("d"), Ok(Some("2".into())));
    assert_eq!(text("e"), Ok(None));
    assert_eq!(text("f"), Ok(None));
}

#[test]
fn lists_come_repeated_with_commas_or_both() {
    let query = pairs("a=1,2&b=x&a=3&a=,4,");
    let parts = Parts { query: &query, ..Parts::default() };
    assert_eq!(parts.values("a").collect::<Vec<_>>(), ["1", "2", "3", "4"]);
    assert_eq!(parts.values("c").count(), 0);
}

#[test]
fn server_ids_may_have_dashes() {
    for good in ["5e", "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"] {
        assert!(server_id_well_formed(good), "{good}");
    }
    for bad in
        ["", "-", "5E", "x", "0123456789abcdef0123456789abcdef0", "0123456789abcdef0123456789abc------def"]
    {
        assert!(!server_id_well_formed(bad), "{bad}");
    }
}
