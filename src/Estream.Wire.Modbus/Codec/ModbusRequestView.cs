using System.Buffers.Binary;

namespace Estream.Wire.Modbus;

/// <summary>A request as a server reads it: a checked view of a PDU, valid as long as its bytes.</summary>
public readonly ref struct ModbusRequestView
{
    internal const byte FileReferenceType = 6;
    internal const ushort MaxRecord = 9_999;

    private const ushort CoilOn = 0xFF00;

    private ModbusRequestView(ReadOnlySpan<byte> pdu, ushort address, int quantity, ReadOnlySpan<byte> data)
    {
        Pdu = pdu;
        Address = address;
        Quantity = quantity;
        Data = data;
    }

    /// <summary>The whole PDU.</summary>
    public ReadOnlySpan<byte> Pdu { get; }

    /// <summary>The function.</summary>
    public ModbusFunctionCode Function => (ModbusFunctionCode)Pdu[0];

    /// <summary>The first address. Of <see cref="ModbusFunctionCode.ReadWriteMultipleRegisters"/> the first that is read; of
    /// <see cref="ModbusFunctionCode.Diagnostics"/> the test.</summary>
    public ushort Address { get; }

    /// <summary>The number of coils or registers; 0 if the function has none.</summary>
    public int Quantity { get; }

    /// <summary>The values to write as on the wire: packed coils, registers, the two words of a masked write, or the references of a file
    /// request. The value of a single coil is 0xFF00 or 0.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>The first address that <see cref="ModbusFunctionCode.ReadWriteMultipleRegisters"/> writes.</summary>
    public ushort WriteAddress => BinaryPrimitives.ReadUInt16BigEndian(Pdu[5..]);

    /// <summary>Whether the function writes coils or registers.</summary>
    public bool IsWrite => Writes(Function);

    /// <summary>Checks a PDU in the order of the standard's diagrams: function, then quantity and byte count, then addresses.</summary>
    /// <param name="pdu">The received PDU.</param>
    /// <param name="request">The request, if the result is <see cref="ModbusExceptionCode.None"/>.</param>
    /// <returns>The exception that the standard prescribes for the request.</returns>
    public static ModbusExceptionCode TryParse(ReadOnlySpan<byte> pdu, out ModbusRequestView request)
    {
        request = default;
        if (pdu.IsEmpty || pdu.Length > ModbusLimits.MaxPduBytes)
        {
            return ModbusExceptionCode.IllegalDataValue;
        }

        return (ModbusFunctionCode)pdu[0] switch
        {
            ModbusFunctionCode.ReadCoils or ModbusFunctionCode.ReadDiscreteInputs => Read(pdu, ModbusLimits.MaxReadBits, out request),
            ModbusFunctionCode.ReadHoldingRegisters or ModbusFunctionCode.ReadInputRegisters =>
                Read(pdu, ModbusLimits.MaxReadRegisters, out request),
            ModbusFunctionCode.WriteSingleCoil or ModbusFunctionCode.WriteSingleRegister => Single(pdu, out request),
            ModbusFunctionCode.WriteMultipleCoils => Multiple(pdu, ModbusLimits.MaxWriteBits, isBits: true, out request),
            ModbusFunctionCode.WriteMultipleRegisters => Multiple(pdu, ModbusLimits.MaxWriteRegisters, isBits: false, out request),
            ModbusFunctionCode.MaskWriteRegister => pdu.Length == 7
                ? Accept(new ModbusRequestView(pdu, Word(pdu, 1), 1, pdu[3..]), out request)
                : ModbusExceptionCode.IllegalDataValue,
            ModbusFunctionCode.ReadWriteMultipleRegisters => ReadWrite(pdu, out request),
            ModbusFunctionCode.ReadFifoQueue => pdu.Length == 3
                ? Accept(new ModbusRequestView(pdu, Word(pdu, 1), 0, default), out request)
                : ModbusExceptionCode.IllegalDataValue,
            ModbusFunctionCode.ReadFileRecord => ReadFile(pdu, out request),
            ModbusFunctionCode.WriteFileRecord => WriteFile(pdu, out request),
            ModbusFunctionCode.Diagnostics => pdu.Length >= 5 && pdu.Length % 2 == 1
                ? Accept(new ModbusRequestView(pdu, Word(pdu, 1), 0, pdu[3..]), out request)
                : ModbusExceptionCode.IllegalDataValue,
            ModbusFunctionCode.EncapsulatedInterface => pdu.Length >= 2
                ? Accept(new ModbusRequestView(pdu, 0, 0, pdu[1..]), out request)
                : ModbusExceptionCode.IllegalDataValue,
            ModbusFunctionCode.ReadExceptionStatus or ModbusFunctionCode.GetCommEventCounter or ModbusFunctionCode.GetCommEventLog
                or ModbusFunctionCode.ReportServerId => pdu.Length == 1
                ? Accept(new ModbusRequestView(pdu, 0, 0, default), out request)
                : ModbusExceptionCode.IllegalDataValue,
            _ => ModbusExceptionCode.IllegalFunction,
        };
    }

    /// <summary>Whether a function writes coils or registers.</summary>
    internal static bool Writes(ModbusFunctionCode function) => function is ModbusFunctionCode.WriteSingleCoil
        or ModbusFunctionCode.WriteSingleRegister or ModbusFunctionCode.WriteMultipleCoils or ModbusFunctionCode.WriteMultipleRegisters
        or ModbusFunctionCode.MaskWriteRegister or ModbusFunctionCode.ReadWriteMultipleRegisters or ModbusFunctionCode.WriteFileRecord;

    private static ModbusExceptionCode Accept(ModbusRequestView view, out ModbusRequestView request)
    {
        request = view;
        return ModbusExceptionCode.None;
    }

    private static ModbusExceptionCode Read(ReadOnlySpan<byte> pdu, int most, out ModbusRequestView request)
    {
        request = default;
        if (pdu.Length != 5 || Word(pdu, 3) is var quantity && (quantity == 0 || quantity > most))
        {
            return ModbusExceptionCode.IllegalDataValue;
        }

        request = new ModbusRequestView(pdu, Word(pdu, 1), Word(pdu, 3), default);
        return request.IsInTable();
    }

    private static ModbusExceptionCode Single(ReadOnlySpan<byte> pdu, out ModbusRequestView request)
    {
        request = default;
        bool isValid = pdu.Length == 5
            && ((ModbusFunctionCode)pdu[0] != ModbusFunctionCode.WriteSingleCoil || Word(pdu, 3) is CoilOn or 0);
        return isValid
            ? Accept(new ModbusRequestView(pdu, Word(pdu, 1), 1, pdu[3..]), out request)
            : ModbusExceptionCode.IllegalDataValue;
    }

    private static ModbusExceptionCode Multiple(ReadOnlySpan<byte> pdu, int most, bool isBits, out ModbusRequestView request)
    {
        request = default;
        if (pdu.Length < 6)
        {
            return ModbusExceptionCode.IllegalDataValue;
        }

        int quantity = Word(pdu, 3);
        int bytes = isBits ? ModbusBits.ByteCount(quantity) : 2 * quantity;
        if (quantity == 0 || quantity > most || pdu[5] != bytes || pdu.Length != 6 + bytes)
        {
            return ModbusExceptionCode.IllegalDataValue;
        }

        request = new ModbusRequestView(pdu, Word(pdu, 1), quantity, pdu[6..]);
        return request.IsInTable();
    }

    private static ModbusExceptionCode ReadWrite(ReadOnlySpan<byte> pdu, out ModbusRequestView request)
    {
        request = default;
        if (pdu.Length < 10)
        {
            return ModbusExceptionCode.IllegalDataValue;
        }

        int read = Word(pdu, 3);
        int written = Word(pdu, 7);
        if (read is 0 or > ModbusLimits.MaxReadRegisters || written is 0 or > ModbusLimits.MaxReadWriteRegisters
            || pdu[9] != 2 * written || pdu.Length != 10 + (2 * written))
        {
            return ModbusExceptionCode.IllegalDataValue;
        }

        request = new ModbusRequestView(pdu, Word(pdu, 1), read, pdu[10..]);
        return request.WriteAddress + written > ModbusLimits.TableSize ? ModbusExceptionCode.IllegalDataAddress : request.IsInTable();
    }

    private static ModbusExceptionCode ReadFile(ReadOnlySpan<byte> pdu, out ModbusRequestView request)
    {
        request = default;
        if (pdu.Length < 9 || pdu[1] != pdu.Length - 2 || pdu[1] % 7 != 0)
        {
            return ModbusExceptionCode.IllegalDataValue;
        }

        int response = 2;
        for (int at = 2; at < pdu.Length; at += 7)
        {
            if (!IsReference(pdu[at..]))
            {
                return ModbusExceptionCode.IllegalDataAddress;
            }

            response += 2 + (2 * Word(pdu, at + 5));
        }

        return response <= ModbusLimits.MaxPduBytes
            ? Accept(new ModbusRequestView(pdu, 0, 0, pdu[2..]), out request)
            : ModbusExceptionCode.IllegalDataValue;
    }

    private static ModbusExceptionCode WriteFile(ReadOnlySpan<byte> pdu, out ModbusRequestView request)
    {
        request = default;
        if (pdu.Length < 11 || pdu[1] != pdu.Length - 2)
        {
            return ModbusExceptionCode.IllegalDataValue;
        }

        int at = 2;
        while (at < pdu.Length)
        {
            if (pdu.Length - at < 9 || pdu.Length - at < 7 + (2 * Word(pdu, at + 5)))
            {
                return ModbusExceptionCode.IllegalDataValue;
            }

            if (!IsReference(pdu[at..]))
            {
                return ModbusExceptionCode.IllegalDataAddress;
            }

            at += 7 + (2 * Word(pdu, at + 5));
        }

        return Accept(new ModbusRequestView(pdu, 0, 0, pdu[2..]), out request);
    }

    private static bool IsReference(ReadOnlySpan<byte> reference) =>
        reference[0] == FileReferenceType && Word(reference, 1) != 0 && Word(reference, 3) <= MaxRecord && Word(reference, 5) != 0;

    private static ushort Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    private ModbusExceptionCode IsInTable() =>
        Address + Quantity <= ModbusLimits.TableSize ? ModbusExceptionCode.None : ModbusExceptionCode.IllegalDataAddress;
}
