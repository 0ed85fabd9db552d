//! Organizations.

use super::{Attributes, Reader, Writer};
use crate::domain::organization::Organization;
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::error::StorageError;

/// `ORGANIZATION#<id>` / `PROFILE`, `ORGANIZATION_NAME#<folded>` / `CLAIM` and, for the default one, `DEPLOYMENT` /
/// `DEFAULT_ORGANIZATION` hold the same record.
pub(in crate::storage::dynamodb) fn organization_items(organization: &Organization) -> Vec<Attributes> {
    let folded = organization.name.to_ascii_lowercase();
    let mut places = vec![ItemKey::organization(organization.id), ItemKey::organization_name(&folded)];
    if organization.is_default {
        places.push(ItemKey::default_organization());
    }
    let item = |key: ItemKey| {
        Writer::at(&key)
            .uuid("id", organization.id)
            .text("name", &organization.name)
            .text("display_name", &organization.display_name)
            .text("description", &organization.description)
            .text("icon", &organization.icon)
            .time("created", organization.created_at)
            .time("updated", organization.updated_at)
            .flag("default", organization.is_default)
            .texts("default_member_roles", &organization.default_member_roles)
            .0
    };
    places.into_iter().map(item).collect()
}

/// An organization, from any of its items.
pub(in crate::storage::dynamodb) fn read_organization(item: &Attributes) -> Result<Organization, StorageError> {
    let item = Reader(item);
    Ok(Organization {
        id: item.uuid("id")?,
        name: item.text("name")?.to_owned(),
        display_name: item.text("display_name")?.to_owned(),
        description: item.text("description")?.to_owned(),
        icon: item.text("icon")?.to_owned(),
        created_at: item.time("created")?,
        updated_at: item.time("updated")?,
        is_default: item.flag("default")?,
        default_member_roles: item.texts("default_member_roles")?,
    })
}
