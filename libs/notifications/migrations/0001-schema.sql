create schema notifications;
