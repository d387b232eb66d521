#!/bin/sh
# Makes the secrets of the cluster that do not exist yet, in docker/secrets. Safe to repeat: nothing is replaced.
set -eu
cd "$(dirname "$0")"
# The folder keeps others on this machine out; inside, containers read the files as users of their own.
umask 022
mkdir -p secrets
chmod 0700 secrets

random() {
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

make() {
  [ -s "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"
}

make postgres_password "$(random)"
make database_url "postgres://ledger:$(cat secrets/postgres_password)@postgres:5432/ledger"
make signing_key "$(random)"
make grafana_password "$(random)"
chmod 0444 secrets/*
echo "The secrets are in $(pwd)/secrets. Keep a copy: without signing_key quotes and cursors given out end."
