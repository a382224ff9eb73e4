# Every command sets itself up. `make help` lists them.
PYTHON ?= python3
TESTS ?= 1
# Files go to workers whole; each worker has databases, folders and ports of its own.
WORKERS ?= -n auto --maxprocesses=4 --dist loadfile
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.stamp-run
DEV := $(VENV)/.stamp-dev
FUZZ := .fuzz
FUZZ_SECONDS ?= 60
ASSETS := src/shuqiao/portal/static/vendor/.stamp

.DEFAULT_GOAL := help
.PHONY: help run test check bench fuzz soak lint types lock docs clean

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(RUN): requirements/base.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Shuqiao needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	$(BIN)/python -m pip install -q --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUN) requirements/dev.txt clients/python/pyproject.toml
	$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e clients/python
	@touch $@

$(ASSETS): frontend/package-lock.json frontend/build.mjs
	cd frontend && npm ci --no-audit --no-fund --silent && node build.mjs
	@touch $@

run: $(RUN) $(ASSETS) ## Start everything with the sample city: web, gateway, worker
	SHUQIAO_SAMPLE_CITY=1 $(BIN)/shuqiao up --sample

test: $(DEV) $(ASSETS) ## All tests, on SQLite and again on PostgreSQL
	$(BIN)/python -m pytest $(WORKERS)
	$(BIN)/python -m tests.postgresql $(WORKERS)

lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(DEV)
	$(BIN)/mypy

docs: $(DEV) ## Write the generated reference pages anew
	$(BIN)/shuqiao docs --write

check: lint types $(ASSETS) ## The full gate: lint, types, layers, migrations, deployment, docs, tests
	$(BIN)/shuqiao manage makemigrations --check --dry-run
	SHUQIAO_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(48))') SHUQIAO_HTTPS=1 \
		$(BIN)/shuqiao manage check --deploy --fail-level WARNING
	$(BIN)/shuqiao docs --check
	$(BIN)/shuqiao law coverage --gate
	@if [ "$(TESTS)" != 0 ]; then $(MAKE) test; fi

bench: $(DEV) ## Measure; one job with B=lookup
	$(BIN)/python bench/run.py $(B)

soak: $(DEV) ## Fifteen minutes of mixed load; every answer held against its record
	$(BIN)/python -m tests.soak --minutes 15

# atheris is no requirement of the project: it has an environment of its own, beside which the project's is read.
$(FUZZ)/.stamp: $(DEV)
	$(BIN)/python -m venv $(FUZZ)
	$(FUZZ)/bin/python -m pip install -q atheris==3.0.0
	@touch $@

fuzz: $(FUZZ)/.stamp ## Fuzz the readers and the query language, FUZZ_SECONDS each
	for one in readers query; do \
		PYTHONPATH=src:$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
		$(FUZZ)/bin/python fuzz/$$one.py -max_total_time=$(FUZZ_SECONDS) -timeout=60 -rss_limit_mb=2500 \
			-artifact_prefix=$(FUZZ)/ || exit 1; \
	done

lock: $(DEV) ## Pin the requirements anew
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements/base.txt requirements/base.in
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements/dev.txt requirements/dev.in

clean: ## Remove what the commands made, the sample city's data too
	rm -rf $(VENV) $(FUZZ) var frontend/node_modules src/shuqiao/portal/static/vendor
