#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Validates JSON documents against docs/schema/modproof-v1.schema.json.

    validate_json.py FILE...

Exit status 0 if all of them fit, 1 if not (with the reason), 77 if there is no jsonschema.
"""
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: there is no Python module jsonschema")
    sys.exit(77)

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "schema",
                      "modproof-v1.schema.json")


def explain(validator, schema, document):
    """The complaint about the definition that the document claims to fit, not about all of them."""
    name = document.get("command") if isinstance(document, dict) else None
    part = dict(schema, oneOf=[{"$ref": f"#/$defs/{name or 'usage'}"}])
    error = jsonschema.exceptions.best_match(type(validator)(part).iter_errors(document))
    return f"{list(error.absolute_path)}: {error.message}" if error else "fits more than one command"


def main():
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    validator_class = jsonschema.validators.validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)
    failed = False
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            document = json.loads(file.read().decode("utf-8"))
        if not validator.is_valid(document):
            print(f"{path}: {explain(validator, schema, document)}")
            failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
