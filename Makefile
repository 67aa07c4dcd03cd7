# The only door. `make` alone lists every target.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo local chat invoke test test-engine test-lambda test-page golden check format lint types bench bench-serving clean
MAKEFLAGS += --no-print-directory

BIN := node_modules/.bin
INSTALLED := node_modules/.package-lock.json
BUILT := dist/handler/handler.mjs
SOURCES := $(shell find runtime model/reference -name "*.ts") $(wildcard model/*.ts) scripts/build.ts

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(BUILT) ## Answer PROMPT="…" through the real handler, on this machine; CHAT=1 for a chat.
	@$(BIN)/tsx scripts/demo.ts

local: $(BUILT) ## Serve the HTTP routes and a page on this machine: PORT (8080), BITNET_ENGINE.
	@$(BIN)/tsx scripts/local.ts

chat: $(INSTALLED) ## Chat at the terminal: URL=… (default: make local's), FUNCTION=… for a direct invocation.
	@$(BIN)/tsx scripts/chat.ts

invoke: $(BUILT) ## Send the JSON request on standard input to the handler; print the Lambda response.
	@$(BIN)/tsx scripts/invoke.ts

test: $(BUILT) ## Run the test suite.
	@$(BIN)/jest

check: format lint types test ## All that CI runs: format, lint, types, tests.

format: $(INSTALLED) ## Check the formatting; FIX=1 mends it.
	@$(BIN)/biome format $(if $(FIX),--write) .

lint: $(INSTALLED) ## Check the code by rule; FIX=1 mends what can be.
	@$(BIN)/biome lint --error-on-warnings $(if $(FIX),--write) .

types: $(INSTALLED) ## Check the types.
	@$(BIN)/tsc

test-engine: $(BUILT) ## Judge a compiled engine by the golden model's answers: ENGINE=/path/to/llama-cli.
	@$(BIN)/tsx scripts/test-engine.ts

test-lambda: $(BUILT) ## Put OpenAI's client to the function through AWS's own runtime client (compiled once).
	@$(BIN)/tsx scripts/test-lambda.ts

test-page: $(BUILT) ## Try the local server's page in a headless Chromium.
	@$(BIN)/tsx scripts/test-page.ts

golden: $(BUILT) ## Train the golden model anew (Python 3, under an hour on two cores).
	@scripts/train-golden.sh

bench: $(BUILT) ## Measure what the handler adds to the engine's own time.
	@$(BIN)/tsx scripts/benchmark.ts

bench-serving: $(BUILT) ## Measure first bytes and aborts of streams, for both engines.
	@$(BIN)/tsx scripts/benchmark-serving.ts

clean: ## Remove what was built and installed here.
	rm -rf dist node_modules

$(INSTALLED): package-lock.json package.json
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 11) ? 0 : 1)' \
	 || { echo "Node.js 20.11 or newer is needed: https://nodejs.org" >&2; exit 1; }
	@echo "Installing packages (npm ci) …" >&2
	@npm ci --no-audit --no-fund --loglevel=error >&2 && touch $@

$(BUILT): $(INSTALLED) $(SOURCES)
	@$(BIN)/tsx scripts/build.ts
