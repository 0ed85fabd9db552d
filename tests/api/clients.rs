//! Recorded requests of stock clients, replayed in order with the bodies that the clients send, including null and
//! empty members. Each test asserts the status that the client requires and the members that it reads
//! (docs/api/clients.md). Requests of features that are not implemented are left out.

mod cli;
mod sdk;
mod terraform;

use roster_tests::Answer;
use serde_json::{Value, json};

/// Asserts that the answer has a value at each of these JSON pointers.
#[track_caller]
fn assert_present(answer: &Answer, pointers: &[&str]) {
    let body = answer.json();
    for pointer in pointers {
        assert!(body.pointer(pointer).is_some_and(|value| !value.is_null()), "no {pointer}: {}", answer.text);
    }
}

/// The first user as the CLI and the SDK create it: without a trial, with empty details of the trial.
fn first_user(password: &str) -> Value {
    json!({
        "email": "owner@example.com",
        "username": "owner",
        "name": "Olga Owner",
        "password": password,
        "trial": false,
        "trial_info": {
            "first_name": "",
            "last_name": "",
            "phone_number": "",
            "job_title": "",
            "company_name": "",
            "country": "",
            "developers": "",
        },
    })
}
