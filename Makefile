# Every target sets up what it needs: `make demo` and `make test` work as the first command on a fresh machine.
.DEFAULT_GOAL := help
.PHONY: help bundle images compose-up compose-demo compose-down compose-demo-down compose-secrets compose-backup compose-restore test-containers test-browser test-cluster demo test check bench bench-policy bench-enrollment bench-flood bench-pages dirt lives properties mutation mutation-rooms torture planted losses bad-inputs contracts lock clean format drills sms bench-sms
VENV := $(shell sh scripts/place.sh)
BIN := $(VENV)/bin
READY := $(VENV)/.ready

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml scripts/bootstrap.sh
	@sh scripts/bootstrap.sh $(VENV)
	@touch $@

demo: $(READY) ## Run the whole way from nothing: three rosters, 6,000 bills, assistance, SMS
	@$(BIN)/yingbao demo $(ARGS)

test: $(READY) ## Run every test, on real nats-server and PostgreSQL
	@$(BIN)/python -m pytest -q -n 2 --dist loadscope $(ARGS)

images: $(READY) ## Build the container images, also where no registry answers
	@found=$$(sh scripts/engine.sh) || exit 1; eval "$$found"; sh scripts/images.sh $(VENV)

bundle: $(READY) ## Write one archive into dist/ that installs Yingbao without any network
	@sh scripts/bundle.sh $(VENV)

compose-up: $(READY) ## Bring a county up in containers: bus, database, services, Prometheus, Alertmanager
	@sh scripts/compose.sh $(VENV) up

compose-demo: $(READY) ## Bring a new county up in containers and run the demo on it
	@sh scripts/compose.sh $(VENV) demo $(ARGS)

compose-down: $(READY) ## Stop the county in containers; its data and keys stay
	@sh scripts/compose.sh $(VENV) down

compose-demo-down: $(READY) ## Take the demo's county in containers away, with its data and keys
	@sh scripts/compose.sh $(VENV) demo-down

compose-backup: $(READY) ## Write one sealed file of the county in containers: FILE=county.ybk PASSPHRASE=file with it
	@sh scripts/compose.sh $(VENV) backup "$(FILE)" "$(PASSPHRASE)"

compose-restore: $(READY) ## Put the county in containers back to a backup: FILE=county.ybk PASSPHRASE=file with it
	@sh scripts/compose.sh $(VENV) restore "$(FILE)" "$(PASSPHRASE)"

compose-secrets: $(READY) ## Let the county in containers follow its keys, after one was added, rotated or revoked
	@sh scripts/compose.sh $(VENV) secrets

test-containers: $(READY) ## Test the platform as containers: kills, pauses, cut networks, an upgrade; needs or installs Docker
	@found=$$(sh scripts/engine.sh) || exit 1; eval "$$found"; sh scripts/images.sh $(VENV) > /dev/null && sh scripts/image_before.sh && \
		sh scripts/bundle.sh $(VENV) var/bundle && \
		$(BIN)/python -m pytest -q -n0 --durations=5 tests/containers $(ARGS); code=$$?; \
		[ -z "$$YINGBAO_ENGINE_OURS" ] || sh scripts/engine.sh stop; exit $$code

test-browser: $(READY) ## Do a clerk's and an officer's tasks through the console's pages with Chromium; needs or installs it
	@sh scripts/chromium.sh && $(BIN)/python -m pytest -q -n0 tests/browser $(ARGS)

comma := ,
ROUNDS := 1,1,1,1
test-cluster: $(READY) ## Fail machines of a bus and a database on three while hospitals send; long: ROUNDS=50,50,20,10
	@sh scripts/cluster.sh && YINGBAO_CLUSTER_ROUNDS=$(ROUNDS) YINGBAO_LOST_BILLS=$(if $(filter 1$(comma)1$(comma)1$(comma)1,$(ROUNDS)),600,6000) \
		$(BIN)/python -m pytest -q -s -n0 tests/cluster $(ARGS)

check: $(READY) ## Format, lint, types, import rules, generated files up to date
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@PYTHONPATH=. $(BIN)/python scripts/arrows.py
	@$(BIN)/python scripts/tidy.py
	@$(BIN)/python scripts/generate_contracts.py --check
	@$(BIN)/python scripts/glossary.py --check
	@PYTHONPATH=. $(BIN)/python scripts/readmes.py --check
	@$(BIN)/python scripts/dashboards.py --check
	@$(BIN)/python scripts/kubernetes.py --check
	@PYTHONPATH=. $(BIN)/python scripts/texts.py --check

format: $(READY) ## Format the code and fix what can be fixed by itself
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

contracts: $(READY) ## Generate schemas, golden events, AsyncAPI document, glossary, dashboards and manifests
	@$(BIN)/python scripts/generate_contracts.py
	@$(BIN)/python scripts/glossary.py
	@PYTHONPATH=. $(BIN)/python scripts/readmes.py
	@$(BIN)/python scripts/dashboards.py
	@$(BIN)/python scripts/kubernetes.py
	@PYTHONPATH=. $(BIN)/python scripts/texts.py

bench: $(READY) ## Measure bills per second and a hospital call's latency against the raw limits
	@$(BIN)/python -m bench.pipeline $(ARGS)

bench-policy: $(READY) ## Measure the engine: a person-year, a county, and one schedule beside OpenFisca-core
	@test -d var/openfisca || $(BIN)/python -m pip install -q --target var/openfisca openfisca-core==46.0.1
	@$(BIN)/python -m bench.policy

bench-enrollment: $(READY) ## Measure a county: register of 1,060,000 and roster of 200,000 in, equation, one status change
	@$(BIN)/python -m bench.enrollment $(ARGS)

bench-pages: $(READY) ## Measure every page of the console over a county: 1,060,000 people, 200,000 on rosters, 500,000 bills
	@$(BIN)/python -m bench.pages $(ARGS)

bench-flood: $(READY) ## Measure hospitals' calls alone, and beside a key at twenty times its quota
	@$(BIN)/python -m bench.flood

dirt: $(READY) ## Read 300,000 rows of lists as untidy as they come; nobody may be lost in silence
	@$(BIN)/python -m bench.dirt $(ARGS)

properties: $(READY) ## Try every property of the engine on 5,000 generated people
	@$(BIN)/python -m pytest -q -n 2 --hypothesis-profile thorough tests/policy/test_properties.py $(ARGS)

lives: $(READY) ## Judge 20,000 random lives by the folds and by the plain rules, day by day
	@YINGBAO_LIVES=20000 $(BIN)/python -m pytest -q -n 2 tests/unit/enrollment/person/test_lives.py $(ARGS)

mutation: $(READY) ## Change the engine in thousands of ways and count how many the tests notice
	@$(BIN)/mutmut run > /dev/null; $(BIN)/python scripts/mutation.py

mutation-rooms: $(READY) ## Change what the services decide in 300 sampled places and count how many the tests notice
	@PYTHONPATH=. $(BIN)/python scripts/mutation_rooms.py $(ARGS)

torture: $(READY) ## 50 random kill -9 during 5,000 bills; the ledger digest must not change
	@$(BIN)/python -m bench.torture $(ARGS)

planted: $(READY) ## Plant twelve bugs that lose or double something, one at a time; torture must catch each
	@$(BIN)/python -m bench.planted $(ARGS)

lock: $(READY) ## Pin every dependency with its hashes: requirements.lock to work on it, requirements.run.lock to run it
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11 --all-extras -o requirements.lock pyproject.toml
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11 -c requirements.lock -o requirements.run.lock pyproject.toml

bad-inputs: $(READY) ## Send a million spoilt bills, and good ones between them; about a quarter of an hour
	@YINGBAO_BAD_INPUTS=1000000 YINGBAO_STREAM_ROOM=2 $(BIN)/python -m pytest -q -n0 --timeout=10000 tests/integration/test_bad_inputs.py $(ARGS)

losses: $(READY) ## Lose the bus with 7,000 bills accepted, and the database; books and texts must end as undisturbed
	@YINGBAO_LOST_BILLS=7000 $(BIN)/python -m pytest -q -s tests/integration/test_bus_lost.py -k "lost_everything or restored" $(ARGS)

sms: $(READY) ## Send 5,000 messages through a real Kannel, and 20,000 through two bad providers on a virtual clock
	@YINGBAO_KANNEL_MESSAGES=5000 YINGBAO_STORM_MESSAGES=20000 $(BIN)/python -m pytest -q -n0 --timeout=1500 \
		tests/integration/test_kannel.py tests/integration/test_sms_storm.py $(ARGS)

bench-sms: $(READY) ## Measure how soon a change of status is a message, and how many messages a second leave
	@$(BIN)/python -m bench.messages

drills: $(READY) ## Make the fault of every alert and wait until the real Prometheus and Alertmanager tell of it; root
	@$(BIN)/python -m pytest -q -s -n0 tests/monitoring/test_alerts_fire.py tests/drills $(ARGS)

clean: ## Remove the virtual environment and every cache; data and keys in var/ stay
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache mutants var/images var/wheels var/bundle var/openfisca
