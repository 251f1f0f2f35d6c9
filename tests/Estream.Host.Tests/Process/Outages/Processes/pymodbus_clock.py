"""A Modbus device of pymodbus: the holding registers 0 to 3 have the time of the read in microseconds, each time a later one. Appends each
time to a file before it answers. Ends only when it is killed.

usage: pymodbus_clock.py PORT FILE
"""
import asyncio
import os
import sys
import time

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusTcpServer
from pymodbus.transaction import ModbusSocketFramer

REGISTERS = 4


class Clock(ModbusSequentialDataBlock):
    def __init__(self, file):
        super().__init__(0, [0] * REGISTERS)
        self.file = file
        self.last = 0

    def getValues(self, address, count=1):
        self.last = max(self.last + 1, time.time_ns() // 1_000)
        os.write(self.file, f"{self.last}\n".encode())
        registers = [self.last >> shift & 0xFFFF for shift in (48, 32, 16, 0)]
        return registers[address:address + count]


async def main():
    clock = Clock(os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    context = ModbusServerContext(slaves=ModbusSlaveContext(hr=clock, zero_mode=True), single=True)
    server = ModbusTcpServer(context, ModbusSocketFramer, address=("127.0.0.1", int(sys.argv[1])), allow_reuse_address=True)
    await server.serve_forever()


asyncio.run(main())
