"""The function of the buffered design, behind an event source mapping: it does with a batch what the driver's own workers do,
and reports every invocation to a queue of the run."""
import json
import os
import random
import threading
import time

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

SETTINGS = json.loads(os.environ["SIMULATE"])
# A retry that nobody sees would distort what is measured.
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)
SESSION = botocore.session.get_session()
SQS = SESSION.create_client("sqs", config=CONFIG)
STATES = SESSION.create_client("stepfunctions", config=CONFIG)
OVER = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")
THROTTLED = ("ThrottlingException", "Throttling", "RequestThrottled", "TooManyRequestsException")
# The report leaves so many seconds before Lambda stops an invocation that takes too long.
GRACE = 0.3


class FunctionError(Exception):
    pass


class CutOff(Exception):
    """The function's timeout is near."""


class Stopped(Exception):
    """The first record that was done has decided badly for all."""


class Record:
    def __init__(self, record):
        body = json.loads(record["body"])
        attributes = record["attributes"]
        self.id = record["messageId"]
        self.order = body["order"]
        self.token = body["token"]
        self.sent = int(attributes["SentTimestamp"]) / 1e3
        receives = int(attributes["ApproximateReceiveCount"])
        run = min(int(body["attempt"]) * SETTINGS["draws"] + receives - 1, len(body["work"]) - 1)
        self.work, self.fails = body["work"][run], body["fails"][run]
        self.throws, self.deletes = False, False


class Invocation:
    def __init__(self, event, deadline):
        self.began = time.time()
        self.deadline = deadline
        self.facts = []
        self.records = [Record(record) for record in event["Records"]]
        self.beating = True
        self.decided = None
        self.stop = threading.Event()

    def note(self, kind, index, more=None):
        self.facts.append([time.time(), kind, index, more])

    def pause(self, seconds):
        until = time.time() + seconds
        if self.stop.wait(max(0, min(until, self.deadline) - time.time())):
            raise Stopped
        if until > self.deadline:
            raise CutOff

    def thrown(self):
        if SETTINGS["first_decides"]:
            return self.decided is False
        return any(record.throws for record in self.records)

    def go(self):
        if SETTINGS["batch"] == "together":
            self.together()
        elif SETTINGS["batch"] == "parallel":
            self.parallel()
        else:
            for index in range(len(self.records)):
                self.record(index)
                if self.thrown() and (SETTINGS["first_decides"] or SETTINGS["throw_ends_invocation"]):
                    return

    def parallel(self):
        cut = []

        def work(index):
            try:
                self.record(index)
            except CutOff:
                cut.append(index)
            except Stopped:
                pass

        threads = [threading.Thread(target=work, args=(index,)) for index in range(len(self.records))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if cut:
            raise CutOff

    def record(self, index):
        one = self.records[index]
        if not self.take_up(index):
            return
        if not (one.fails and SETTINGS["error_at_start"]):
            self.pause(one.work)
        self.conclude(index, one.fails)

    def together(self):
        taken = [index for index in range(len(self.records)) if self.take_up(index)]
        if not taken:
            return
        fails = [self.records[index].fails for index in taken]
        stops = any(fails) if SETTINGS["fails_whole"] else all(fails)
        at_start = SETTINGS["error_at_start"] and stops
        if not at_start:
            self.pause(self.records[taken[0]].work)
        for index, failed in zip(taken, fails):
            if at_start and SETTINGS["calls_inventory"]:
                failed = True
            if not failed and SETTINGS["fails_whole"] and any(fails):
                self.note("ended", index, True)
            else:
                self.conclude(index, failed)

    def take_up(self, index):
        one = self.records[index]
        self.note("began", index)
        oldest = SETTINGS["skip_older_than"]
        if oldest is not None and time.time() - one.sent > oldest:
            self.note("ended", index, False)
            one.deletes = True
            self.decide(True)
            return False
        return True

    def conclude(self, index, failed):
        one = self.records[index]
        self.note("ended", index, not failed)
        if failed and SETTINGS["throws"]:
            one.throws = SETTINGS["fails_whole"]
            self.decide(False)
            return
        answered = self.answer(index, failed)
        one.deletes = answered != "lost"
        one.throws = not one.deletes and not SETTINGS["reports_items"]
        self.decide(answered == "accepted")

    def decide(self, well):
        """The first record that is done counts, where it decides for all."""
        if self.decided is None:
            self.decided = well
        if self.thrown() and SETTINGS["first_decides"] and SETTINGS["batch"] == "parallel":
            self.stop.set()

    def answer(self, index, failed):
        one = self.records[index]
        for made in range(1, SETTINGS["tries"] + 1):
            try:
                if failed:
                    STATES.send_task_failure(taskToken=one.token, error="FunctionError", cause="the handler failed")
                else:
                    STATES.send_task_success(taskToken=one.token, output=json.dumps({"order": one.order}))
                self.note("accepted", index, failed)
                return "accepted"
            except ClientError as error:
                code = error.response["Error"]["Code"].split("#")[-1]
                if code in OVER:
                    self.note("late", index)
                    return "late"
                if code not in THROTTLED:
                    self.note("lost", index, str(error))
                    return "lost"
                if made < SETTINGS["tries"]:
                    waits = random.uniform(0, min(SETTINGS["longest_wait"], SETTINGS["first_wait"] * 2 ** (made - 1)))
                    self.note("throttled", index, waits)
                    self.pause(waits)
            except BotoCoreError as error:
                self.note("lost", index, str(error))
                return "lost"
        self.note("lost", index)
        return "lost"

    def beat(self):
        while self.beating:
            time.sleep(SETTINGS["heartbeat"] / 3)
            for record in self.records if self.beating else []:
                try:
                    STATES.send_task_heartbeat(taskToken=record.token)
                except (ClientError, BotoCoreError):
                    # The answer to an attempt that is over tells it; a heartbeat does not have to.
                    pass

    def report(self, over, end):
        if SETTINGS["first_decides"]:
            done = {fact[2] for fact in self.facts if fact[1] == "ended"}
            for index, one in enumerate(self.records):
                one.deletes = index in done
        records = [[one.id, one.order, one.sent] for one in self.records]
        deletes = [index for index, one in enumerate(self.records) if one.deletes and end == "success"]
        body = {"run": SETTINGS["run"], "began": self.began, "over": over, "end": end}
        body.update(records=records, facts=sorted(self.facts, key=lambda fact: fact[0]), deletes=deletes)
        SQS.send_message(QueueUrl=SETTINGS["reports"], MessageBody=json.dumps(body))


def handler(event, context):
    if "warm_up" in event:
        time.sleep(event["warm_up"])
        return {}
    stopped_at = time.time() + context.get_remaining_time_in_millis() / 1e3
    invocation = Invocation(event, stopped_at - GRACE)
    if SETTINGS["heartbeat"]:
        threading.Thread(target=invocation.beat, daemon=True).start()
    try:
        invocation.go()
    except CutOff:
        invocation.report(stopped_at, "timeout")
        # Until Lambda stops it: work goes on, and nobody is answered.
        time.sleep(max(0, stopped_at - time.time()) + 5)
    finally:
        invocation.beating = False
    thrown = invocation.thrown()
    invocation.report(time.time(), "error" if thrown else "success")
    if thrown:
        raise FunctionError("a record of the batch failed")
    return {"batchItemFailures": [{"itemIdentifier": one.id} for one in invocation.records if not one.deletes]}
