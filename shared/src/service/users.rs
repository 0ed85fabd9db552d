//! Users: list, change, delete. Creation has a file of its own.

pub mod create;

use uuid::Uuid;

use super::Service;
use super::directory::by_name;
use super::session::Caller;
use super::target::TargetError;
use crate::domain::audit::AuditAction;
use crate::domain::directory::{Directory, ListedUser, Window};
use crate::domain::facet::Facet;
use crate::domain::names::{RealName, Username, excerpt};
use crate::domain::pagination::Pagination;
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, SYSTEM_USERNAME, User, UserStatus};
use crate::domain::user_filter::UserFilter;
use crate::rbac::{Action, Object, ResourceType, SiteRole, authorize, may_assign};
use crate::storage::{AddressPart, DirectoryPage, Lookup, Records, StorageError, UpdateUserConflict};

/// So many users from the beginning of a list are near: the table has them in few units, however long the list is and
/// however much memory has to catch up with.
const NEAR: usize = 200;

/// No answer holds more users: of each it says a random UUID, whose 15 bytes nothing makes shorter and base64 makes 20,
/// and it has 6 MB. Where more are asked for, it is refused before they are gathered.
const MOST_A_PAGE: usize = 310_000;

/// Why a user was not changed or not shown.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// More users than an answer can hold.
    #[error("more users than an answer can hold")]
    PageTooLarge,
    /// No such user, or hidden, or what is asked is hidden.
    #[error("no such user, or hidden")]
    Hidden,
    /// The caller may see the user and not do this.
    #[error("not permitted")]
    Forbidden,
    /// Nobody deletes his own account.
    #[error("nobody deletes his own account")]
    DeletesOneself,
    /// Nobody suspends his own account.
    #[error("nobody suspends his own account")]
    SuspendsOneself,
    /// Owners cannot be suspended.
    #[error("users with the role owner cannot be suspended")]
    SuspendsOwner,
    /// Nobody changes his own roles.
    #[error("nobody changes his own roles")]
    OwnRoles,
    /// There is no site role of that name.
    #[error("there is no site role {0:?}")]
    UnknownRole(String),
    /// The caller may not grant or take this role.
    #[error("the role {0} is not yours to assign or to take away")]
    NotAssignable(String),
    /// Somebody has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// Nobody would hold the role owner any more.
    #[error("the last owner cannot be removed")]
    LastOwner,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<UpdateUserConflict> for UserError {
    fn from(conflict: UpdateUserConflict) -> Self {
        match conflict {
            UpdateUserConflict::Username => Self::UsernameTaken,
            UpdateUserConflict::LastOwner => Self::LastOwner,
            UpdateUserConflict::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<TargetError> for UserError {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Hidden => Self::Hidden,
            TargetError::Storage(error) => Self::Storage(error),
        }
    }
}

/// The three values that a profile update replaces.
#[derive(Clone, Debug)]
pub struct ProfileChange {
    /// The present one to keep it.
    pub username: Username,
    /// Empty clears it.
    pub name: RealName,
    /// Empty clears it; not looked at for users whose avatar comes from a provider.
    pub avatar_url: String,
}

/// A page of users and how many there are on all pages.
#[derive(Clone, Debug, Default)]
pub struct UserPage {
    /// In order of lower-cased usernames.
    pub users: Vec<ListedUser>,
    /// All users that match, are visible and come after the cursor; 0 when the page is empty (Spec: users 6.2).
    pub count: u64,
}

impl UserPage {
    fn of(users: Vec<ListedUser>, count: u64) -> Result<Self, UserError> {
        if users.len() > MOST_A_PAGE {
            return Err(UserError::PageTooLarge);
        }
        let count = if users.is_empty() { 0 } else { count };
        Ok(Self { users, count })
    }
}

/// Which users a list shows.
#[derive(Clone, Debug)]
pub struct UserQuery {
    /// What they must match.
    pub filter: UserFilter,
    /// Which page of them.
    pub pagination: Pagination,
    /// When the question was asked: changes that were committed before are seen.
    pub asked: Timestamp,
}

impl UserQuery {
    /// The group that is asked for, should it be all that is asked.
    fn facet(&self) -> Option<Facet> {
        self.filter.facet()
    }

    /// Whether the answer is in the directory that the process keeps in memory, should it keep one, as far as it can be
    /// told before the caller is known.
    #[must_use]
    pub fn may_need_directory(&self) -> bool {
        let is_listed = self.filter.is_empty() || self.facet().is_some();
        let is_in_a_list = is_listed && self.pagination.after_id.is_none() && self.is_near();
        !is_in_a_list && self.address().is_none()
    }

    /// Whether the table has the page for about what memory takes to be brought up to date.
    fn is_near(&self) -> bool {
        self.window(None).reach() <= NEAR
    }

    /// The part of the list that is asked for, and no more of it than tells that it is too much.
    fn window<'a>(&self, after: Option<&'a str>) -> Window<'a> {
        let Pagination { limit, offset, .. } = self.pagination;
        let limit = if limit == 0 { usize::MAX } else { limit as usize };
        Window { after, offset: offset as usize, limit: limit.min(MOST_A_PAGE + 1) }
    }

    /// The part of an e-mail address that is searched for, among other things.
    fn address(&self) -> Option<AddressPart<'_>> {
        AddressPart::parse(self.filter.search.as_deref()?)
    }
}

/// Explicit roles by organization, as the caller may see them.
pub type OrganizationRoles = Vec<(Uuid, Vec<String>)>;

impl Service {
    /// The users that match, that the caller may read, and that come after the cursor.
    pub async fn list_users(
        &self,
        caller: &Caller,
        query: &UserQuery,
        records: &Records,
    ) -> Result<UserPage, UserError> {
        let mut page = self.page_of_users(caller, query, records).await?;
        // The caller as this request left him, who may just have been seen.
        let own = page.users.iter_mut().filter(|user| user.id == caller.user.id);
        own.for_each(|user| *user = caller.user.clone().into());
        Ok(page)
    }

    async fn page_of_users(
        &self,
        caller: &Caller,
        query: &UserQuery,
        records: &Records,
    ) -> Result<UserPage, UserError> {
        let UserQuery { filter, pagination, asked } = query;
        let after = match pagination.after_id {
            None => None,
            // The cursor may be anybody: suspended, deleted, or hidden by the filter.
            Some(id) => match records.user(id)? {
                Some(cursor) => Some(cursor.username.to_ascii_lowercase()),
                None => return Ok(UserPage::default()),
            },
        };
        let window = query.window(after.as_deref());
        let (users, count) = if !caller.reads_everybody() {
            self.readable_users(caller).await?.search(filter, window)
        } else if let Some(page) = self.page_of_list(query, window).await? {
            page
        } else if let Some(mut candidates) = self.users_with_address(query).await? {
            candidates.note_seen(&caller.user);
            candidates.search(filter, window)
        } else {
            self.search_directory(*asked, caller, filter, window).await?
        };
        UserPage::of(users, count)
    }

    /// Those whom somebody may read who may not read everybody: himself, whom the request has read already, and whom
    /// his key names one by one.
    async fn readable_users(&self, caller: &Caller) -> Result<Directory, StorageError> {
        let is_readable = |id: &Uuid| authorize(&caller.subject, Action::Read, &Object::user(*id));
        let named = caller.subject.allow_list.ids(ResourceType::User).filter(|id| *id != caller.user.id);
        let mut users = self.users(named.filter(is_readable).collect()).await?;
        users.extend(is_readable(&caller.user.id).then(|| caller.user.clone()));
        Ok(directory_of(users))
    }

    /// A page of everybody or of a group, which have lists of their own in the table: it reads no more than the page, the
    /// offset before it and the counters. `None` when no such list is asked for, or a part of it that memory answers
    /// for less: what lies behind a page of the table, and whoever follows a cursor, whom no counter counts, unless
    /// they are few.
    async fn page_of_list(
        &self,
        query: &UserQuery,
        window: Window<'_>,
    ) -> Result<Option<(Vec<ListedUser>, u64)>, StorageError> {
        if query.may_need_directory() && self.has_directory().await {
            return Ok(None);
        }
        let page = match (query.facet(), window.after) {
            (None, None) if query.filter.is_empty() => self.store.directory(window.reach()).await?,
            (Some(facet), None) => self.store.facet(&facet, window.reach()).await?,
            (Some(facet), Some(after)) => self.store.facet_after(&facet, after).await?,
            (None, _) => None,
        };
        let Some(DirectoryPage { users, total }) = page else { return Ok(None) };
        let users = users.into_iter().map(ListedUser::from).skip(window.offset);
        let users: Vec<ListedUser> = users.take(window.limit).collect();
        // The counters are read beside the list: somebody may have come in between.
        let total = total.max((window.offset + users.len()) as u64);
        Ok(Some((users, total)))
    }

    /// Everybody whose address may hold the text that is searched for, should it be a part of few addresses: the filter
    /// then decides among them alone.
    async fn users_with_address(&self, query: &UserQuery) -> Result<Option<Directory>, StorageError> {
        let Some(part) = query.address() else { return Ok(None) };
        let Some(ids) = self.store.address_candidates(part).await? else { return Ok(None) };
        Ok(Some(directory_of(self.users(ids).await?)))
    }

    /// Those who are there and not deleted.
    async fn users(&self, ids: Vec<Uuid>) -> Result<Vec<User>, StorageError> {
        let lookups: Vec<Lookup> = ids.iter().copied().map(Lookup::User).collect();
        let records = self.store.read(&lookups).await?;
        let users = ids.into_iter().filter_map(|id| records.user(id).transpose());
        users.filter(|user| user.as_ref().map_or(true, |user| !user.deleted)).collect()
    }

    /// The site roles that can be given, and whether the caller may give each; the implied one is left out.
    pub fn site_roles(&self, caller: &Caller) -> Result<Vec<(SiteRole, bool)>, UserError> {
        if !authorize(&caller.subject, Action::Read, &Object::assign_role()) {
            return Err(UserError::Forbidden);
        }
        let roles = SiteRole::ALL.iter().filter(|role| **role != SiteRole::Member);
        Ok(roles.map(|role| (*role, may_assign(&caller.subject, *role))).collect())
    }

    /// Deletes a user: in one step the keys and the password are dead, the names free and the memberships gone. The record
    /// stays readable by id, and so do the SSH key and the settings.
    pub async fn delete_user(&self, caller: &Caller, target: User) -> Result<(), UserError> {
        if target.id == caller.user.id {
            return Err(UserError::DeletesOneself);
        }
        if !authorize(&caller.subject, Action::Delete, &Object::user(target.id)) {
            return Err(UserError::Forbidden);
        }
        if target.deleted {
            self.put_audit_row(self.row_of_user(caller, &target, AuditAction::Delete, 200)).await;
            return Ok(());
        }
        self.change_user(caller, target, Some(AuditAction::Delete), |user| Ok::<_, UserError>(user.clone().deleted()))
            .await?;
        Ok(())
    }

    /// Replaces username, real name and avatar (Spec: users 7.6).
    pub async fn update_profile(
        &self,
        caller: &Caller,
        target: User,
        change: &ProfileChange,
    ) -> Result<User, UserError> {
        let now = self.clock.now();
        let object = Object::user(target.id);
        // A deleted user holds no name: the record alone does not tell that somebody else does.
        let is_held = target.deleted && self.holder_of(&change.username).await?.is_some();
        self.change_user(caller, target, Some(AuditAction::Write), |user| {
            // A change of case counts, and is its owner's only if he may change users.
            if change.username.as_str() != user.username {
                if !authorize(&caller.subject, Action::Update, &object) {
                    return Err(UserError::Hidden);
                }
                if change.username.folded() == SYSTEM_USERNAME {
                    return Err(UserError::UsernameTaken);
                }
            }
            if is_held {
                return Err(UserError::UsernameTaken);
            }
            if !authorize(&caller.subject, Action::UpdatePersonal, &object) {
                return Err(UserError::Forbidden);
            }
            let owns_avatar = matches!(user.login_type, LoginType::Password | LoginType::None);
            Ok(User {
                username: change.username.as_str().to_owned(),
                name: change.name.as_str().to_owned(),
                avatar_url: if owns_avatar { change.avatar_url.clone() } else { user.avatar_url.clone() },
                updated_at: now,
                ..user.clone()
            })
        })
        .await
    }

    /// Who has a username and is not deleted.
    async fn holder_of(&self, username: &Username) -> Result<Option<User>, StorageError> {
        let name = username.folded();
        self.store.read(&[Lookup::Username(name.clone())]).await?.username(&name)
    }

    /// Suspends a user; repeating it succeeds. Keys are kept and refused while the suspension lasts.
    pub async fn suspend_user(&self, caller: &Caller, target: User) -> Result<User, UserError> {
        if target.id == caller.user.id {
            return Err(UserError::SuspendsOneself);
        }
        self.change_user(caller, target, Some(AuditAction::Write), |user| {
            if user.is_owner() {
                return Err(UserError::SuspendsOwner);
            }
            self.with_status(caller, user, UserStatus::Suspended)
        })
        .await
    }

    /// Makes a dormant or suspended user active; repeating it succeeds.
    pub async fn activate_user(&self, caller: &Caller, target: User) -> Result<User, UserError> {
        self.change_user(caller, target, Some(AuditAction::Write), |user| {
            self.with_status(caller, user, UserStatus::Active)
        })
        .await
    }

    fn with_status(&self, caller: &Caller, user: &User, status: UserStatus) -> Result<User, UserError> {
        if !authorize(&caller.subject, Action::Update, &Object::user(user.id)) {
            return Err(UserError::Forbidden);
        }
        Ok(user.clone().with_status(status, self.clock.now()))
    }

    /// The check that comes before a look at the body.
    pub fn may_change_roles(&self, caller: &Caller, target: &User) -> Result<(), UserError> {
        if target.id == caller.user.id { Err(UserError::OwnRoles) } else { Ok(()) }
    }

    /// Whether the caller may see the user's personal data.
    pub fn may_read_personal(&self, caller: &Caller, target: &User) -> Result<(), UserError> {
        let permitted = authorize(&caller.subject, Action::ReadPersonal, &Object::user(target.id));
        if permitted { Ok(()) } else { Err(UserError::Forbidden) }
    }

    /// Replaces the stored site roles (Spec: users 7.17).
    pub async fn update_roles(&self, caller: &Caller, target: User, roles: &[String]) -> Result<User, UserError> {
        self.may_change_roles(caller, &target)?;
        let wanted = known_roles(roles).map_err(UserError::UnknownRole)?;
        self.change_user(caller, target, Some(AuditAction::Write), |user| {
            let removed: Vec<&String> = user.roles.iter().filter(|role| !wanted.contains(role)).collect();
            let added: Vec<&String> = wanted.iter().filter(|role| !user.roles.contains(role)).collect();
            let may = |action| authorize(&caller.subject, action, &Object::any(ResourceType::AssignRole));
            if !may(Action::Assign) || (!removed.is_empty() && !may(Action::Unassign)) {
                return Err(UserError::Forbidden);
            }
            for role in removed.into_iter().chain(added) {
                let assignable = SiteRole::parse(role).is_some_and(|role| may_assign(&caller.subject, role));
                if !assignable {
                    return Err(UserError::NotAssignable(role.clone()));
                }
            }
            let standing = user.standing + u64::from(user.roles != wanted);
            Ok(User { roles: wanted.clone(), standing, ..user.clone() })
        })
        .await
    }

    /// The stored site roles, and the explicit organization roles of every membership that the caller may read.
    pub fn roles_of(&self, caller: &Caller, target: &User) -> Result<(Vec<String>, OrganizationRoles), UserError> {
        if !authorize(&caller.subject, Action::ReadPersonal, &Object::user(target.id)) {
            return Err(UserError::Hidden);
        }
        let readable = target.memberships.iter().filter(|membership| {
            let object = Object::organization_member(membership.organization_id, target.id);
            authorize(&caller.subject, Action::Read, &object)
        });
        let organizations = readable.map(|membership| (membership.organization_id, membership.roles.clone())).collect();
        Ok((target.roles.clone(), organizations))
    }
}

/// These users in the order of the list.
fn directory_of(users: Vec<User>) -> Directory {
    let mut directory = Directory::default();
    directory.apply(by_name(users));
    directory
}

/// The names without repetition, or the first that is no site role.
fn known_roles(roles: &[String]) -> Result<Vec<String>, String> {
    let mut known: Vec<String> = Vec::new();
    for role in roles {
        if SiteRole::parse(role).is_none() {
            return Err(excerpt(role));
        }
        if !known.contains(role) {
            known.push(role.clone());
        }
    }
    Ok(known)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail where it stands")]
mod tests {
    use uuid::Uuid;

    use super::create::blank_user;
    use super::{ListedUser, MOST_A_PAGE, UserError, UserPage, UserQuery};
    use crate::domain::names::Username;
    use crate::domain::pagination::Pagination;
    use crate::domain::time::Timestamp;
    use crate::domain::user_filter::UserFilter;

    #[test]
    fn a_page_that_no_answer_can_hold_is_refused() {
        let username = Username::parse("ada").unwrap();
        let user = ListedUser::from(blank_user(Uuid::nil(), &username, Timestamp::EPOCH));
        let page = |users| UserPage::of(vec![user.clone(); users], 1_000_000);
        assert_eq!(page(MOST_A_PAGE).unwrap().count, 1_000_000);
        assert!(matches!(page(MOST_A_PAGE + 1), Err(UserError::PageTooLarge)));
    }

    #[test]
    fn no_more_is_gathered_than_tells_that_it_is_too_much() {
        for (limit, gathered) in [(0, MOST_A_PAGE + 1), (7, 7), (310_000, 310_000), (u32::MAX, MOST_A_PAGE + 1)] {
            let pagination = Pagination { limit, offset: 3, after_id: None };
            let query = UserQuery { filter: UserFilter::default(), pagination, asked: Timestamp::EPOCH };
            let window = query.window(None);
            assert_eq!((window.limit, window.reach()), (gathered, gathered + 3), "{limit}");
        }
    }
}
