"""`commands.py FILE…`: gcloud's own parser reads every gcloud command of these documents. It runs none of them."""

import json
import re
import subprocess
import sys
import tempfile


def main(files):
    commands = [command for file in files for command in commands_of(open(file, encoding="utf-8").read())]
    if not commands:
        sys.exit("the documents hold no gcloud command")
    *answers, broken = lint([*commands, BROKEN])
    if broken["success"]:
        sys.exit(f"gcloud's parser accepts {BROKEN}")
    refused = [f"{answer['command_string']}\n  {answer['error_message']}" for answer in answers if not answer["success"]]
    if refused or len(answers) != len(commands):
        sys.exit("\n".join(refused) or "gcloud's parser left some of the commands out")
    print(f"commands: gcloud's parser accepts all {len(commands)}, and refuses a broken one")


def commands_of(document):
    """Each `gcloud …` of the indented lines, in a `$(…)` too, and in a sentence; a backslash at the end goes on."""
    lines = re.sub(r"\\\n\s*", "", document).splitlines()
    code = (line.strip() for line in lines if line.startswith("    "))
    found = [re.findall(r"(?:^|\$\()(gcloud [^)|#]*)", line) for line in code]
    found.append(re.findall(r"`(gcloud [^`]*)`", document))
    commands = (re.sub(r"\bACCOUNT\b", ACCOUNT, command.strip()) for commands in found for command in commands)
    return list(dict.fromkeys(commands))


def lint(commands):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([{"command_string": command} for command in commands], file)
        file.flush()
        linted = ["gcloud", "meta", "lint-gcloud-commands", f"--commands-file={file.name}"]
        return json.loads(subprocess.run(linted, check=True, capture_output=True, text=True).stdout)


# In the place of a reader's own: here the parser looks at the form of the value, too.
ACCOUNT = "account@some-project.iam.gserviceaccount.com"
BROKEN = "gcloud run services add-iam-policy-binding profile-service --rolle=roles/run.invoker"

main(sys.argv[1:])
