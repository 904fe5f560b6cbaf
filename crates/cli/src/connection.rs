//! The flags of a connection, and where they, the environment and a profile come together.

use crate::failure::Failure;
use crate::profile;
use crate::secret::Secret;
use crate::settings::{self, Key, Layer, Need, SOURCES, Settings};
use clap::{Args, ValueHint};
use std::io::{BufRead, Read};

/// Far more than a password has.
const PASSWORD_BYTES_MAX: u64 = 4096;

/// The flags.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection (flags go before variables, variables before a profile)")]
pub struct ConnectionFlags {
    /// The service's URL [variable: PHONEYARD_ENDPOINT]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    endpoint: Option<String>,
    /// The URL of its log-in, when it is another [variable: HUAWEICLOUD_SDK_IAM_ENDPOINT]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, hide_short_help = true)]
    iam_endpoint: Option<String>,
    /// The project [variable: HUAWEICLOUD_SDK_PROJECT_ID; default: the user's only one]
    #[arg(long, value_name = "ID", hide_short_help = true)]
    project_id: Option<String>,
    /// The project by its name, which is by custom a region's [variable: PHONEYARD_REGION]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    region: Option<String>,
    /// Access key [variable: HUAWEICLOUD_SDK_AK]
    #[arg(long, hide_short_help = true)]
    ak: Option<String>,
    /// Its secret key; others on this machine can see flags, so better a variable or a profile [variable:
    /// HUAWEICLOUD_SDK_SK]
    #[arg(long, hide_short_help = true)]
    sk: Option<Secret>,
    /// A token instead of an access key; the same warning [variable: PHONEYARD_TOKEN]
    #[arg(long, hide_short_help = true)]
    token: Option<Secret>,
    /// A user with a password instead of an access key [variable: PHONEYARD_USER]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    user: Option<String>,
    /// Read the user's password from standard input, its first line [variable: PHONEYARD_PASSWORD]
    #[arg(long, hide_short_help = true)]
    pub(crate) password_stdin: bool,
    /// The user's domain [variable: PHONEYARD_DOMAIN; default: phoneyard]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    domain: Option<String>,
    /// A PEM file of certificates to trust besides the system's [variable: PHONEYARD_CA]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true)]
    ca: Option<String>,
    /// A profile [variable: PHONEYARD_PROFILE; default: default]
    ///
    /// Profiles are tables of ~/.config/phoneyard/profiles.toml, which only its owner may be able to read: a line
    /// with the name, such as [staging], and below it settings called as the flags, with _ for -, such as
    /// endpoint = "http://127.0.0.1:8080".
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

impl ConnectionFlags {
    /// The connection, the place of profiles, and lines that the user should read.
    ///
    /// # Errors
    /// A setting is missing or wrong.
    pub fn settings(&self, need: Need) -> Result<(Settings, String, Vec<String>), Failure> {
        let path = profile::path();
        let shown = path.display().to_string();
        let flags = self.layer()?;
        let environment = environment(|name| std::env::var(name).ok());
        let by_variable = std::env::var("PHONEYARD_PROFILE").ok().filter(|name| !name.is_empty());
        let name = self.profile.clone().or(by_variable);
        let profile = profile::load(&path, name.as_deref()).map_err(Failure::usage)?;
        let mut notes = Vec::new();
        if let Some(name) = &self.profile {
            notes.extend(overruled(name, &flags, &environment, &profile));
        }
        let settings =
            settings::resolve(&[flags, environment, profile], need, &shown).map_err(Failure::usage)?;
        Ok((settings, shown, notes))
    }

    fn layer(&self) -> Result<Layer, Failure> {
        let password = self.password_stdin.then(read_password).transpose()?;
        let secret = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.0.clone());
        let given = [
            (Key::Endpoint, self.endpoint.clone()),
            (Key::IamEndpoint, self.iam_endpoint.clone()),
            (Key::ProjectId, self.project_id.clone()),
            (Key::Region, self.region.clone()),
            (Key::Ak, self.ak.clone()),
            (Key::Sk, secret(&self.sk)),
            (Key::Token, secret(&self.token)),
            (Key::User, self.user.clone()),
            (Key::Password, password),
            (Key::Domain, self.domain.clone()),
            (Key::Ca, self.ca.clone()),
        ];
        let given = given.into_iter().filter_map(|(key, text)| Some((key, text?)));
        Ok(given.filter(|(_, text)| !text.is_empty()).collect())
    }
}

fn environment(variable: impl Fn(&str) -> Option<String>) -> Layer {
    let set = SOURCES.iter().filter_map(|source| Some((source.key, variable(source.variable)?)));
    set.filter(|(_, text)| !text.is_empty()).collect()
}

/// A profile was asked for by name, but variables go before it: that must not pass unseen.
fn overruled(name: &str, flags: &Layer, environment: &Layer, profile: &Layer) -> Option<String> {
    let differs = |key: &Key| environment.get(key).is_some_and(|text| Some(text) != profile.get(key));
    let over = SOURCES.iter().filter(|source| {
        profile.contains_key(&source.key) && !flags.contains_key(&source.key) && differs(&source.key)
    });
    let over: Vec<&str> = over.map(|source| source.variable).collect();
    (!over.is_empty())
        .then(|| format!("note: {} of the environment goes before profile {name}", over.join(", ")))
}

fn read_password() -> Result<String, Failure> {
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(PASSWORD_BYTES_MAX);
    input.read_line(&mut text).map_err(|e| Failure::usage(format!("standard input: {e}")))?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::usage("--password-stdin: standard input holds no password"));
    }
    Ok(password.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_the_official_ones_and_empty_ones_do_not_count() {
        let found = environment(|name| match name {
            "HUAWEICLOUD_SDK_AK" => Some("a".into()),
            "HUAWEICLOUD_SDK_SK" => Some(String::new()),
            _ => None,
        });
        assert_eq!(found, Layer::from([(Key::Ak, "a".into())]));
    }

    #[test]
    fn a_variable_that_goes_before_a_named_profile_is_told() {
        let layer = |endpoint: &str| Layer::from([(Key::Endpoint, endpoint.to_string())]);
        let told = overruled("x", &Layer::new(), &layer("a"), &layer("b"));
        assert!(told.is_some_and(|line| line.contains("PHONEYARD_ENDPOINT")));
        assert_eq!(overruled("x", &Layer::new(), &layer("a"), &layer("a")), None);
        assert_eq!(overruled("x", &layer("c"), &layer("a"), &layer("b")), None);
        assert_eq!(overruled("x", &Layer::new(), &layer("a"), &Layer::new()), None);
    }
}
