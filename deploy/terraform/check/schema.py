"""Compares each resource and data source of a configuration with the provider's schema, without the provider.

`provider` reads the schema out of @cdktf/provider-google, which has every argument of every resource as an interface;
`problems` says what an argument's name or a missing one makes wrong. Values and their types are not looked at.
"""

import json
import re
from pathlib import Path

import hcl2


def problems(configuration, provider):
    """What a `terraform validate` would find in the names of resources and arguments; empty when there is nothing."""
    found = []
    for kind in ("resource", "data"):
        for block in configuration.get(kind, []):
            [(quoted, body)] = block.items()
            name, (arguments,) = quoted.strip('"'), body.values()
            if (kind, name) not in provider.configs:
                found.append(f"{kind} {name}: there is no such {kind}")
            else:
                found += compare(name, arguments, provider, provider.configs[kind, name], META_ARGUMENTS)
    return found


def compare(place, arguments, provider, interface, free=frozenset()):
    """One block with the interface that describes it, and the blocks within."""
    known = provider.arguments(interface)
    given = blocks_unfolded(arguments)
    found = [f"{place}: {name} is missing" for name, known_as in known.items() if known_as.required and name not in given]
    for name in given.keys() - free:
        if name not in known:
            found.append(f"{place}: there is no argument {name}")
        elif known[name].interface:
            for block in given[name]:
                if isinstance(block, dict):
                    found += compare(f"{place}.{name}", block, provider, known[name].interface)
    return found


def blocks_unfolded(arguments):
    """Arguments by name, with each `dynamic "name"` as the block that it writes."""
    given = {name: value for name, value in arguments.items() if not name.startswith("__") and name != "dynamic"}
    for dynamic in arguments.get("dynamic", []):
        for name, body in dynamic.items():
            if not name.startswith("__"):
                given.setdefault(name.strip('"'), []).extend(body["content"])
    return {name: value if isinstance(value, list) else [value] for name, value in given.items()}


class Provider:
    """The provider's schema, by the interfaces of the package."""

    def __init__(self, jsii_file):
        self.types = json.loads(Path(jsii_file).read_text(encoding="utf-8"))["types"]
        self.configs = {}
        for interface, described in self.types.items():
            if "cdktf.TerraformMetaArguments" in described.get("interfaces", []):
                for link in filter(None, map(link_of, described.get("properties", []))):
                    self.version, folder, name, _ = link.groups()
                    self.configs["data" if folder == "data-sources" else "resource", f"google_{name}"] = interface

    def arguments(self, interface):
        """What may stand in a block, by its name in Terraform."""
        links = ((link_of(described), described) for described in self.types[interface].get("properties", []))
        return {link.group(4): Argument(described, self.types) for link, described in links if link}


class Argument:
    """Whether it must be given, and what is in it if it is a block."""

    def __init__(self, described, types):
        self.required = not described.get("optional", False)
        names = re.findall(r'"fqn": "(@cdktf/[^"]+)"', json.dumps(described["type"]))
        self.interface = next((name for name in names if name in types), None)


def link_of(described):
    """The place in Terraform's documentation, which has the names as Terraform spells them."""
    return re.search(r"/google/([\d.]+)/docs/([\w-]+)/(\w+)#(\w+)", str(described.get("docs")))


def read(folder):
    """Every configuration file below `folder`, by its path."""
    files = sorted(Path(folder).rglob("*.tf"))
    return {str(file.relative_to(folder)): hcl2.loads(file.read_text(encoding="utf-8")) for file in files}


META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "lifecycle", "provider"})
