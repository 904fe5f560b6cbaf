#![allow(clippy::unwrap_used)]
use super::*;

fn layer(settings: &[(Key, &str)]) -> Layer {
    settings.iter().map(|(key, text)| (*key, (*text).to_string())).collect()
}

fn resolved(layers: &[Layer]) -> Result<Settings, String> {
    resolve(layers, Need::Any, "profiles.toml")
}

const URL: (Key, &str) = (Key::Endpoint, "http://a:1/");

#[test]
fn the_first_layer_that_has_a_setting_counts() {
    let flags = layer(&[(Key::Region, "flag")]);
    let environment = layer(&[(Key::Region, "variable"), URL, (Key::Token, "t")]);
    let profile = layer(&[(Key::Endpoint, "http://b"), (Key::ProjectId, "p")]);
    let found = resolved(&[flags, environment, profile]).unwrap();
    assert_eq!((found.endpoint.as_str(), found.iam_endpoint.as_str()), ("http://a:1", "http://a:1"));
    assert_eq!((found.region.as_deref(), found.project_id.as_deref()), (Some("flag"), None));
    assert_eq!(found.credential, Credential::Token(Secret("t".into())));
}

#[test]
fn a_token_by_flag_goes_before_keys_in_the_environment() {
    let flags = layer(&[(Key::Token, "t")]);
    let environment = layer(&[URL, (Key::Ak, "a"), (Key::Sk, "s"), (Key::Token, "other")]);
    assert_eq!(
        resolved(&[flags, environment.clone()]).unwrap().credential,
        Credential::Token(Secret("t".into()))
    );
    let keys = Credential::Keys { ak: "a".into(), sk: Secret("s".into()) };
    assert_eq!(
        resolved(&[environment]).unwrap().credential,
        keys,
        "in one layer the keys, which do not expire"
    );
}

#[test]
fn half_a_credential_may_come_from_a_later_layer() {
    let found = resolved(&[layer(&[(Key::User, "u")]), layer(&[URL, (Key::Password, "p")])]).unwrap();
    let Credential::Password { user, domain, .. } = found.credential else { panic!("a password") };
    assert_eq!((user.as_str(), domain.as_str()), ("u", "phoneyard"));
}

#[test]
fn what_is_missing_is_named_with_all_its_places() {
    let error = resolved(&[Layer::new()]).unwrap_err();
    for word in ["--endpoint", "PHONEYARD_ENDPOINT", "`endpoint`", "profiles.toml"] {
        assert!(error.contains(word), "{error}");
    }
    let error = resolved(&[layer(&[URL, (Key::Ak, "a")])]).unwrap_err();
    assert!(error.contains("--sk") && error.contains("HUAWEICLOUD_SDK_SK"), "{error}");
    let error = resolved(&[layer(&[URL])]).unwrap_err();
    for word in ["--ak", "HUAWEICLOUD_SDK_AK", "--token", "PHONEYARD_TOKEN", "--user"] {
        assert!(error.contains(word), "{error}");
    }
    let error = resolved(&[layer(&[URL, (Key::User, "u")])]).unwrap_err();
    assert!(error.contains("--password-stdin") && error.contains("PHONEYARD_PASSWORD"), "{error}");
}

#[test]
fn keys_get_no_token() {
    let layers = [layer(&[URL, (Key::Ak, "a"), (Key::Sk, "s")])];
    let error = resolve(&layers, Need::LogIn, "p").unwrap_err();
    assert!(error.starts_with("an access key gets no token"), "{error}");
}

#[test]
fn an_endpoint_is_a_url_without_a_path() {
    for text in ["127.0.0.1:8080", "ftp://a", "http://", "http://a/b", "http://u:p@a", "http://a b"] {
        let error = resolved(&[layer(&[(Key::Endpoint, text), (Key::Token, "t")])]).unwrap_err();
        assert!(error.contains("is no URL"), "{text}: {error}");
    }
}

#[test]
fn secrets_are_not_in_debug_output() {
    let found = resolved(&[layer(&[URL, (Key::Ak, "a"), (Key::Sk, "hush")])]).unwrap();
    assert!(!format!("{found:?}").contains("hush"));
}
