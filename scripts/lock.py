"""Pin every dependency with hashes into requirements/, naming neither a registry nor a path of this machine."""

import subprocess
import sys

OPTIONS = (
    "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host", "--no-header",
    "--strip-extras", "--allow-unsafe", "--quiet",
)  # fmt: skip

for extras, target in ((("build",), "base"), (("build", "dev"), "dev")):
    names = [word for extra in extras for word in ("--extra", extra)]
    output = f"requirements/{target}.txt"
    subprocess.run(
        [sys.executable, "-m", "piptools", "compile", *OPTIONS, *names, "-o", output, "pyproject.toml"], check=True
    )
