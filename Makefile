# Two commands matter: `make up` runs the whole service here, `make test` checks it.
# Everything is installed into .venv from hashed locks; nothing is expected but Python 3.11+ and make.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
UV := .uv/bin/uv
BIN := .venv/bin

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.uv/ready: requirements/uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Cau Noi needs Python 3.11 or newer; this is %d.%d. Name another with: make PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -m venv --clear .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.lock
	@touch $@

.venv/run: .uv/ready requirements/run.lock pyproject.toml
	@test -x $(BIN)/python || $(UV) venv --quiet --python .uv/bin/python .venv
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/run requirements/dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.lock
	@touch $@

.PHONY: install lock
install: .venv/run ## Make .venv with what the service needs to run

lock: .uv/ready ## Solve requirements/*.in again into hashed locks
	@for group in uv run dev; do \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	    requirements/$$group.in --output-file requirements/$$group.lock || exit 1; done

.PHONY: up
up: .venv/run ## Run the whole service here: database, Redis, web, workers, clock, phones
	@exec $(BIN)/caunoi up

# -- checking

.PHONY: lint types imports menus chromium axe test
lint: .venv/dev ## Style and formatting (ruff)
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .

types: .venv/dev ## Types (mypy, strict)
	@$(BIN)/mypy --no-error-summary

imports: .venv/dev ## Imports point one way (import-linter)
	@$(BIN)/lint-imports --no-logo >.imports.log 2>&1 || { cat .imports.log; rm -f .imports.log; exit 1; }
	@rm -f .imports.log

menus: .venv/run ## Every screen fits in every language
	@$(BIN)/caunoi menus check

chromium: ## Install Chromium for the browser tests, by the system's package manager
	@sh tests/install-chromium.sh

axe: ## Install axe-core for the tests of accessibility, by npm
	@sh tests/install-axe.sh

# One worker more than there are cores: many tests wait for a process, a lease or a browser.
test: lint types imports menus chromium axe ## Everything that must hold: the checks above and all tests
	@$(BIN)/pytest -q -n $$($(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)') --dist worksteal

# -- figures: each prints what it measured beside its target and exits with 1 when short

.PHONY: menus-check bench-hop bench-start bench-places bench-words bench-erase bench-measures bench-metrics bench-console chaos-kill chaos-room mutants pictures
menus-check: .venv/run ## What every screen and SMS takes of its room, in every language
	@$(BIN)/caunoi menus measure

bench-hop: .venv/dev ## What a USSD hop costs, beside a bare Flask hello (2 minutes)
	@$(BIN)/python -m bench.hop

bench-start: .venv/dev ## Seconds until ready, memory of each process
	@$(BIN)/python -m bench.start

bench-words: .venv/dev ## How many of the texts people send are understood
	@$(BIN)/python -m bench.words

bench-places: .venv/dev ## Milliseconds to find a place by what people type (1 minute)
	@$(BIN)/python -m bench.places

bench-erase: .venv/dev ## How long an erasure takes among a million messages (3 minutes)
	@$(BIN)/python -m bench.erasure

bench-measures: .venv/dev ## Seconds a report takes among a million requests (6 minutes)
	@$(BIN)/python -m bench.measures

bench-metrics: .venv/dev ## Milliseconds a scrape takes among two million messages (2 minutes)
	@$(BIN)/python -m bench.metrics

bench-console: .venv/dev ## Milliseconds and statements of every page of the console among five million messages (10 minutes)
	@$(BIN)/python -m bench.console

chaos-kill: .venv/dev ## kill -9, flushes and stops under load: nothing lost, nothing sent twice (5 minutes)
	@$(BIN)/python -m chaos.kill

chaos-room: .venv/dev ## Each fault switched on: the room names it within 15 s, one alarm comes (7 minutes)
	@$(BIN)/python -m chaos.room

mutants: .venv/dev ## Plant faults in the outbox; its tests must notice each (10 minutes)
	@$(BIN)/python -m bench.mutants

pictures: .venv/dev chromium ## Remake the README's pictures
	@$(BIN)/python -m bench.pictures

.PHONY: runbook
runbook: .venv/run ## Write docs/runbook.md from service/ops/runbook
	@$(BIN)/python -c 'from service.ops.runbook import as_markdown; print(as_markdown(), end="")' >docs/runbook.md

.PHONY: sim-villagers
sim-villagers: .venv/dev ## 10,000 steps of villagers doing anything: nothing lost, doubled or crossed
	@VILLAGER_STEPS=10000 $(BIN)/pytest -q -n 0 -s tests/gateway/test_gateway_machine.py

.PHONY: sim-ladder bench-ladder leader-messages
sim-ladder: .venv/dev ## 1,000 requests climb for weeks, clocks killed, Redis lost: nobody forgotten (3 minutes)
	@$(BIN)/python -m bench.ladder_sim $(if $(SEED),--seed $(SEED))

bench-ladder: .venv/dev ## 200 take one request at once; a look at what is due among a million (4 minutes)
	@$(BIN)/python -m bench.ladder_race; race=$$?; $(BIN)/python -m bench.ladder_sweep && exit $$race

leader-messages: .venv/dev ## Every message a member of a team can get, and the segments it takes
	@$(BIN)/python -m bench.leader_messages

.PHONY: sim-training
sim-training: .venv/dev ## 500 race for 25 seats over HTTP, kills, lapses: no seat twice, none forgotten (4 minutes)
	@SEAT_STEPS=20000 CLASS_STEPS=600 $(BIN)/pytest -q -n 0 -s tests/village_work/test_seat_book_machine.py \
	  tests/village_work/test_class_machine.py; book=$$?; \
	$(BIN)/python -m bench.training_sim $(if $(SEED),--seed $(SEED)) && exit $$book

.PHONY: hammer
hammer: .venv/dev ## Everybody does everything at once for 20 seconds: nobody waits for each other for ever
	@HAMMER_SECONDS=20 $(BIN)/pytest -q -n 0 tests/village_work/test_work_hammer_newer.py
