using System.Buffers.Binary;

namespace Estream.Wire.Modbus;

/// <summary>Writes the PDUs of requests. Each method returns the number of bytes written; none allocates.</summary>
/// <remarks>A destination of <see cref="ModbusLimits.MaxPduBytes"/> bytes is always sufficient. A quantity out of the limits of the
/// standard is a mistake of the caller.</remarks>
public static class ModbusRequest
{
    private const ushort CoilOn = 0xFF00;

    /// <summary>A read of coils, discrete inputs, holding registers or input registers (6.1 to 6.4).</summary>
    /// <param name="function">One of the four functions.</param>
    /// <param name="address">The first address, from 0.</param>
    /// <param name="quantity">The number of bits or registers.</param>
    /// <param name="destination">Receives the PDU.</param>
    /// <exception cref="ArgumentOutOfRangeException">The function does not read, or the quantity is out of range.</exception>
    public static int Read(ModbusFunctionCode function, ushort address, int quantity, Span<byte> destination)
    {
        int most = function switch
        {
            ModbusFunctionCode.ReadCoils or ModbusFunctionCode.ReadDiscreteInputs => ModbusLimits.MaxReadBits,
            ModbusFunctionCode.ReadHoldingRegisters or ModbusFunctionCode.ReadInputRegisters => ModbusLimits.MaxReadRegisters,
            _ => throw new ArgumentOutOfRangeException(nameof(function), function, "The function is not one of the four reads."),
        };
        CheckRange(address, quantity, most);
        return Words(function, address, (ushort)quantity, destination);
    }

    /// <summary>A write of one coil (6.5).</summary>
    public static int WriteCoil(ushort address, bool value, Span<byte> destination) =>
        Words(ModbusFunctionCode.WriteSingleCoil, address, value ? CoilOn : (ushort)0, destination);

    /// <summary>A write of one holding register (6.6).</summary>
    public static int WriteRegister(ushort address, ushort value, Span<byte> destination) =>
        Words(ModbusFunctionCode.WriteSingleRegister, address, value, destination);

    /// <summary>A write of coils (6.11).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are none, or more than 1,968, or they go past the last address.</exception>
    public static int WriteCoils(ushort address, ReadOnlySpan<bool> values, Span<byte> destination)
    {
        CheckRange(address, values.Length, ModbusLimits.MaxWriteBits);
        int bytes = ModbusBits.ByteCount(values.Length);
        Words(ModbusFunctionCode.WriteMultipleCoils, address, (ushort)values.Length, destination);
        destination[5] = (byte)bytes;
        ModbusBits.Pack(values, destination[6..]);
        return 6 + bytes;
    }

    /// <summary>A write of holding registers (6.12).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are none, or more than 123, or they go past the last address.</exception>
    public static int WriteRegisters(ushort address, ReadOnlySpan<ushort> values, Span<byte> destination)
    {
        CheckRange(address, values.Length, ModbusLimits.MaxWriteRegisters);
        Words(ModbusFunctionCode.WriteMultipleRegisters, address, (ushort)values.Length, destination);
        destination[5] = (byte)(2 * values.Length);
        ModbusBits.Write(values, destination[6..]);
        return 6 + (2 * values.Length);
    }

    /// <summary>A change of bits of one register: result = (old AND andMask) OR (orMask AND NOT andMask) (6.16).</summary>
    public static int MaskWrite(ushort address, ushort andMask, ushort orMask, Span<byte> destination)
    {
        Words(ModbusFunctionCode.MaskWriteRegister, address, andMask, destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination[5..], orMask);
        return 7;
    }

    /// <summary>A write of registers followed by a read (6.17).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A quantity is out of range.</exception>
    public static int ReadWrite(
        ushort readAddress, int readQuantity, ushort writeAddress, ReadOnlySpan<ushort> values, Span<byte> destination)
    {
        CheckRange(readAddress, readQuantity, ModbusLimits.MaxReadRegisters);
        CheckRange(writeAddress, values.Length, ModbusLimits.MaxReadWriteRegisters);
        Words(ModbusFunctionCode.ReadWriteMultipleRegisters, readAddress, (ushort)readQuantity, destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination[5..], writeAddress);
        BinaryPrimitives.WriteUInt16BigEndian(destination[7..], (ushort)values.Length);
        destination[9] = (byte)(2 * values.Length);
        ModbusBits.Write(values, destination[10..]);
        return 10 + (2 * values.Length);
    }

    /// <summary>A read of a queue of registers (6.18).</summary>
    public static int ReadFifo(ushort address, Span<byte> destination)
    {
        destination[0] = (byte)ModbusFunctionCode.ReadFifoQueue;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], address);
        return 3;
    }

    /// <summary>A read of one record of a file (6.14).</summary>
    /// <param name="file">The file, from 1.</param>
    /// <param name="record">The first record, 0 to 9,999.</param>
    /// <param name="registers">The number of registers, at most 123.</param>
    /// <param name="destination">Receives the PDU.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static int ReadFile(ushort file, ushort record, int registers, Span<byte> destination)
    {
        CheckFile(file, record, registers, most: 123);
        destination[0] = (byte)ModbusFunctionCode.ReadFileRecord;
        destination[1] = 7;
        FileReference(file, record, registers, destination[2..]);
        return 9;
    }

    /// <summary>A write of one record of a file (6.15).</summary>
    /// <param name="file">The file, from 1.</param>
    /// <param name="record">The first record, 0 to 9,999.</param>
    /// <param name="values">The registers, at most 121.</param>
    /// <param name="destination">Receives the PDU.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static int WriteFile(ushort file, ushort record, ReadOnlySpan<ushort> values, Span<byte> destination)
    {
        CheckFile(file, record, values.Length, most: 121);
        destination[0] = (byte)ModbusFunctionCode.WriteFileRecord;
        destination[1] = (byte)(7 + (2 * values.Length));
        FileReference(file, record, values.Length, destination[2..]);
        ModbusBits.Write(values, destination[9..]);
        return 9 + (2 * values.Length);
    }

    /// <summary>A request that is only a function code: exception status, event counter, event log, server id (6.7, 6.9, 6.10,
    /// 6.13).</summary>
    public static int Bare(ModbusFunctionCode function, Span<byte> destination)
    {
        destination[0] = (byte)function;
        return 1;
    }

    /// <summary>A test of the communication (6.8).</summary>
    /// <param name="subFunction">The test; 0 makes the device return the data.</param>
    /// <param name="data">The data of the test.</param>
    /// <param name="destination">Receives the PDU.</param>
    public static int Diagnostics(ushort subFunction, ushort data, Span<byte> destination) =>
        Words(ModbusFunctionCode.Diagnostics, subFunction, data, destination);

    /// <summary>A read of the identification of a device (6.21).</summary>
    /// <param name="category">1 basic, 2 regular, 3 extended, 4 one object.</param>
    /// <param name="firstObject">The first object.</param>
    /// <param name="destination">Receives the PDU.</param>
    public static int ReadDeviceIdentification(byte category, byte firstObject, Span<byte> destination)
    {
        destination[0] = (byte)ModbusFunctionCode.EncapsulatedInterface;
        destination[1] = DeviceIdentification.MeiType;
        destination[2] = category;
        destination[3] = firstObject;
        return 4;
    }

    private static int Words(ModbusFunctionCode function, ushort first, ushort second, Span<byte> destination)
    {
        destination[0] = (byte)function;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], first);
        BinaryPrimitives.WriteUInt16BigEndian(destination[3..], second);
        return 5;
    }

    private static void FileReference(ushort file, ushort record, int registers, Span<byte> destination)
    {
        destination[0] = ModbusRequestView.FileReferenceType;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], file);
        BinaryPrimitives.WriteUInt16BigEndian(destination[3..], record);
        BinaryPrimitives.WriteUInt16BigEndian(destination[5..], (ushort)registers);
    }

    private static void CheckFile(ushort file, ushort record, int registers, int most)
    {
        ArgumentOutOfRangeException.ThrowIfZero(file);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(record, ModbusRequestView.MaxRecord);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(registers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(registers, most);
    }

    private static void CheckRange(ushort address, int quantity, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(quantity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quantity, most);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address + quantity, ModbusLimits.TableSize, nameof(address));
    }
}
