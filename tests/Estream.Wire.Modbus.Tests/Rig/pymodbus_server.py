"""An independent server: pymodbus_server.py tcp PORT | rtu DEVICE [BAUD]. Prints "ready" when it serves.

Holding and input register n have the value 7 n, discrete inputs alternate, and coils are off.
"""
import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer


def registers():
    return ModbusSequentialDataBlock(0, [(i * 7) & 0xFFFF for i in range(1000)])


async def main():
    unit = ModbusSlaveContext(
        di=ModbusSequentialDataBlock(0, [i & 1 for i in range(1000)]),
        co=ModbusSequentialDataBlock(0, [0] * 1000),
        hr=registers(), ir=registers(), zero_mode=True)
    context = ModbusServerContext(slaves=unit, single=True)
    identity = ModbusDeviceIdentification(info_name={
        "VendorName": "Peer", "ProductCode": "PM", "MajorMinorRevision": "3.0"})
    if sys.argv[1] == "tcp":
        server = ModbusTcpServer(
            context, ModbusSocketFramer, identity, address=("127.0.0.1", int(sys.argv[2])), allow_reuse_address=True)
        print("ready", flush=True)
        await server.serve_forever()
    else:
        baud = int(sys.argv[3]) if len(sys.argv) > 3 else 115200
        server = ModbusSerialServer(context, ModbusRtuFramer, identity, port=sys.argv[2], baudrate=baud, timeout=0.005)
        await server.start()
        print("ready", flush=True)
        await server.serve_forever()


asyncio.run(main())
