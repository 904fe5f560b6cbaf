use super::*;

const TARGET: Target<'static> = Target { sdk: 30, abis: "x86_64,x86", wall_ms: 5 };

fn apk(version_code: u64, split: Option<&str>) -> Apk {
    Apk {
        package: "org.a".into(),
        split: split.map(str::to_owned),
        version_code,
        version_name: version_code.to_string(),
        label: "A".into(),
        min_sdk: 24,
        target_sdk: 30,
        debuggable: false,
        main_activity: None,
        activities: vec![],
        permissions: vec!["android.permission.CAMERA".into(), "android.permission.INTERNET".into()],
        abis: vec![],
    }
}

fn try_all(
    packages: &mut Packages,
    apks: &[Apk],
    options: &Options,
    sdk: u32,
) -> Result<Package, &'static str> {
    let named: Vec<_> = apks.iter().enumerate().map(|(n, apk)| (n.to_string(), 10, apk.clone())).collect();
    let admitted = packages.admit(&named, options, Target { sdk, ..TARGET });
    let (package, _) = admitted.map_err(|failure| failure.code)?;
    packages.put(package.clone());
    Ok(package)
}

#[test]
fn packages_are_counted() {
    let mut packages = Packages::default();
    let plain = Options::default();
    for number in 0..PACKAGES_MAX {
        let named = Apk { package: format!("org.a{number}"), ..apk(1, None) };
        try_all(&mut packages, &[named], &plain, 30).unwrap();
    }
    assert_eq!(
        try_all(&mut packages, &[apk(1, None)], &plain, 30),
        Err("INSTALL_FAILED_INSUFFICIENT_STORAGE")
    );
    let again = Apk { package: "org.a7".into(), ..apk(2, None) };
    assert_eq!(try_all(&mut packages, &[again], &plain, 30).unwrap().version_code, 2, "one that is there");
}

#[test]
fn an_older_version_needs_leave() {
    let mut packages = Packages::default();
    let plain = Options::default();
    let first = try_all(&mut packages, &[apk(2, None)], &plain, 30).unwrap();
    assert_eq!((first.uid, first.first_install_ms), (10_100, 5));
    assert_eq!(try_all(&mut packages, &[apk(1, None)], &plain, 30), Err("INSTALL_FAILED_VERSION_DOWNGRADE"));
    let leave = Options { downgrade: true, ..plain };
    assert_eq!(try_all(&mut packages, &[apk(1, None)], &leave, 30).unwrap().uid, 10_100);
}

#[test]
fn replacing_needs_leave_before_android_9_or_when_it_was_taken() {
    for (sdk, keep, replaces) in [(27, false, false), (28, false, true), (30, true, false)] {
        let mut packages = Packages::default();
        let options = Options { keep, ..Options::default() };
        try_all(&mut packages, &[apk(1, None)], &options, sdk).unwrap();
        let again = try_all(&mut packages, &[apk(2, None)], &options, sdk);
        assert_eq!(again.err(), (!replaces).then_some("INSTALL_FAILED_ALREADY_EXISTS"), "{sdk}");
        let asked = Options { replace: true, ..options };
        assert!(try_all(&mut packages, &[apk(2, None)], &asked, sdk).is_ok());
    }
}

#[test]
fn an_app_for_a_newer_android_is_refused() {
    let mut packages = Packages::default();
    let old = try_all(&mut packages, &[apk(1, None)], &Options::default(), 23);
    assert_eq!(old, Err("INSTALL_FAILED_OLDER_SDK"));
}

#[test]
fn splits_belong_to_one_base() {
    let mut packages = Packages::default();
    let plain = Options::default();
    for wrong in [
        vec![],
        vec![apk(1, Some("a"))],
        vec![apk(1, None), apk(2, Some("a"))],
        vec![apk(1, None), apk(1, Some("a")), apk(1, Some("a"))],
        vec![apk(1, None), Apk { package: "org.b".into(), ..apk(1, Some("a")) }],
    ] {
        assert_eq!(try_all(&mut packages, &wrong, &plain, 30), Err(INVALID));
    }
    let inherit = Options { inherit: Some("org.a".into()), ..plain.clone() };
    assert_eq!(try_all(&mut packages, &[apk(1, Some("b"))], &inherit, 30), Err(INVALID));
    let both = try_all(&mut packages, &[apk(1, Some("a")), apk(1, None)], &plain, 30).unwrap();
    assert_eq!(both.splits.keys().collect::<Vec<_>>(), ["a"]);
    let added = try_all(&mut packages, &[apk(1, Some("b"))], &inherit, 30).unwrap();
    assert_eq!(added.splits.len(), 2);
    assert_eq!(try_all(&mut packages, &[apk(2, Some("c"))], &inherit, 30), Err(INVALID));
}

#[test]
fn dangerous_permissions_are_granted_when_asked_to() {
    let mut packages = Packages::default();
    let plain = try_all(&mut packages, &[apk(1, None)], &Options::default(), 30).unwrap();
    assert_eq!(plain.granted.iter().collect::<Vec<_>>(), ["android.permission.INTERNET"]);
    let grant = Options { grant: true, ..Options::default() };
    let granted = try_all(&mut packages, &[apk(2, None)], &grant, 30).unwrap();
    assert_eq!(granted.granted.len(), 2);
    let kept = try_all(&mut packages, &[apk(3, None)], &Options::default(), 30).unwrap();
    assert_eq!(kept.granted.len(), 2, "an update keeps what was granted");
}

#[test]
fn a_package_of_the_image_cannot_be_replaced_and_keeps_what_is_changed() {
    let mut packages = Packages::default();
    let settings = Apk { package: "com.android.settings".into(), ..apk(99, None) };
    let refused = try_all(&mut packages, &[settings], &Options::default(), 30);
    assert_eq!(refused, Err("INSTALL_FAILED_UPDATE_INCOMPATIBLE"));
    let mut settings = packages.get("com.android.settings", 30).unwrap();
    settings.enabled = Enabled::OffByUser;
    packages.put(settings);
    assert!(packages.get("com.android.settings", 30).unwrap().enabled.off());
    assert!(packages.installed.is_empty());
}
