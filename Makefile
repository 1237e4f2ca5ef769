# Every target installs what it needs into .venv, only once.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

.PHONY: demo test test-all check docs docs-serve mutants soak bench bench-peers interop interop-peers environments browser-peers screenshots debugger debugger-screenshots release vectors-package clean

demo: .venv/sandbox.stamp
	.venv/bin/python -m nexmo demo

# Collecting this file's tests starts every Python of this machine.
ALL_SLOW = tests/test_distribution.py

# Runs the tests that need only this tree and packages from pip, on all processors.
test: .venv/test.stamp
	.venv/bin/python tests/run_vectors.py
	.venv/bin/python -m pytest -n auto --maxprocesses 8 -m "not slow and not peers" --ignore $(ALL_SLOW)

# The modules of nexmo that run only in the process of the tests. The others also run in other processes, where coverage
# is not measured.
IN_PROCESS = nexmo/answers.py,nexmo/callback.py,nexmo/client.py,nexmo/endpoints.py,nexmo/errors.py,nexmo/token_store.py,nexmo/tokens.py

# Runs all tests, each property with all its examples, with coverage. Tests that measure time, or that use the whole
# machine, run alone.
test-all: export TESTS = all
test-all: .venv/test.stamp
	.venv/bin/python tests/run_vectors.py
	.venv/bin/python -m pytest -n auto --maxprocesses 8 -m "not slow" --cov --cov-report=
	.venv/bin/python -m pytest -m slow --cov --cov-append --cov-report=
	.venv/bin/python -m coverage report --include "nexmo/*"
	.venv/bin/python -m coverage report --include "$(IN_PROCESS)" --fail-under 98
	.venv/bin/python -m coverage report --include "oauth1_core/*" --fail-under 100

# Builds the site in docs/_build, with the debugger if npm is installed. A warning is an error.
docs: .venv/docs.stamp
	.venv/bin/python -m sphinx -q -W --keep-going docs docs/_build
	rm -rf docs/_build/debugger
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory debugger && cp -R dist/debugger docs/_build/debugger && \
		.venv/bin/python -c 'import debugger.build as b; b.link_to_site(b.ROOT / "docs/_build/debugger")'; \
		else echo "The site is without the debugger: npm was not found. Install npm, then run make docs again." >&2; fi

docs-serve: docs
	.venv/bin/python -m http.server --bind 127.0.0.1 --directory docs/_build 8080

# Mutation testing of the whole core, or of some modules: make mutants MODULES="percent_encoding nonce"
mutants: .venv/mutants.stamp
	.venv/bin/python -m tests.mutants $(MODULES)

# Runs the load and fault tests in tests/soak with the full number of repetitions, and prints a table at the end.
soak: .venv/test.stamp
	SOAK=full .venv/bin/python -m pytest tests/soak -q -s

bench: .venv/bench.stamp
	.venv/bin/python -m benchmarks

# Installs signers in other languages from Debian and npm. The benchmark names the signers that could not be installed.
bench-peers:
	benchmarks/install_peers.sh

# Runs other implementations of OAuth 1.0a: writes what each signs to vectors/CONFORMANCE.md, then runs the authorization
# flow with each.
interop: .venv/test.stamp interop-peers
	.venv/bin/python -m tests.interop.matrix
	.venv/bin/python -m tests.interop.flows

interop-peers:
	PYTHON="$(PYTHON)" tests/interop/install_peers.sh

# Runs the vectors in every Python that is found or can be installed, and writes docs/reference/environments.md.
environments: .venv/test.stamp
	tests/environments/install.sh
	.venv/bin/python -m tests.environments

# browser-peers installs Chromium for tests/browser; screenshots makes the site's pictures of the sandbox's pages.
browser-peers: .venv/browser.stamp
	tests/browser/install_peers.sh

screenshots: browser-peers
	.venv/bin/python -m tests.browser.screenshots

# Builds the debugger's page in dist/debugger: static files that any web server can serve. Its Python comes from npm.
debugger: dist/debugger/index.html

dist/debugger/index.html: .venv/sandbox.stamp $(wildcard debugger/*.* debugger/licences/* oauth1_core/*.py oauth1_core/debugging/*.py)
	.venv/bin/python -m debugger.build dist/debugger

debugger-screenshots: browser-peers debugger
	.venv/bin/python -m tests.browser.debugger_screenshots

# Builds the vectors as an archive, a Python package and an npm package, in dist/vectors.
vectors-package: .venv/pyvenv.cfg
	.venv/bin/python vectors/pack.py dist/vectors

check: .venv/check.stamp
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/python -m tests.prose
	.venv/bin/mypy
	.venv/bin/pyright
	PATH="$(CURDIR)/.venv/bin:$$PATH" pyright --verifytypes oauth1_core --ignoreexternal
	.venv/bin/python -m pytest -q tests/test_layering.py

# Builds and checks the files of a release in dist/, and prints the steps that a person must do.
release: .venv/release.stamp
	.ci/release

clean:
	rm -rf .venv .mutants dist

# Installs both distributions from this tree and the dependency group with the stamp's name (pip 25.1 or newer).
.venv/%.stamp: .venv/pyvenv.cfg pyproject.toml nexmo/pyproject.toml
	.venv/bin/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	.venv/bin/python -m pip install --quiet --group $* --editable . --editable ./nexmo
	touch $@

.venv/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found. Name an interpreter: make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot create a virtual environment (on Debian: apt-get install python3-venv)" >&2; exit 1; }
