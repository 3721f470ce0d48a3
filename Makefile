# Every command a person types. Plain `make` lists them.

CARGO_DENY_VERSION := 0.20.2
CARGO_DENY := target/tools/cargo-deny-$(CARGO_DENY_VERSION)/bin/cargo-deny

# Minutes that the soak lasts, and seconds that each fuzz target runs.
MINUTES ?= 10
SECONDS ?= 30
# Whose image is built.
SERVICE ?= profile-service
FUZZ_TARGETS := authorization claims key_set token

.DEFAULT_GOAL := help
.PHONY: help demo up attacks interop test soak fuzz bench bench-page check format lint docs dependencies advisories
.PHONY: image image-check deploy smoke teardown deploy-check terraform-check beyond-check

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "  make %-17s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build all, start the services and an emulated Google, walk the story, stop
	cargo build --locked --bins
	@cargo run --quiet --locked --bin demo

up: ## start the same, stay up until Ctrl-C, print commands to try
	cargo build --locked --bins
	@cargo run --quiet --locked --bin demo up

attacks: ## send every attack of the catalogue to a running profile-service, print what it answers
	cargo build --locked --bins
	@cargo run --quiet --locked --bin attacks

interop: ## Google's own client libraries against all this, in the languages that this machine has; one table
	cargo build --locked --bins
	cargo build --locked -p shared-auth --example call
	@cargo run --quiet --locked --bin interop

# What is given on make's command line is in the environment of the scripts, too.
deploy: ## to Cloud Run: PROJECT=… REGION=…; with DRY_RUN=1 print the gcloud commands, and run none
	@deploy/cloud-run/deploy.sh

smoke: ## who gets in and who is refused there: PROJECT=… REGION=…, GRANT_SEARCH=1, DRY_RUN=1
	@deploy/cloud-run/smoke.sh

teardown: ## remove from Cloud Run all that deploy has made: PROJECT=… REGION=…, DRY_RUN=1
	@deploy/cloud-run/teardown.sh

deploy-check: ## the real gcloud runs deploy and teardown against a server on this machine; minutes; needs gcloud
	cargo build --locked --bins
	DEPLOY_CHECK=1 cargo test --locked -p google-control-plane --test deploy
	DEPLOY_CHECK=1 cargo test --locked -p local --test cloud_run

test: ## every test; needs neither network nor a Google project
	cargo test --locked --workspace --no-fail-fast

bench: ## what it costs, and what it costs with the peers, in the languages that this machine has; one table; Linux
	cargo build --locked --release --bins -p login-service -p profile-service -p search-service
	cargo build --locked --release --manifest-path bench/Cargo.toml --target-dir target
	@target/release/bench $(ONLY)

bench-page: bench ## the same, and bench/README.md with its plot from the figures
	@target/release/bench page

image: ## the container image of SERVICE=profile-service, with docker, podman or buildah; its size
	deploy/image.sh $(SERVICE)

image-check: ## build the three images with buildah and no engine, check what is in them and how they run
	deploy/image-check/check.sh

check: format lint test docs dependencies advisories ## all that CI runs
	@echo "make check: passed, but for what it says it skipped"

format: ## is every file formatted?
	cargo fmt --manifest-path shared-auth/fuzz/Cargo.toml --check
	cargo fmt --manifest-path bench/Cargo.toml --check
	cargo fmt --all --check

lint: ## clippy, warnings denied
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	cargo clippy --locked --manifest-path bench/Cargo.toml --target-dir target --all-targets -- --deny warnings

docs: ## build the documentation, warnings denied
	RUSTDOCFLAGS="--deny warnings" cargo doc --locked --workspace --no-deps --document-private-items

dependencies: $(CARGO_DENY) ## licences, sources, one crypto backend in the graph, and current lock files
	$(CARGO_DENY) --locked --workspace check bans licenses sources
	cargo metadata --locked --format-version 1 --manifest-path shared-auth/fuzz/Cargo.toml > /dev/null
	cargo metadata --locked --format-version 1 --manifest-path bench/Cargo.toml > /dev/null

advisories: $(CARGO_DENY) ## known vulnerabilities, where the database can be reached
	@if $(CARGO_DENY) --locked fetch db; then \
		$(CARGO_DENY) --locked --workspace check --disable-fetch advisories; \
	else \
		echo "skipped: the database of advisories cannot be had, for the reason above"; \
	fi

soak: ## mixed load and outages for MINUTES=10, every answer checked against its limits
	cargo build --locked --bins
	@cargo run --quiet --locked --bin soak $(MINUTES)m $(SEED)

fuzz: ## random input for SECONDS=30 into each parser of what strangers send; needs a C++ compiler
	@if $${CXX:-c++} --version > /dev/null 2>&1; then \
		$(MAKE) --no-print-directory $(FUZZ_TARGETS:%=fuzz-%); \
	else \
		echo "skipped: the fuzzer needs a C++ compiler, and $${CXX:-c++} does not run on this machine"; \
	fi

# What it finds goes on in the corpus and, when it breaks something, into target/fuzz/finds. The seeds are only read.
fuzz-%:
	@mkdir -p target/fuzz/corpus/$* target/fuzz/finds
	cd shared-auth/fuzz && cargo run --locked --release --bin $* -- -max_total_time=$(SECONDS) -timeout=10 -max_len=9000 \
		-print_final_stats=1 -artifact_prefix=../../target/fuzz/finds/$*- ../../target/fuzz/corpus/$* seeds/$*

terraform-check: ## format, validate and test deploy/terraform, as far as this machine can
	@deploy/terraform/check/run

beyond-check: ## the commands, manifests and functions of deploy/beyond, as far as this machine can
	@deploy/beyond/check/run

$(CARGO_DENY):
	cargo install --locked --root $(dir $(CARGO_DENY)).. --version $(CARGO_DENY_VERSION) cargo-deny
