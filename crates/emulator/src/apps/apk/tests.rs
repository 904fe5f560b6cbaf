use super::*;
use crate::phone::rng::Rng;

const BASE: &[u8] = include_bytes!("../../../tests/fixtures/base.apk");
const UPDATE: &[u8] = include_bytes!("../../../tests/fixtures/update.apk");
const SPLIT: &[u8] = include_bytes!("../../../tests/fixtures/split.apk");
const UNSIGNED: &[u8] = include_bytes!("../../../tests/fixtures/unsigned.apk");
const JAR: &[u8] = include_bytes!("../../../tests/fixtures/jar.apk");

#[test]
fn an_apk_says_who_it_is() {
    let apk = Apk::read(BASE).unwrap();
    let expected = Apk {
        package: "org.example.hello".into(),
        split: None,
        version_code: 7,
        version_name: "1.7".into(),
        label: "Hello Phone".into(),
        min_sdk: 24,
        target_sdk: 30,
        debuggable: true,
        main_activity: Some("org.example.hello.MainActivity".into()),
        activities: vec![
            "org.example.hello.MainActivity".into(),
            "org.example.hello.about.AboutActivity".into(),
        ],
        permissions: vec!["android.permission.INTERNET".into(), "android.permission.CAMERA".into()],
        abis: vec![],
    };
    assert_eq!(apk, expected);
}

#[test]
fn a_label_may_be_literal_or_missing() {
    let update = Apk::read(UPDATE).unwrap();
    assert_eq!((update.label.as_str(), update.version_code, update.min_sdk), ("Hello again", 8, 30));
    assert_eq!(Apk::read(SPLIT).unwrap().label, "org.example.hello");
}

#[test]
fn a_split_names_itself_and_its_native_code() {
    let split = Apk::read(SPLIT).unwrap();
    assert_eq!(split.split.as_deref(), Some("config.x86_64"));
    assert_eq!(split.abis, ["x86_64"]);
    assert_eq!(split.main_activity, None);
}

#[test]
fn a_signature_of_either_kind_is_asked_for() {
    assert_eq!(Apk::read(JAR).unwrap().package, "org.example.service");
    assert_eq!(Apk::read(UNSIGNED), Err(ApkError::NoCertificates));
}

#[test]
fn what_is_no_apk_is_refused() {
    for bytes in [&b""[..], b"PK", b"not an archive at all, but long enough to hold one's end", &BASE[..4000]]
    {
        assert_eq!(Apk::read(bytes), Err(ApkError::NotApk));
    }
}

#[test]
fn broken_apks_never_panic() {
    let mut rng = Rng::of(11, "apk", 0);
    for original in [BASE, UPDATE, SPLIT, JAR] {
        for _ in 0..3000 {
            let mut bytes = original.to_vec();
            for _ in 0..1 + rng.word() % 8 {
                let at = rng.word() as usize % bytes.len();
                bytes[at] = [0, 0xff, 0x7f, rng.word() as u8][rng.word() as usize % 4];
            }
            bytes.truncate(
                bytes.len() - (rng.word() as usize % 64) * usize::from(rng.word().is_multiple_of(8)),
            );
            let _ = Apk::read(bytes.as_slice());
        }
    }
}

/// The files of an APK as they are unpacked.
fn unpacked(apk: &[u8], name: &str) -> Vec<u8> {
    let mut source = apk;
    let zip = zip::Zip::open(&mut source).unwrap();
    zip.read(&mut source, zip.find(name).unwrap(), 1 << 20).unwrap()
}

#[test]
fn broken_manifests_and_tables_never_panic_and_stay_small() {
    let mut rng = Rng::of(12, "axml", 0);
    let manifest = unpacked(BASE, "AndroidManifest.xml");
    let table = unpacked(BASE, "resources.arsc");
    assert!(Manifest::parse(&manifest).is_ok());
    let odd = [0, 1, 0x7f, 0x80, 0xff, 3, 8, 0x10];
    for _ in 0..30_000 {
        let (mut manifest, mut table) = (manifest.clone(), table.clone());
        for bytes in [&mut manifest, &mut table] {
            for _ in 0..1 + rng.word() % 4 {
                let at = rng.word() as usize % bytes.len();
                bytes[at] = odd[rng.word() as usize % odd.len()];
            }
        }
        let _ = Manifest::parse(&manifest);
        let _ = resources::text(&table, 0x7f02_0000);
        let _ = resources::text(&table, 0x7f01_0000 | rng.word() as u32 & 0x0003_0003);
    }
}

#[test]
fn a_ring_of_references_ends() {
    let mut table = unpacked(BASE, "resources.arsc");
    let id =
        (0x7f01_0000_u32..0x7f0a_0000).step_by(0x1_0000).find(|id| resources::text(&table, *id).is_some());
    let id = id.unwrap();
    // The entry's value becomes a reference to itself.
    let value = [8, 0, 0, 3];
    for at in 0..table.len() - 8 {
        if table[at..at + 4] == value {
            table[at + 3] = 1;
            table[at + 4..at + 8].copy_from_slice(&id.to_le_bytes());
        }
    }
    assert_eq!(resources::text(&table, id), None);
}

#[test]
fn an_entry_that_inflates_further_than_it_says_is_refused() {
    let mut apk = BASE.to_vec();
    let at = (0..apk.len()).rev().find(|at| apk[*at..].starts_with(b"PK\x01\x02")).unwrap();
    let first = (0..=at).find(|at| apk[*at..].starts_with(b"PK\x01\x02")).unwrap();
    let size = apk[first + 24..first + 28].to_vec();
    apk[first + 24..first + 28]
        .copy_from_slice(&(u32::from_le_bytes(size.try_into().unwrap()) - 1).to_le_bytes());
    assert!(matches!(Apk::read(apk.as_slice()), Err(ApkError::Unexpected(_))));
    apk[first + 24..first + 28].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(Apk::read(apk.as_slice()), Err(ApkError::Unexpected(_))));
}

/// A chunk of binary XML: its kind, and the head and body after the eight bytes that all have.
fn chunk(kind: u16, head: u16, rest: &[u8]) -> Vec<u8> {
    let size = u32::try_from(rest.len() + 8).unwrap();
    [&kind.to_le_bytes()[..], &head.to_le_bytes(), &size.to_le_bytes(), rest].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A manifest of one long string, and elements in or beside each other that have it as an attribute's value.
fn odd_manifest(string_bytes: usize, elements: usize, nested: bool) -> Vec<u8> {
    let length = u8::try_from(string_bytes >> 8).unwrap() | 0x80;
    let mut content = vec![length, string_bytes as u8, length, string_bytes as u8];
    content.extend(std::iter::repeat_n(b'a', string_bytes));
    content.push(0);
    let pool = [words(&[1, 0, 1 << 8, 32, 0, 0]), content].concat();
    let begin = {
        let head = words(&[1, u32::MAX, u32::MAX, 0, 20 | 20 << 16, 1, 0]);
        let attribute = words(&[u32::MAX, 0, 0, 8 | 3 << 24, 0]);
        chunk(0x0102, 16, &[head, attribute].concat())
    };
    let end = chunk(0x0103, 16, &words(&[1, u32::MAX, u32::MAX, 0]));
    let tree = if nested {
        [begin.repeat(elements), end.repeat(elements)].concat()
    } else {
        let inner = [begin.clone(), end.clone()].concat().repeat(elements);
        [begin, inner, end].concat()
    };
    chunk(3, 8, &[chunk(1, 28, &pool), chunk(0x0180, 8, &[]), tree].concat())
}

#[test]
fn a_manifest_that_would_grow_or_nest_without_bound_is_refused() {
    assert!(guard::check(&odd_manifest(10_000, 10, false)).is_some());
    assert!(guard::check(&odd_manifest(10_000, 2_000, false)).is_none(), "20 MB of strings");
    assert!(guard::check(&odd_manifest(10, 60, true)).is_some());
    assert!(guard::check(&odd_manifest(10, 65, true)).is_none());
}
