namespace Estream.Wire.Modbus;

/// <summary>The limits of the Modbus Application Protocol V1.1b3.</summary>
public static class ModbusLimits
{
    /// <summary>The longest protocol data unit in bytes (4.1).</summary>
    public const int MaxPduBytes = 253;

    /// <summary>The longest frame on TCP: seven bytes of header and a PDU.</summary>
    public const int MaxTcpFrameBytes = MbapHeader.Length + MaxPduBytes;

    /// <summary>The longest frame on a serial line: address, PDU and CRC.</summary>
    public const int MaxRtuFrameBytes = MaxPduBytes + 3;

    /// <summary>The maximum number of registers in a read.</summary>
    public const int MaxReadRegisters = 125;

    /// <summary>The maximum number of coils or discrete inputs in a read.</summary>
    public const int MaxReadBits = 2_000;

    /// <summary>The maximum number of registers in a write.</summary>
    public const int MaxWriteRegisters = 123;

    /// <summary>The maximum number of coils in a write.</summary>
    public const int MaxWriteBits = 1_968;

    /// <summary>The maximum number of registers that <see cref="ModbusFunctionCode.ReadWriteMultipleRegisters"/> writes.</summary>
    public const int MaxReadWriteRegisters = 121;

    /// <summary>The maximum number of registers of a queue in a response.</summary>
    public const int MaxFifoRegisters = 31;

    /// <summary>The number of addresses in each table of a unit.</summary>
    public const int TableSize = 65_536;

    internal const byte ExceptionBit = 0x80;
}
