"""`schema_check.py FOLDER JSII_FILE`: the schema check of every file, and a proof that it finds what it is for."""

import sys

import hcl2
import schema


def main(folder, jsii_file):
    provider = schema.Provider(jsii_file)
    for broken, expected in BROKEN.items():
        found = schema.problems(hcl2.loads(broken), provider)
        if found != [expected]:
            sys.exit(f"the check itself is broken: expected {expected!r}, found {found}")
    found, blocks = [], 0
    for file, configuration in schema.read(folder).items():
        blocks += len(configuration.get("resource", [])) + len(configuration.get("data", []))
        found += [f"{file}: {problem}" for problem in schema.problems(configuration, provider)]
    if found or not blocks:
        sys.exit("\n".join(found) or f"no resources below {folder}")
    print(f"schema: {blocks} resources have the arguments of provider {provider.version}")
    print(f"schema: each of {len(BROKEN)} broken ones was found")


# One mistake each, and what has to be said of it.
BROKEN = {
    'resource "google_cloud_run_service_v2" "a" {\n}\n': "resource google_cloud_run_service_v2: there is no such resource",
    'data "google_projekt" "a" {\n}\n': "data google_projekt: there is no such data",
    'resource "google_service_account" "a" {\n  display_name = "a"\n}\n': "google_service_account: account_id is missing",
    'resource "google_service_account" "a" {\n  account_id = "a"\n  displayname = "a"\n}\n': (
        "google_service_account: there is no argument displayname"
    ),
    """
resource "google_cloud_run_v2_service" "a" {
  name = "a"
  location = "b"
  template {
    containers {
      image = "c"
      dynamic "env" {
        for_each = {}
        content {
          nam = "d"
          name = "e"
        }
      }
    }
  }
}
""": "google_cloud_run_v2_service.template.containers.env: there is no argument nam",
}

main(*sys.argv[1:])
