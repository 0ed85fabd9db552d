//! `GET /updatecheck`.

use crate::cases::cases;

cases! {
    the_running_version_is_the_newest: anonymous GET "/updatecheck" => 200;
}
