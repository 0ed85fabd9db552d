//! The crate that all functions of Roster share. A request is received by [`http`], translated by [`api`], authorised
//! by [`rbac`] inside a use case of [`service`], applied in one atomic step of [`storage`], and answered by [`api`].

pub mod api;
pub mod app;
pub mod auth;
pub mod clock;
pub mod config;
pub mod domain;
pub mod http;
pub mod lambda;
pub mod logging;
pub mod metrics;
pub mod notifications;
pub mod rbac;
pub mod search;
pub mod service;
pub mod storage;
