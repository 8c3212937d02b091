#!/usr/bin/env bash
# Print the newest Python that can run Cantoria: 3.11 or newer, able to make virtual environments.
# PYTHON=… names one to use instead.
set -euo pipefail

works() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if works "$candidate"; then
        command -v "$candidate"
        exit 0
    fi
done

cat >&2 <<'TEXT'
Cantoria needs Python 3.11 or newer with its venv module, and found none.
  Debian, Ubuntu:  sudo apt-get install python3 python3-venv
  Fedora:          sudo dnf install python3
  macOS:           brew install python
Or name one yourself:  make run PYTHON=python3.12
TEXT
exit 1
