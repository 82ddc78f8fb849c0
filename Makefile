# One command for each thing a person does here. `make install` does nothing, and needs no network, when nothing changed.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PACKAGES := rules workflow notifications reports app web cli migrations
STRICT   := -p rules -p workflow -p notifications -p reports
PLAIN    := -p app -p web -p cli -p bench
DASH     := -
COMPILE  := $(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index$(DASH)url --no-header --no-annotate \
            --python-version 3.11 --quiet

.PHONY: install demo test lint typecheck format docs bench soak lock migration migration-initial clean

install: $(STAMP)

$(STAMP): pyproject.toml requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 ou plus récent est nécessaire ($$($(PYTHON) --version 2>&1)) : installez-le, puis « make install PYTHON=python3.11 »." >&2; \
	  echo "Python 3.11 or later is needed: install it, then \`make install PYTHON=python3.11\`." >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Il manque le paquet Debian « python3-venv » : sudo apt install python3-venv" >&2; \
	  echo "The Debian package \`python3-venv\` is missing: sudo apt install python3-venv" >&2; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q $(VENV)/lib $(PACKAGES) >/dev/null || true
	@touch $@

demo: install
	$(BIN)/coinstruction demo $(ARGS)

test: lint typecheck
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	@if [ -d rules/parameters ]; then $(BIN)/yamllint --strict rules/parameters rules/cases config.yaml; fi

typecheck: install
	$(BIN)/mypy --strict $(STRICT)
	$(BIN)/mypy $(PLAIN)

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The pages written from the tables and the catalogue; tests/docs refuses them when they are late.
docs: install
	$(BIN)/coinstruction diagram --format markdown > docs/workflow.md
	$(BIN)/coinstruction rules --format markdown > docs/rules.md
	$(BIN)/python -m web.rights_page > docs/rights.md

bench: install
	$(BIN)/python -m bench $(ARGS)

soak: install
	$(BIN)/python -m bench.soak $(ARGS)

# Locks name no registry: versions, markers and hashes only.
lock: install
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(COMPILE) -o requirements.lock
	$(COMPILE) --extra dev --extra parquet -o requirements-dev.lock

# A new revision from the mapped classes: make migration REV=0002 NAME="Add letters". Then add it to migrations.REVISIONS.
migration: install
	@rm -f var/migration.db && mkdir -p var
	PATH="$(CURDIR)/$(BIN):$$PATH" COINSTRUCTION_DATABASE_URL=sqlite:///var/migration.db alembic upgrade head
	PATH="$(CURDIR)/$(BIN):$$PATH" COINSTRUCTION_DATABASE_URL=sqlite:///var/migration.db \
	  alembic revision --autogenerate --rev-id $(REV) -m "$(NAME)"
	@rm -f var/migration.db

# Only until the first release: write 0001 again from the mapped classes.
migration-initial:
	@rm -f migrations/versions/*.py
	$(MAKE) migration REV=0001 NAME="Initial tables"
	@mv migrations/versions/0001_*.py migrations/versions/0001_initial.py

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find $(PACKAGES) bench tests -name __pycache__ -type d -prune -exec rm -rf {} +
