"""A contender of `modbus-poll`: the synchronous client of pymodbus. Prints `ready`, then answers every `run` with one line."""
import argparse
import sys
import time

from pymodbus.client import ModbusTcpClient


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--port", "--polls", "--registers"):
        parser.add_argument(name, type=int, required=True)
    arguments = parser.parse_args()
    client = ModbusTcpClient("127.0.0.1", port=arguments.port)
    if not client.connect():
        sys.exit("pymodbus does not connect")
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.monotonic_ns()
        total = 0
        for _ in range(arguments.polls):
            answer = client.read_holding_registers(1, arguments.registers, 1)
            if answer.isError():
                sys.exit(f"a poll failed: {answer}")
            total += answer.registers[-1]
        print(f"run ops={arguments.polls} ns={time.monotonic_ns() - start} check={total}", flush=True)


main()
