using System.Buffers.Binary;

namespace Estream.Wire.Modbus;

/// <summary>Writes the PDUs of responses. Each method returns the number of bytes written; none allocates.</summary>
public static class ModbusResponse
{
    /// <summary>An exception response (chapter 7).</summary>
    /// <param name="function">The function code of the request, known or not.</param>
    /// <param name="code">The reason.</param>
    /// <param name="destination">Receives two bytes.</param>
    public static int Exception(byte function, ModbusExceptionCode code, Span<byte> destination)
    {
        destination[0] = (byte)(function | ModbusLimits.ExceptionBit);
        destination[1] = (byte)code;
        return 2;
    }

    /// <summary>The start of a response with a byte count: the caller then fills the bytes after the first two.</summary>
    /// <param name="function">A function that reads.</param>
    /// <param name="byteCount">The number of bytes that follow.</param>
    /// <param name="destination">Receives the PDU.</param>
    /// <returns>The length of the whole PDU.</returns>
    public static int Counted(ModbusFunctionCode function, int byteCount, Span<byte> destination)
    {
        destination[0] = (byte)function;
        destination[1] = (byte)byteCount;
        return 2 + byteCount;
    }

    /// <summary>The response to a write of one coil or register, to a masked write, to a write of a file or to a returned query: the
    /// request itself.</summary>
    public static int Echo(in ModbusRequestView request, Span<byte> destination)
    {
        request.Pdu.CopyTo(destination);
        return request.Pdu.Length;
    }

    /// <summary>The response to a write of several coils or registers: address and quantity.</summary>
    public static int Written(in ModbusRequestView request, Span<byte> destination)
    {
        request.Pdu[..5].CopyTo(destination);
        return 5;
    }

    /// <summary>The response to a read of a queue of registers (6.18).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 31 registers.</exception>
    public static int Fifo(ReadOnlySpan<ushort> registers, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(registers.Length, ModbusLimits.MaxFifoRegisters);
        destination[0] = (byte)ModbusFunctionCode.ReadFifoQueue;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)(2 + (2 * registers.Length)));
        BinaryPrimitives.WriteUInt16BigEndian(destination[3..], (ushort)registers.Length);
        ModbusBits.Write(registers, destination[5..]);
        return 5 + (2 * registers.Length);
    }
}
