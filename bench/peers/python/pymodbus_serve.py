"""A server of `modbus-serve`: pymodbus, whose holding register n has the value n. Prints `port N`; exits when its input ends."""
import asyncio
import os
import sys
import threading

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusTcpServer
from pymodbus.transaction import ModbusSocketFramer


def exit_at_end_of_input() -> None:
    for _ in sys.stdin:
        pass
    os._exit(0)


async def announce(server: ModbusTcpServer) -> None:
    while server.server is None or not server.server.sockets:
        await asyncio.sleep(0.01)
    print(f"port {server.server.sockets[0].getsockname()[1]}", flush=True)


async def main() -> None:
    unit = ModbusSlaveContext(hr=ModbusSequentialDataBlock(0, list(range(100))), zero_mode=True)
    server = ModbusTcpServer(ModbusServerContext(slaves=unit, single=True), ModbusSocketFramer, address=("127.0.0.1", 0))
    threading.Thread(target=exit_at_end_of_input, daemon=True).start()
    await asyncio.gather(announce(server), server.serve_forever())


asyncio.run(main())
