create schema messaging;
