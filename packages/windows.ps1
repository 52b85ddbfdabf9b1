# UNTRIED: nobody has run this yet. Makes dist\framework-advisor on Windows, unsigned:
# framework-advisor.exe for a terminal, framework-advisor-window.exe without one.
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..")
py -3.11 -m venv .venv-bundle
.venv-bundle\Scripts\python -m pip install -c constraints.txt . pyinstaller
.venv-bundle\Scripts\pyinstaller packages\framework-advisor.spec --noconfirm --distpath dist --workpath build\pyinstaller
