#!/bin/sh
# UNTRIED: nobody has run this yet. Makes dist/Framework Advisor.app on a Mac, unsigned.
set -eu
cd "$(dirname "$0")/.."
python3 -m venv .venv-bundle
.venv-bundle/bin/python -m pip install -c constraints.txt . pyinstaller
.venv-bundle/bin/pyinstaller packages/framework-advisor.spec --noconfirm --distpath dist --workpath build/pyinstaller
