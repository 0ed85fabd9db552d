//! Appearance and preferences (docs/api/settings.md#appearance, docs/api/settings.md#preferences).

use super::session::Caller;
use super::{CONTENTION_ATTEMPTS, Service};
use crate::auth::token::ShortId;
use crate::domain::settings::{Appearance, AppearanceChange, PreferenceChange, Preferences, Settings};
use crate::domain::user::User;
use crate::rbac::{Action, Object, authorize};
use crate::storage::{Lookup, StorageError};

/// Why settings are not to be had or not changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The caller may not see or change the user's personal data.
    #[error("not permitted")]
    Forbidden,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Service {
    /// What a user has set.
    pub async fn settings(
        &self,
        caller: &Caller,
        target: &User,
        stored: Option<Settings>,
    ) -> Result<Settings, SettingsError> {
        if !authorize(&caller.subject, Action::ReadPersonal, &Object::user(target.id)) {
            return Err(SettingsError::Forbidden);
        }
        Ok(self.present_settings(target, stored).await?)
    }

    /// Changes the appearance.
    pub async fn update_appearance(
        &self,
        caller: &Caller,
        target: &User,
        change: &AppearanceChange,
        stored: Option<Settings>,
    ) -> Result<Appearance, SettingsError> {
        let change =
            |settings: &Settings| Settings { appearance: settings.appearance.changed(change), ..settings.clone() };
        Ok(self.update_settings(caller, target, change, stored).await?.appearance)
    }

    /// Changes preferences; nothing asked for changes nothing.
    pub async fn update_preferences(
        &self,
        caller: &Caller,
        target: &User,
        change: &PreferenceChange,
        stored: Option<Settings>,
    ) -> Result<Preferences, SettingsError> {
        let change =
            |settings: &Settings| Settings { preferences: settings.preferences.changed(change), ..settings.clone() };
        Ok(self.update_settings(caller, target, change, stored).await?.preferences)
    }

    /// The settings that were read along with the caller; read now if the path named the user by username.
    async fn present_settings(&self, target: &User, stored: Option<Settings>) -> Result<Settings, StorageError> {
        match stored {
            Some(settings) => Ok(settings),
            None => self.read_settings(target).await,
        }
    }

    async fn read_settings(&self, target: &User) -> Result<Settings, StorageError> {
        let records = self.store.read(&[Lookup::Settings(ShortId::of(target.id))]).await?;
        Ok(records.settings(target.id)?.unwrap_or_default())
    }

    async fn update_settings(
        &self,
        caller: &Caller,
        target: &User,
        change: impl Fn(&Settings) -> Settings,
        stored: Option<Settings>,
    ) -> Result<Settings, SettingsError> {
        // The answer shows the settings, so both permissions are asked for.
        let permitted = [Action::ReadPersonal, Action::UpdatePersonal]
            .into_iter()
            .all(|action| authorize(&caller.subject, action, &Object::user(target.id)));
        if !permitted {
            return Err(SettingsError::Forbidden);
        }
        let mut present = self.present_settings(target, stored).await?;
        for _ in 0..CONTENTION_ATTEMPTS {
            let changed = change(&present);
            if changed == present {
                return Ok(present);
            }
            let changed = Settings { version: present.version + 1, ..changed };
            match self.store.put_settings(target.id, &changed, &caller.standing()).await {
                Err(StorageError::Contention) => present = self.read_settings(target).await?,
                Err(error) => return Err(error.into()),
                Ok(()) => return Ok(changed),
            }
        }
        Err(StorageError::Contention.into())
    }
}
