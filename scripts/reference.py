"""Write the generated pages of docs/reference/ from the code they describe; ``--check`` says what is out of date."""

import atexit
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import django
import typer
from django.apps import apps
from pydantic_core import PydanticUndefined

from amparo.casework import schemas
from amparo.cli import app
from amparo.config import Settings
from amparo.evidence import errors

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
NOTE = "<!-- Made by scripts/reference.py from the code. Change the code, then run: make docs -->"

# Exit codes that no error class carries.
EXITS = {
    0: "Done.",
    6: "Finished, and some Items or Contents failed: `amparo items --outcome failed` names them.",
    130: "Stopped by Ctrl-C. What was committed stays; the same command goes on from there.",
}
DEFAULTS = {
    "home": "the data folder of the platform for `amparo`; on Linux `$XDG_DATA_HOME/amparo`, "
    "else `.local/share/amparo` in the home folder of the account",
    "operator": "`os:<login>`",
}
MANY = 12  # values of a field that are not listed again
STATUSES = (
    ("400", "The body is no JSON."),
    ("401", "No token, or one that is not good now."),
    ("403", "The role or the token lacks the permission, or no Authority covers it."),
    ("404", "Not there, or of a Case that the person or the token has nothing to do with."),
    ("405", "The address does not take the method; `Allow` says which it takes."),
    ("409", "The request fits its description and is refused as things stand; the hint says why."),
    ("413", "The request is too long."),
    ("422", "The request does not fit its description; the hint names the field."),
    ("429", "Too many requests in a minute; `Retry-After` says how many seconds to wait. Settings `rate_*`."),
    ("503", "A part that is needed is missing, or a disk is full."),
)
GROUPS = {
    "amparo.openers": "Turns a path into a Source: `amparo.sources.opener.Opener`.",
    "amparo.analysers": "Looks at Items or Contents: `amparo.pipeline.analyser.Analyser`.",
    "amparo.bank_formats": "Reads lists of known digests: `amparo.casework.known.BankFormat`.",
}


def commands() -> Iterator[str]:
    """Every command with its arguments and options, and what its exit code means."""
    yield "# Commands"
    yield (
        "Results go to standard output, progress and errors to standard error. `--json` prints one JSON object per"
        " line; [schemas.md](schemas.md) describes them. `-h` or `--help` after any command explains it."
    )
    yield "## Exit codes"
    yield from table(("code", "meaning"), ((f"`{code}`", text) for code, text in sorted(exits().items())))
    for words, command in walk((), typer.main.get_command(app)):
        yield f"## amparo {' '.join(words)}"
        yield plain(command.help)
        rows = [
            (f"`{shown(each)}`", "yes" if each.required else "", plain(getattr(each, "help", "")))
            for each in command.params
            if each.name != "help"
        ]
        if rows:
            yield from table(("argument or option", "required", "meaning"), rows)


def exits() -> dict[int, str]:
    """Meaning by exit code: the classes of errors state theirs."""
    found: dict[int, list[str]] = {}
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, errors.AmparoError):
            text = "An error of ours." if value is errors.AmparoError else plain(value.__doc__)
            text = text.partition("(exit")[0].strip().rstrip(".")
            found.setdefault(value.exit_code, []).append(f"{text}.")
    return {code: " ".join(texts) for code, texts in found.items()} | EXITS


def walk(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The commands that do something, groups left out."""
    for name, each in command.commands.items():
        if hasattr(each, "commands"):
            yield from walk((*words, name), each)
        else:
            yield (*words, name), each


def shown(parameter: Any) -> str:
    """``PATH``, ``FILES...``, ``--case, -c REF`` or ``--json``."""
    if parameter.param_type_name == "argument":
        return parameter.name.upper() + ("..." if parameter.nargs == -1 else "")
    names = ", ".join(sorted(parameter.opts, key=len, reverse=True))
    value = "" if parameter.is_flag else " VALUE"
    return names + value + (" (repeatable)" if parameter.multiple else "")


def settings() -> Iterator[str]:
    """Every setting with its two names."""
    yield "# Settings"
    yield (
        "Order, the later wins: default, `config.toml` in AMPARO_HOME, environment. An unknown name is refused with"
        " exit 2. Set `home` in the environment: `config.toml` is looked for there."
    )
    rows = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        names = [str(each) for each in alias.choices] if alias is not None and hasattr(alias, "choices") else []
        environment = [each for each in names if each.isupper()] or [f"AMPARO_{name.upper()}"]
        default = DEFAULTS.get(name) or (
            "none" if field.default in ("", (), PydanticUndefined) else f"`{field.default}`"
        )
        rows.append((f"`{name}`", ", ".join(f"`{each}`" for each in environment), default, plain(field.description)))
    yield from table(("config.toml", "environment", "default", "meaning"), rows)
    yield (
        "Secrets are no settings: they are made on first use in `secrets/` (mode 0700) and named in the guide for"
        " administrators. `AMPARO_DEBUG=1` shows where an error of ours happened; it is read by the command line only."
    )


def schema_page() -> Iterator[str]:
    """Every row type: its fields in a table, and the schema itself."""
    yield "# Row types"
    yield (
        "JSON Schema 2020-12 of every row that `--json` prints, as `amparo schema NAME` prints it. Every row has `v`,"
        " the version of its type."
    )
    for name in schemas.names():
        text = schemas.read(name)
        schema = json.loads(text)
        yield f"## {name}"
        yield f"{schema['title']}."
        required = set(schema.get("required", ()))
        rows = [
            (f"`{key}`", kind(each), "yes" if key in required else "", plain(each.get("description", "")))
            for key, each in schema["properties"].items()
        ]
        yield from table(("field", "type", "always", "meaning"), rows)
        yield f"<details><summary>{name}.json</summary>\n\n```json\n{text.strip()}\n```\n\n</details>"


def kind(schema: Mapping[str, Any]) -> str:
    """The type of a property in few words."""
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(dict.fromkeys(kind(each) for each in schema[word]))
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items', {}))}"
    named = schema.get("type", "any")
    text = " or ".join(named) if isinstance(named, list) else str(named)
    return f"{text} ({schema['format']})" if "format" in schema else text


def entry_points() -> Iterator[str]:
    """The groups of entry points, and what Amparo itself registers in them."""
    yield "# Entry points"
    yield (
        "Built-ins register through the same groups as plug-ins of other packages. A plug-in declares `API = 1` and"
        " is loaded only when its name stands in the setting `plugins`; `amparo doctor` lists all that are installed."
        " [CONTRIBUTING.md](../../CONTRIBUTING.md) shows how to write one."
    )
    with (ROOT / "pyproject.toml").open("rb") as stream:
        groups = tomllib.load(stream)["project"]["entry-points"]
    for group, points in groups.items():
        yield f"## {group}"
        yield GROUPS[group]
        yield from table(("name", "object"), ((f"`{name}`", f"`{target}`") for name, target in points.items()))


def reasons() -> Iterator[str]:
    """Why an Item or Content was skipped or failed, and kinds of damage."""
    set_up()  # the texts are marked for translation
    from amparo.ui.reasons import DAMAGE, REASONS

    yield "# Reasons"
    yield (
        "The field `reason` of an Item. `skipped` is declined by rule; `failed` means that we could not finish, and"
        " only that gives exit 6. `crash-sig...` names the signal that ended a worker process."
    )
    rows = ((f"`{code}`", each.what, each.advice) for code, each in REASONS.items())
    yield from table(("reason", "what happened", "what to do"), rows)
    yield "## Damage"
    yield "Damage in the evidence is a Finding, not a failure. [findings.md](findings.md) lists the facts."
    yield from table(("kind", "what it says"), ((f"`{kind}`", text) for kind, text in DAMAGE.items()))


def api() -> Iterator[str]:
    """Every operation of the API and every row type of its own."""
    set_up()
    from amparo.workbench.api.errors import MAX_BODY
    from amparo.workbench.urls import api as routes

    found = routes.description()
    yield "# API"
    yield (
        "For programs that work in a person's name, at `/api/v1/`; the same as OpenAPI 3.1 at `/api/v1/openapi.json`,"
        " for who is logged in or has a token. [The guide](../guide/workbench.md#programs) shows how to make a token"
        " and how to ask."
    )
    yield (
        "Send `Authorization: Bearer TOKEN` with every request; cookies count for nothing. A token gives what its"
        " person may do at that moment in that Case, cut down to its scopes and its Cases. There is no route to"
        " pictures, reveals, released imagery or the Vault: a look needs a person, a reason and a screen that blurs, is"
        f" counted for that person's sake. A request has at most {MAX_BODY:,} bytes of JSON."
    )
    yield (
        "Pages hold `rows` and `next`; send `next` as `after` for the following page, until it is null. A POST with an"
        " `Idempotency-Key` is done once: the same request with the same key gets the same answer for a day, with"
        " `again` true."
    )
    yield "## Errors"
    yield '`{"v": 1, "error": "what is wrong", "hint": "what to do"}`; nothing that was sent stands in it.'
    yield from table(("status", "meaning"), STATUSES)
    yield "## Operations"
    for path, methods in found["paths"].items():
        for method, each in methods.items():
            yield f"### {method.upper()} {path}"
            yield each["description"]
            body = each.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            answer = each["responses"]["200"]["content"]["application/json"]["schema"]
            yield f"{f'Body: {named(body)}. ' if body else ''}Answer: {named(answer)}."
            rows = [
                (f"`{given['name']}`", given["in"], "yes" if given["required"] else "", plain(given.get("description")))
                for given in each.get("parameters", ())
                if given["in"] != "path"
            ]
            if rows:
                yield from table(("parameter", "where", "required", "meaning"), rows)
    yield "## Bodies and answers"
    for name, each in sorted(found["components"]["schemas"].items()):
        yield f"### {title(name)}"
        yield plain(each.get("description", ""))
        fields = each.get("properties", {"": each})  # a list of words has no fields
        rows = [(f"`{key}`" if key else "", named(of), plain(of.get("description"))) for key, of in fields.items()]
        yield from table(("field", "type", "meaning"), rows)


def named(schema: Mapping[str, Any]) -> str:
    """Like :func:`kind`, with links to row types of the API, and to those of `amparo schema` by their titles."""
    if "$ref" in schema:
        name = title(schema["$ref"].rpartition("/")[2])
        return f"[{name}](#{name.lower().replace(' ', '-')})"
    if schema.get("type") == "array":
        return f"list of {named(schema['items'])}"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(named(each) for each in schema["anyOf"]))
    stored = {json.loads(schemas.read(name))["title"]: name for name in schemas.names()}
    name = stored.get(schema.get("title", ""), "")
    if name:
        return f"[{name}](schemas.md#{name})"
    return "a label" if len(schema.get("enum", ())) > MANY else kind(schema)


def title(name: str) -> str:
    """``Page of NoteRow`` for ``Page_NoteRow_``."""
    outer, _, inner = name.partition("_")
    return f"{outer} of {inner.strip('_')}" if inner else outer


def set_up() -> None:
    """Django as the site has it, in a home that is thrown away: no row is read."""
    if apps.ready:
        return
    os.environ["AMPARO_HOME"] = tempfile.mkdtemp(prefix="amparo-reference-")
    atexit.register(shutil.rmtree, os.environ["AMPARO_HOME"], ignore_errors=True)
    os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.web.settings"
    django.setup()


def languages() -> Iterator[str]:
    """How far each language is, and how to begin one."""
    spec = importlib.util.spec_from_file_location("amparo_messages_script", ROOT / "scripts" / "messages.py")
    assert spec is not None and spec.loader is not None
    messages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(messages)
    set_up()
    wanted = {message.id for message in messages.texts() if message.id}
    rows = [("English (`en`)", str(len(wanted)), "0", "0")]
    for path in messages.po_files():
        catalog = messages.read(path)
        done = {
            each.id for each in catalog if each.id in wanted and not each.fuzzy and each.string and all(each.string)
        }
        unreviewed = "unreviewed" in catalog.last_translator
        name = f"{catalog.locale.english_name} (`{catalog.locale}`)"
        rows.append((name, str(len(done)), str(len(wanted - done)), str(len(done) if unreviewed else 0)))
    yield "# Languages"
    yield (
        "Texts of the workbench, reports and exports. A text that a language lacks is shown in English. `unreviewed`:"
        " machine-made, and not yet read by a native speaker who works in this field; check such words before"
        " they leave your office."
    )
    yield from table(("language", "complete", "missing", "unreviewed"), rows)
    yield "## Review or translate"
    yield (
        "Edit `src/amparo/ui/locale/<language>/LC_MESSAGES/django.po`, by hand or with a program such as Poedit. Keep"
        " what stands in `%(...)s`. Write no word that promises more than the English one: a match is a lead. Whoever"
        " has reviewed all texts puts their name into `Last-Translator`; the file then counts as reviewed."
    )
    yield (
        "For a new language make the folder and the file with `pybabel init`, or copy another one and empty its"
        " translations; then `python scripts/messages.py extract`, translate, `python scripts/messages.py compile`, and"
        " add the language to `LANGUAGES` in `src/amparo/web/settings.py`. `python scripts/messages.py check` names"
        " what is missing. Languages written from right to left need nothing else: pages follow the language, and a"
        " test renders them mirrored."
    )


def table(head: Sequence[str], rows: Any) -> Iterator[str]:
    """A Markdown table as one block."""
    lines = [head, ["---"] * len(head), *rows]
    yield "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def plain(text: str | None) -> str:
    """One line."""
    return " ".join((text or "").split())


PAGES = {
    "commands.md": commands,
    "settings.md": settings,
    "schemas.md": schema_page,
    "entry-points.md": entry_points,
    "reasons.md": reasons,
    "languages.md": languages,
    "api.md": api,
}


def page(name: str) -> str:
    """The text a page should have."""
    title, *rest = PAGES[name]()
    return "\n\n".join((title, NOTE, *rest)) + "\n"


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` name those that differ; 1 if any does, 2 on a wrong call."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    stale = [name for name in PAGES if not (FOLDER / name).exists() or (FOLDER / name).read_text() != page(name)]
    for name in stale:
        if arguments:
            print(f"docs/reference/{name} is out of date: run make docs")
        else:
            (FOLDER / name).write_text(page(name))
    return int(bool(arguments and stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
