#!/usr/bin/env bash
# The programs that tests and benchmarks use from Debian: says which are missing, installs them where it may.
set -euo pipefail
declare -A PARTS=([unzip]=unzip [zip]=zip [7z]=p7zip-full [file]=file [hashdeep]=hashdeep [chromium]=chromium)
missing=()
for program in "${!PARTS[@]}"; do
  command -v "$program" >/dev/null || missing+=("${PARTS[$program]}")
done
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || missing+=(postgresql)
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
echo "Tests use Debian packages that are not here: ${missing[*]}"
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "Installing them."
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "Install them for the whole suite: sudo apt-get install ${missing[*]}"
fi
