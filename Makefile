# Two commands do everything on a fresh Debian or Ubuntu machine with Rust and make:
#   make run    install what is missing, build, and show the voice loop on the sample lecture
#   make test   the same, and run every test that needs no accelerator and no cloud account
# The rest is for people who work on the code. Set CARGO_TARGET_DIR to keep build artefacts outside the checkout.

.PHONY: help run test check fix bench eval fuzz lambdas rehearse clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 14

run: ## install what is missing, build, and show the voice loop on the sample lecture
	@scripts/run.sh

test: ## install what is missing and run every test
	@scripts/test.sh

check: ## format, lints, docs, dependency direction, licences, unused dependencies
	@scripts/check.sh

fix: ## the same, after mending the format
	@scripts/check.sh fix

bench: ## measure against the bars and the peers; writes bench.json beside the build artefacts
	@scripts/bench.sh

eval: ## ask the built-in tutor what students ask, and print what it answered and how much of it is right
	@scripts/eval.sh

fuzz: ## feed the parsers of outside bytes for a minute each
	@scripts/fuzz.sh

lambdas: ## build the functions for AWS as zip files with checksums
	@scripts/lambdas.sh

rehearse: ## bring a whole deployment up on this machine, over an emulator of AWS, until Ctrl+C
	@scripts/rehearse.sh

clean: ## remove the build artefacts of this workspace and keep those of its dependencies
	@cargo clean --quiet --workspace
