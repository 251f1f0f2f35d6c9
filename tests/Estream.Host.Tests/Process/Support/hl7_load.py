# Sends admissions with python3-hl7, one after the other, until the connection is lost or all are sent.
# Prints the control id of each message that was acknowledged with AA.
# Arguments: port, first number, count.
import sys

import hl7
from hl7.client import MLLPClient

port, first, count = (int(argument) for argument in sys.argv[1:4])


def admission(number):
    return "\r".join([
        rf"MSH|^~\&|ADT1|GOOD HEALTH|LAB|FAC|20260101120000||ADT^A01^ADT_A01|{number}|P|2.5.1",
        "EVN|A01|20260101120000",
        f"PID|1||{number}^^^GH^MR||EVERYWOMAN^EVE||19620320|F",
        f"PV1|1|I|W^389^1||||||||||||||||{number}",
        "ZPD|local|segment",
    ]) + "\r"


try:
    with MLLPClient("127.0.0.1", port) as client:
        client.socket.settimeout(60)
        for number in range(first, first + count):
            answer = client.send_message(admission(number))
            message = hl7.parse(answer.strip(b"\x0b\x1c\r"), encoding="utf-8")
            code, control = str(message.segment("MSA")[1]), str(message.segment("MSA")[2])
            if code != "AA" or control != str(number):
                sys.exit(f"message {number} was answered with {code} for {control}")
            print(control, flush=True)
except (OSError, hl7.ParseException) as failure:
    print(f"lost: {failure}", file=sys.stderr)
