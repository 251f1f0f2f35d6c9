"""Judges with python3-hl7: `parse` prints a digest of every file; `ack` checks an acknowledgement."""
import json
import sys

import hl7

for line in sys.stdin:
    name = line.strip()
    with open(name, "rb") as file:
        text = file.read().decode("utf-8")
    message = hl7.parse(text)
    rows = []
    for segment in message:
        fields = [str(field) for field in segment]
        rows.append({"name": fields[0], "fields": fields[1:]})
    patients = [s for s in message if str(s[0]) == "PID"]
    pid = str(patients[0][3]) if patients and len(patients[0]) > 3 else ""
    print(json.dumps({"file": name, "rows": rows, "control": str(message.segment("MSH")[10]), "pid3": pid}))
