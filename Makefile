# Everything a developer does here. `make` alone lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/stamp
export PYTHON

# What a careful production host sets; the secrets are made up on the spot.
PRODUCTION = HUB_ENV_FILE=/dev/null DEBUG=0 ALLOWED_HOSTS=hub.example.com HUB_PUBLIC_URL=https://hub.example.com \
	SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
	HUB_SECRET_KEYS="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(40))')"

.PHONY: help
help: ## list what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements-dev.txt requirements-uv.txt scripts/setup.sh
	@scripts/setup.sh $(VENV)

.PHONY: setup
setup: $(STAMP) ## create .venv from the lock (nothing to do when it is up to date)
	@:

.PHONY: demo
demo: $(STAMP) ## the whole product with sandbox systems; ONCE=1 stops after the table, FRESH=1 starts over
	@$(BIN)/python -m integration_hub.demo $(if $(ONCE),--once) $(if $(FRESH),--fresh) $(if $(PORT),--port $(PORT))

.PHONY: run
run: $(STAMP) ## the web server of an installation, set up in .env; BIND=127.0.0.1:8000 PROCESSES=2 THREADS=8
	@mkdir -p var
	@$(BIN)/python manage.py check
	@$(BIN)/python manage.py migrate --verbosity 1
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@exec $(BIN)/gunicorn integration_hub.wsgi --bind $(or $(BIND),127.0.0.1:8000) --workers $(or $(PROCESSES),2) \
		--threads $(or $(THREADS),8) --no-control-socket

.PHONY: worker
worker: $(STAMP) ## the background worker with its watchdog
	@mkdir -p var
	@exec $(BIN)/python manage.py worker

# ARGS goes to pytest: make test ARGS="tests/syncflows -k refund"; PROCESSES=0 runs in one process. The tests of one file
# stay together, because they share the sandbox they start.
SPREAD = -n $(or $(PROCESSES),2) --dist loadfile
COVERED := canonical/*,mappings/*,syncflows/*
.PHONY: test
test: $(STAMP) ## all tests on SQLite, then on PostgreSQL; COVER=1 also asks for 95 % of branches
	@echo "test: on SQLite"
	@HUB_TEST_DB=sqlite $(BIN)/pytest $(SPREAD) $(if $(COVER),--cov --cov-report=) $(ARGS)
	@echo "test: on PostgreSQL"
	@HUB_TEST_DB=postgres $(BIN)/pytest $(SPREAD) $(ARGS)
	$(if $(COVER),@$(BIN)/coverage report --include='$(COVERED)' --fail-under=95)

.PHONY: lint
lint: $(STAMP) ## format, style, sizes
	@$(BIN)/ruff format --check --output-format concise . || { echo "lint: make format mends this"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/python scripts/sizes.py
	@git ls-files '*.html' | xargs -r $(BIN)/djhtml --check --tabwidth 2

.PHONY: format
format: $(STAMP) ## write the format lint asks for
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .
	@git ls-files '*.html' | xargs -r $(BIN)/djhtml --tabwidth 2

.PHONY: check
check: lint types imports migrations deployable audit ## lint, types, imports, migrations, production settings, vulnerabilities

.PHONY: types
types: $(STAMP)
	@echo "check: types" && $(BIN)/mypy .

.PHONY: imports
imports: $(STAMP)
	@echo "check: imports" && $(BIN)/lint-imports --no-logo --no-cache

.PHONY: migrations
migrations: $(STAMP)
	@echo "check: migrations" && HUB_ENV_FILE=/dev/null DEBUG=1 DATABASE_URL=sqlite://:memory: \
		$(BIN)/python manage.py makemigrations --check --dry-run

.PHONY: deployable
deployable: $(STAMP)
	@echo "check: production settings" && $(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

.PHONY: audit
audit: $(STAMP) ## known vulnerabilities of the locked packages
	@$(BIN)/python scripts/audit.py

.PHONY: contracts
contracts: $(STAMP) ## break every import contract once and see it noticed
	@$(BIN)/python scripts/contracts_trial.py

.PHONY: generated
generated: $(STAMP) ## 10,000 generated orders against NetSuite's own arithmetic; ORDERS=500 for a quick look
	@$(BIN)/python -m tests.generated $(if $(ORDERS),--orders $(ORDERS) --broken $(ORDERS))

.PHONY: bench
bench: $(STAMP) ## speed, memory and requests per order; SHORT=1 for a quick look
	@$(BIN)/python -m tests.bench $(if $(SHORT),--short)

LOCK_TOOL = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)
.PHONY: pictures
pictures: $(STAMP) ## the pictures of the docs, made again from the running product
	@HUB_TEST_DB=sqlite HUB_PICTURES=docs/images $(BIN)/pytest -q tests/browser/journeys
	@$(BIN)/python scripts/screenshots.py

.PHONY: lock
lock: $(STAMP) ## compile requirements*.in again; UPGRADE=1 takes newer versions
	$(LOCK_TOOL) requirements.in -o requirements.txt
	$(LOCK_TOOL) -c requirements.txt requirements-dev.in -o requirements-dev.txt
	$(LOCK_TOOL) requirements-uv.in -o requirements-uv.txt
	@if grep -nE '://|^-' requirements*.txt; then echo "lock: an index address got into the lock" >&2; exit 1; fi

.PHONY: clean
clean: ## remove .venv and what tests and checks leave; data under var/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.* \
		htmlcov test-results bench-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
