"""Sends messages with the numbers 0, 1, 2 and so on to an adapter of a host, each until the host acknowledges it. Appends each
acknowledged number to a file, and continues after the last number of the file. Ends only when it is killed.

usage: sender.py hl7|fhir|modbus ADDRESS PORT FILE
"""
import http.client
import os
import socket
import struct
import sys
import time

TIMEOUT = 60


class Hl7:
    def __init__(self, address, port):
        self.socket = socket.create_connection((address, port), TIMEOUT)

    def send(self, number):
        message = (f"MSH|^~\\&|ADT1|GOOD HEALTH|LAB|FAC|20260101120000||ADT^A01^ADT_A01|{number}|P|2.5.1\r"
                   f"EVN|A01|20260101120000\rPID|1||{number}^^^GH^MR||EVERYWOMAN^EVE||19620320|F\rPV1|1|I|W^389^1\r")
        self.socket.sendall(b"\x0b" + message.encode() + b"\x1c\r")
        answer = b""
        while not answer.endswith(b"\x1c\r"):
            part = self.socket.recv(4096)
            if not part:
                raise ConnectionError("the host closed the connection")
            answer += part
        fields = next(segment for segment in answer.split(b"\r") if segment.startswith(b"MSA|")).split(b"|")
        return fields[1] in (b"AA", b"CA") and fields[2].strip(b"\x1c") == str(number).encode()


class Fhir:
    def __init__(self, address, port):
        self.client = http.client.HTTPConnection(address, port, timeout=TIMEOUT)

    def send(self, number):
        self.client.request("PUT", f"/fhir/Patient/{number}", f'{{"resourceType":"Patient","id":"{number}"}}',
                            {"Content-Type": "application/fhir+json"})
        answer = self.client.getresponse()
        answer.read()
        return answer.status in (200, 201)


class Modbus:
    def __init__(self, address, port):
        self.socket = socket.create_connection((address, port), TIMEOUT)

    def send(self, number):
        transaction = number & 0xFFFF
        self.socket.sendall(struct.pack(">HHHBBHHBI", transaction, 0, 11, 1, 16, 0, 2, 4, number))
        answer = b""
        while len(answer) < 12:
            part = self.socket.recv(12 - len(answer))
            if not part:
                raise ConnectionError("the host closed the connection")
            answer += part
            if len(answer) >= 8 and answer[7] & 0x80:
                return False
        return answer == struct.pack(">HHHBBHH", transaction, 0, 6, 1, 16, 0, 2)


def main():
    connect = {"hl7": Hl7, "fhir": Fhir, "modbus": Modbus}[sys.argv[1]]
    file = os.open(sys.argv[4], os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with open(sys.argv[4], encoding="ascii") as earlier:
        number = int((earlier.read().split() or ["-1"])[-1]) + 1
    while True:
        try:
            peer = connect(sys.argv[2], int(sys.argv[3]))
            while peer.send(number):
                os.write(file, f"{number}\n".encode())
                number += 1
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.02)


main()
