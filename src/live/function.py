"""The function of a measurement: it works as long as the order's own draws say, fails when they say so, and tells when it ran."""
import json
import os
import time

SETTINGS = json.loads(os.environ["SIMULATE"])


class FunctionError(Exception):
    pass


def handler(event, context):
    began = time.time()
    attempt = min(int(event.get("attempt", 0)), len(event["work"]) - 1)
    if not (event["fails"][attempt] and SETTINGS["error_at_start"]):
        time.sleep(event["work"][attempt])
    ran = "began=%.6f ended=%.6f" % (began, time.time())
    if event["fails"][attempt]:
        raise FunctionError(ran)
    return {"order": event["order"], "ran": ran}
