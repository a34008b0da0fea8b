# scv: `make demo` shows it, `make test` tests it.
SWIFT_BUILD ?= swift build
BIN := .build/release
PRODUCTS := scv scv-sandbox $(notdir $(wildcard connectors/source-*))
PREFIX ?= /usr/local

.DEFAULT_GOAL := help
.PHONY: help demo build packages test powercuts lint format bench bench-sync install nightly judge clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

packages: ## install the system libraries that are missing (apt-get)
	@scripts/install-packages

build: packages ## build scv, the connectors and the sandbox, optimised
	@for product in $(PRODUCTS); do $(SWIFT_BUILD) -c release --static-swift-stdlib --product $$product || exit 1; done
	@for name in destination-scv target-scv; do ln -sf scv $(BIN)/$$name; done

demo: ## a company on loopback: sync, seed, run, test, and one customer to look at
	@scripts/demo

test: packages ## all tests
	@swift test

CUTS ?= 5
powercuts: ## loads that a power cut ends, on the debug build: make powercuts CUTS=100
	@Tests/PowerLoss/run --scv .build/debug/scv --cuts $(CUTS)

lint: ## import lines, formatting
	@scripts/check-modules
	@swift format lint --strict --recursive --parallel Package.swift Sources connectors Tests

format: ## format all Swift files
	@swift format --in-place --recursive --parallel Package.swift Sources connectors Tests

bench: build ## measure, and print a table
	@Benchmarks/run
	@Benchmarks/sync/run

bench-sync: build ## scv sync beside the bare floor, sqlite-utils, dlt and PyAirbyte
	@Benchmarks/sync/run --peer

install: build ## copy the executables to $(PREFIX)/bin
	@install -d $(PREFIX)/bin
	@install -m 755 $(BIN)/scv $(BIN)/scv-sandbox $(wildcard $(BIN)/source-*[a-z]) $(PREFIX)/bin
	@for name in destination-scv target-scv; do ln -sf scv $(PREFIX)/bin/$$name; done

nightly: ## what cron calls: sync, seed, run, test, with a log a night
	@scripts/nightly

judge: build ## run foreign suites over the build: make judge JUDGES=folder
	@scripts/judge "$(JUDGES)"

clean: ## remove what was built
	@rm -rf .build target
