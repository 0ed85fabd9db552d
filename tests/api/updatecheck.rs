//! `GET /updatecheck`.

use crate::cases::cases;

cases! {
    update_check_reports_the_running_version_as_current: anonymous GET "/updatecheck" => 200;
}
