"""An independent master: modbus_master.py pymodbus|libmodbus PORT. Prints what it reads and how its requests end."""
import ctypes
import sys

PORT = int(sys.argv[2])


def pymodbus():
    from pymodbus.client import ModbusTcpClient
    client = ModbusTcpClient("127.0.0.1", port=PORT, timeout=20)
    assert client.connect()
    print("input", *client.read_input_registers(2, 2, slave=1).registers)
    print("holding", *client.read_holding_registers(0, 2, slave=1).registers)
    print("coil", int(client.read_coils(0, 1, slave=1).bits[0]))
    print("refused", client.read_holding_registers(100, 1, slave=1).exception_code)
    print("refused", client.read_holding_registers(0, 1, slave=9).exception_code)
    answers = [client.write_register(0, 7, slave=1), client.write_registers(0, [8, 9], slave=1),
               client.write_coil(0, True, slave=1)]
    assert not any(answer.isError() for answer in answers)
    print("written")
    client.close()


def libmodbus():
    library = ctypes.CDLL("libmodbus.so.5", use_errno=True)
    library.modbus_new_tcp.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.modbus_new_tcp(b"127.0.0.1", PORT))
    library.modbus_set_response_timeout(context, 20, 0)
    assert library.modbus_connect(context) == 0
    library.modbus_set_slave(context, 1)
    words = (ctypes.c_uint16 * 4)()
    bits = (ctypes.c_uint8 * 4)()
    assert library.modbus_read_input_registers(context, 2, 2, words) == 2
    print("input", words[0], words[1])
    assert library.modbus_read_registers(context, 0, 2, words) == 2
    print("holding", words[0], words[1])
    assert library.modbus_read_bits(context, 0, 1, bits) == 1
    print("coil", bits[0])

    # libmodbus reports exception n as error 112345678 + n.
    assert library.modbus_read_registers(context, 100, 1, words) == -1
    print("refused", ctypes.get_errno() - 112345678)
    library.modbus_set_slave(context, 9)
    assert library.modbus_read_registers(context, 0, 1, words) == -1
    print("refused", ctypes.get_errno() - 112345678)
    library.modbus_set_slave(context, 1)
    assert library.modbus_write_register(context, 0, 7) == 1
    (words[0], words[1]) = (8, 9)
    assert library.modbus_write_registers(context, 0, 2, words) == 2
    assert library.modbus_write_bit(context, 0, 1) == 1
    print("written")
    library.modbus_close(context)


{"pymodbus": pymodbus, "libmodbus": libmodbus}[sys.argv[1]]()
