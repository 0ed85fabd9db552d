//! Tests of the decision against the tables of the specification. They are transcribed by hand, not derived from
//! `permissions`.

use super::{INSIDE, ME, OTHER, OUTSIDE, ROLES, holder};
use crate::rbac::{Action, Object, ResourceType as On, authorize};

/// One column for each of `ROLES` (docs/api/roles-and-permissions.md#permissions). The sharing setting of the
/// organization is `everyone`. The second column says which object is meant: `self`: an object of the subject. `other`:
/// an object of another user, in no organization. `inside`: in the subject's organization, not owned by the subject.
/// `outside`: in another organization. `any`: all objects of the type, or an object that does not exist yet.
const CELLS: &str = "
    user                any    CRUDPQ CRUDPQ R   R   -    R      R    - - - - - - -
    user                other  CRUDPQ CRUDPQ R   R   -    R      R    - - - - - - -
    user                self   CRUDPQ CRUDPQ RPQ RPQ RPQ  RPQ    RPQ  RPQ RPQ RPQ RPQ RPQ RPQ RPQ
    api_key             any    CRUD   -      -   -   -    -      -    - - - - - - -
    api_key             other  CRUD   -      -   -   -    -      -    - - - - - - -
    api_key             self   CRUD   CRUD CRUD CRUD CRUD CRUD   CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD
    organization        any    CRUD   R      R   R   -    -      -    - - - - - - -
    organization        inside CRUD   R      R   R   R    RUD    R    R R R R R R R
    organization        outside CRUD   R      R   R   -    -      -    - - - - - - -
    organization_member self   CRUD   CRUD   R   R   R    CRUD   CRUD R R R R R R R
    organization_member inside CRUD   CRUD   R   R   R    CRUD   CRUD R R R R R R R
    organization_member outside CRUD   CRUD   R   R   -    -      -    - - - - - - -
    group               inside CRUD   CRUD   R   R   R    CRUD   CRUD R R R R R R R
    group               outside CRUD   CRUD   R   R   -    -      -    - - - - - - -
    group_member        self   R      R      R   R   R    R      R    R R R R R R R
    group_member        inside R      R      R   R   -    R      R    R R - - - - -
    group_member        outside R      R      R   R   -    -      -    - - - - - - -
    assign_role         any    AXR    AXR    R   R   R    R      R    R R R R R R R
    assign_org_role     inside AXCRUD AXR    R   R   R    AXCRUD AXR  R R R R R R R
    assign_org_role     outside AXCRUD AXR    R   R   -    -      -    - - - - - - -
    audit_log           any    CR     -      -   R   -    -      -    - - - - - - -
    audit_log           inside CR     -      -   R   -    CR     -    R - - - - - -
    audit_log           outside CR     -      -   R   -    -      -    - - - - - - -
    idpsync_settings    any    RU     RU     -   -   -    -      -    - - - - - - -
    idpsync_settings    inside RU     RU     -   -   -    RU     RU   - - - - - - -
    idpsync_settings    outside RU     RU     -   -   -    -      -    - - - - - - -
    deployment_config   any    RU     -      -   R   -    -      -    - - - - - - -
    deployment_stats    any    R      -      -   R   -    -      -    - - - - - - -
    license             any    CRD    -      -   -   -    -      -    - - - - - - -
    debug_info          any    R      -      -   -   -    -      -    - - - - - - -
    system              any    CRUD   -      -   -   -    -      -    - - - - - - -
    boundary_log        any    -      -      -   R   -    -      -    - - - - - - -
    ai_seat             any    -      -      -   -   -    -      -    - - - - - - -
    oauth2_app          any    CRUD   R      R   R   R    R      R    R R R R R R R
    oauth2_app_secret   any    CRUD   -      -   -   -    -      -    - - - - - - -
    notification_template any  RU     -      -   -   -    -      -    - - - - - - -
    notification_message other CRUD   -      -   -   -    -      -    - - - - - - -
    notification_preference other RU  -      -   -   -    -      -    - - - - - - -
    notification_preference self RU RU RU RU RU RU RU RU RU RU RU RU RU RU
    notification_message self CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD
    inbox_notification self CRU CRU CRU CRU CRU CRU CRU CRU CRU CRU CRU CRU CRU CRU
    inbox_notification other CRU - - - - - - - - - - - - -
    webpush_subscription self CRD CRD CRD CRD CRD CRD CRD CRD CRD CRD CRD CRD CRD CRD
    webpush_subscription other CRD - - - - - - - - - - - - -
    oauth2_app_code_token self CRD CRD CRD CRD CRD CRD CRD CRD CRD CRD CRD CRD CRD CRD
    oauth2_app_code_token other CRD - - - - - - - - - - - - -
    user_skill self CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD
    user_secret         other  -      -      -   -   -    -      -    - - - - - - -
    user_secret         self   CRUD   CRUD CRUD CRUD CRUD CRUD   CRUD CRUD CRUD CRUD CRUD CRUD CRUD CRUD
    user_skill          other  RD     -      -   -   -    -      -    - - - - - - -
";

fn object(resource: On, place: &str) -> Object {
    let in_organization = matches!(resource, On::OrganizationMember | On::GroupMember);
    let (owner, organization) = match place {
        "any" => (None, None),
        "self" => (Some(ME), in_organization.then_some(INSIDE)),
        "other" => (Some(OTHER), None),
        "inside" => (in_organization.then_some(OTHER), Some(INSIDE)),
        "outside" => (in_organization.then_some(OTHER), Some(OUTSIDE)),
        other => panic!("unknown place {other}"),
    };
    Object { resource, id: None, owner, organization }
}

fn action_of(letter: char) -> Action {
    match letter {
        'C' => Action::Create,
        'R' => Action::Read,
        'U' => Action::Update,
        'D' => Action::Delete,
        'P' => Action::ReadPersonal,
        'Q' => Action::UpdatePersonal,
        'A' => Action::Assign,
        'X' => Action::Unassign,
        other => panic!("unknown action {other}"),
    }
}

#[test]
fn every_role_may_do_what_the_specification_says_and_nothing_else() {
    for row in CELLS.trim().lines() {
        let words: Vec<&str> = row.split_whitespace().collect();
        let Some(([resource, place], cells)) = words.split_first_chunk() else {
            panic!("short row {row}");
        };
        let Some(resource) = On::parse(resource) else {
            panic!("unknown type {resource}");
        };
        assert_eq!(cells.len(), ROLES.len(), "{row}");
        for (role, cell) in ROLES.iter().zip(cells) {
            let expected: Vec<Action> = cell.chars().filter(|c| *c != '-').map(action_of).collect();
            for action in Action::ALL {
                assert_eq!(
                    authorize(&holder(role), *action, &object(resource, place)),
                    expected.contains(action),
                    "{role}: {action:?} {resource:?} {place}"
                );
            }
        }
    }
}
