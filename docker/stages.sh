#!/bin/sh
# What the image is made by, stage by stage; in a folder with the sources, with Node and npm. Continuous integration
# runs the same stages without docker.
#   install         packages, those for building included
#   build           dist/
#   collect TARGET  what runs, and nothing else, into TARGET
#   check TARGET    whether it starts
set -eu

stage_install() {
  npm ci --no-audit --no-fund
}

stage_build() {
  npm run --silent build
}

stage_collect() {
  target=$1
  npm prune --omit=dev --no-audit --no-fund
  mkdir -p "$target/docker"
  cp -R dist node_modules examples package.json LICENSE "$target/"
  cp docker/start.mjs docker/healthcheck.mjs "$target/docker/"
  # What tests and benchmarks use (the protocol double among it) has no place where money is.
  # TypeScript stays behind pruning as an optional peer of a package, which uses it only while building.
  rm -rf "$target/node_modules/typescript" "$target/node_modules/.bin"
  rm -rf "$target/dist/test" "$target/dist/.built" "$target/dist/.tsbuildinfo" "$target/node_modules/.cache"
}

stage_check() {
  node "$1/docker/start.mjs" ledger --version
}

stage=${1:-}
case $stage in
  install | build) "stage_$stage" ;;
  collect | check) "stage_$stage" "${2:?"$stage needs a TARGET folder"}" ;;
  *)
    echo "usage: stages.sh install | build | collect TARGET | check TARGET" >&2
    exit 2
    ;;
esac
