//! `POST /users/login`.

mod lockout;
mod refused;
mod rehash;
mod success;

use crate::cases::cases;

cases! {
    the_right_password_signs_in:
        anonymous POST "/users/login" { "email": "owner@example.com", "password": "SomeSecurePassword!" } => 201;
    a_dormant_user_signs_in:
        anonymous POST "/users/login" { "email": "ada@example.com", "password": "SomeSecurePassword!" } => 201;
    a_malformed_email_address_and_a_missing_password_are_refused: anonymous POST "/users/login" { "email": "owner" } => 400;
    a_wrong_password_is_refused:
        anonymous POST "/users/login" { "email": "owner@example.com", "password": "wrong" } => 401;
    an_unknown_email_address_is_refused_like_a_wrong_password:
        anonymous POST "/users/login" { "email": "nobody@example.com", "password": "SomeSecurePassword!" } => 401;
    a_user_without_a_password_is_refused_like_a_wrong_password:
        anonymous POST "/users/login" { "email": "robot@example.com", "password": "SomeSecurePassword!" } => 401;
    a_suspended_user_is_refused_with_the_reason:
        anonymous POST "/users/login" { "email": "sleeper@example.com", "password": "SomeSecurePassword!" } => 401;
}
