"""Another client: pymodbus_client.py PORT. Prints what it reads of the simulated device, and writes a set-point and a coil."""
import sys

from pymodbus.client import ModbusTcpClient

client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]), timeout=60)
assert client.connect()
print("constants", client.read_holding_registers(10, 3, slave=1).registers)
print("set-point", client.write_register(0, 205, slave=1).isError(), client.read_holding_registers(0, 1, slave=1).registers)
print("coils", client.write_coils(5, [True, False, True], slave=1).isError(), client.read_coils(5, 3, slave=1).bits[:3])
print("beyond", client.read_input_registers(999, 2, slave=1).exception_code)
client.close()
