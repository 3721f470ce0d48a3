# Every command a person types. Plain `make` lists them.

CARGO_DENY_VERSION := 0.20.2
CARGO_DENY := target/tools/cargo-deny-$(CARGO_DENY_VERSION)/bin/cargo-deny

.DEFAULT_GOAL := help
.PHONY: help demo up attacks test bench check format lint docs dependencies advisories

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{ printf "  make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build all, start the services and an emulated Google, walk the story, stop
	cargo build --locked --bins
	@cargo run --quiet --locked --bin demo

up: ## start the same, stay up until Ctrl-C, print commands to try
	cargo build --locked --bins
	@cargo run --quiet --locked --bin demo up

attacks: ## send every attack of the catalogue to a running profile-service, print what it answers
	cargo build --locked --bins
	@cargo run --quiet --locked --bin attacks

test: ## every test; needs neither network nor a Google project
	cargo test --locked --workspace --no-fail-fast

bench: ## what one verification costs, of a remembered token and of a new one
	cargo bench --locked --quiet -p shared-auth --bench verification

check: format lint test docs dependencies advisories ## all that CI runs
	@echo "make check: passed, but for what it says it skipped"

format: ## is every file formatted?
	cargo fmt --all --check

lint: ## clippy, warnings denied
	cargo clippy --locked --workspace --all-targets -- --deny warnings

docs: ## build the documentation, warnings denied
	RUSTDOCFLAGS="--deny warnings" cargo doc --locked --workspace --no-deps --document-private-items

dependencies: $(CARGO_DENY) ## licences, sources, and one crypto backend in the graph
	$(CARGO_DENY) --locked --workspace check bans licenses sources

advisories: $(CARGO_DENY) ## known vulnerabilities, where the database can be reached
	@if $(CARGO_DENY) --locked fetch db; then \
		$(CARGO_DENY) --locked --workspace check --disable-fetch advisories; \
	else \
		echo "skipped: the database of advisories cannot be had, for the reason above"; \
	fi

$(CARGO_DENY):
	cargo install --locked --root $(dir $(CARGO_DENY)).. --version $(CARGO_DENY_VERSION) cargo-deny
