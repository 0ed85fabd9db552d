//! Appearance and preferences (docs/api/settings.md#appearance, docs/api/settings.md#preferences).

use super::CONTENTION_ATTEMPTS;
use super::session::Caller;
use crate::auth::token::ShortId;
use crate::domain::settings::{Appearance, AppearanceChange, PreferenceChange, Preferences, Settings};
use crate::domain::user::User;
use crate::rbac::{Action, Object, authorize};
use crate::storage::{Lookup, StorageError, Store, Unaudited};

/// Why settings were not read or not changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The caller may not see or change the user's personal data.
    #[error("not permitted")]
    Forbidden,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Appearance and preferences of users.
pub struct UserSettings {
    pub(crate) store: Store,
}

impl UserSettings {
    /// The settings of a user.
    pub async fn get(
        &self,
        caller: &Caller,
        target: &User,
        stored: Option<Settings>,
    ) -> Result<Settings, SettingsError> {
        if !authorize(&caller.subject, Action::ReadPersonal, &Object::user(target.id)) {
            return Err(SettingsError::Forbidden);
        }
        Ok(self.or_read(target, stored).await?)
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
        Ok(self.update(caller, target, change, stored).await?.appearance)
    }

    /// Changes the preferences that the change names.
    pub async fn update_preferences(
        &self,
        caller: &Caller,
        target: &User,
        change: &PreferenceChange,
        stored: Option<Settings>,
    ) -> Result<Preferences, SettingsError> {
        let change =
            |settings: &Settings| Settings { preferences: settings.preferences.changed(change), ..settings.clone() };
        Ok(self.update(caller, target, change, stored).await?.preferences)
    }

    /// The settings that were prefetched. They are read now if the path named the user by username.
    async fn or_read(&self, target: &User, stored: Option<Settings>) -> Result<Settings, StorageError> {
        match stored {
            Some(settings) => Ok(settings),
            None => self.read(target).await,
        }
    }

    async fn read(&self, target: &User) -> Result<Settings, StorageError> {
        let records = self.store.read(&[Lookup::Settings(ShortId::of(target.id))]).await?;
        Ok(records.settings(target.id)?.unwrap_or_default())
    }

    async fn update(
        &self,
        caller: &Caller,
        target: &User,
        change: impl Fn(&Settings) -> Settings,
        stored: Option<Settings>,
    ) -> Result<Settings, SettingsError> {
        // The answer shows the settings, so the caller needs both permissions.
        let permitted = [Action::ReadPersonal, Action::UpdatePersonal]
            .into_iter()
            .all(|action| authorize(&caller.subject, action, &Object::user(target.id)));
        if !permitted {
            return Err(SettingsError::Forbidden);
        }
        let mut present = self.or_read(target, stored).await?;
        for _ in 0..CONTENTION_ATTEMPTS {
            let changed = change(&present);
            if changed == present {
                return Ok(present);
            }
            let changed = Settings { version: present.version + 1, ..changed };
            match self.store.put_settings(target.id, &changed, &caller.unaudited_write(Unaudited::Settings)).await {
                Err(StorageError::Contention) => present = self.read(target).await?,
                Err(error) => return Err(error.into()),
                Ok(()) => return Ok(changed),
            }
        }
        Err(StorageError::Contention.into())
    }
}
