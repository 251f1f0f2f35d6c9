using System.Buffers.Binary;

namespace Estream.Wire.Modbus;

/// <summary>A response as a client reads it: a view of a PDU that was checked against its request, valid as long as its bytes.</summary>
public readonly ref struct ModbusResponseView
{
    private ModbusResponseView(ReadOnlySpan<byte> pdu, ReadOnlySpan<byte> data, ModbusExceptionCode exception)
    {
        Pdu = pdu;
        Data = data;
        Exception = exception;
    }

    /// <summary>The whole PDU.</summary>
    public ReadOnlySpan<byte> Pdu { get; }

    /// <summary>The content: packed coils, registers, file records, or the bytes after the function code if the function has no byte count.
    /// Empty for an exception.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Why the device did not perform the request; <see cref="ModbusExceptionCode.None"/> if it did.</summary>
    public ModbusExceptionCode Exception { get; }

    /// <summary>Checks that a PDU is a response to a request: function, byte count, and the repeated address, quantity or value.</summary>
    /// <param name="request">The PDU of the request.</param>
    /// <param name="pdu">The received PDU.</param>
    /// <param name="response">The response, if the result is true.</param>
    /// <returns>False if the PDU is not a response to this request, for example a late response to an earlier one.</returns>
    public static bool TryParse(ReadOnlySpan<byte> request, ReadOnlySpan<byte> pdu, out ModbusResponseView response)
    {
        response = default;
        if (request.IsEmpty || pdu.Length < 2 && !(pdu.Length == 1 && pdu[0] == request[0] && !IsPublic(request[0])))
        {
            return false;
        }

        if (pdu[0] == (request[0] | ModbusLimits.ExceptionBit))
        {
            response = pdu.Length == 2 && pdu[1] != 0 ? new ModbusResponseView(pdu, default, (ModbusExceptionCode)pdu[1]) : default;
            return response.Pdu.Length > 0;
        }

        if (pdu[0] != request[0] || !TryFindData(request, pdu, out ReadOnlySpan<byte> data))
        {
            return false;
        }

        response = new ModbusResponseView(pdu, data, ModbusExceptionCode.None);
        return true;
    }

    private static bool IsPublic(byte function) => Enum.IsDefined((ModbusFunctionCode)function);

    private static bool TryFindData(ReadOnlySpan<byte> request, ReadOnlySpan<byte> pdu, out ReadOnlySpan<byte> data)
    {
        data = default;
        switch ((ModbusFunctionCode)pdu[0])
        {
            case ModbusFunctionCode.ReadCoils or ModbusFunctionCode.ReadDiscreteInputs:
                return TryCounted(pdu, ModbusBits.ByteCount(Word(request, 3)), out data);
            case ModbusFunctionCode.ReadHoldingRegisters or ModbusFunctionCode.ReadInputRegisters
                or ModbusFunctionCode.ReadWriteMultipleRegisters:
                return TryCounted(pdu, 2 * Word(request, 3), out data);
            case ModbusFunctionCode.WriteSingleCoil or ModbusFunctionCode.WriteSingleRegister or ModbusFunctionCode.MaskWriteRegister
                or ModbusFunctionCode.WriteFileRecord:
                data = pdu[1..];
                return pdu.SequenceEqual(request);
            case ModbusFunctionCode.WriteMultipleCoils or ModbusFunctionCode.WriteMultipleRegisters:
                data = pdu[1..];
                return pdu.Length == 5 && pdu.SequenceEqual(request[..5]);
            case ModbusFunctionCode.Diagnostics:
                data = pdu[1..];
                return pdu.Length >= 5 && pdu[1..3].SequenceEqual(request[1..3])
                    && (Word(request, 1) != 0 || pdu.SequenceEqual(request));
            case ModbusFunctionCode.ReadExceptionStatus:
                data = pdu[1..];
                return pdu.Length == 2;
            case ModbusFunctionCode.GetCommEventCounter:
                data = pdu[1..];
                return pdu.Length == 5;
            case ModbusFunctionCode.GetCommEventLog or ModbusFunctionCode.ReportServerId:
                return TryCounted(pdu, pdu.Length - 2, out data);
            case ModbusFunctionCode.ReadFileRecord:
                return TryCounted(pdu, pdu.Length - 2, out data) && AreRecords(request, data);
            case ModbusFunctionCode.ReadFifoQueue:
                return TryFifo(pdu, out data);
            case ModbusFunctionCode.EncapsulatedInterface:
                data = pdu[1..];
                return pdu[1] == request[1];
            default:
                data = pdu[1..];
                return true;
        }
    }

    private static bool TryCounted(ReadOnlySpan<byte> pdu, int expected, out ReadOnlySpan<byte> data)
    {
        data = pdu[2..];
        return pdu[1] == expected && data.Length == expected;
    }

    private static bool TryFifo(ReadOnlySpan<byte> pdu, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (pdu.Length < 5 || Word(pdu, 1) != pdu.Length - 3 || Word(pdu, 3) is var count
            && (count > ModbusLimits.MaxFifoRegisters || pdu.Length != 5 + (2 * count)))
        {
            return false;
        }

        data = pdu[5..];
        return true;
    }

    /// <summary>Checks that the records have the lengths that the request asked for.</summary>
    private static bool AreRecords(ReadOnlySpan<byte> request, ReadOnlySpan<byte> data)
    {
        int at = 0;
        for (int reference = 2; reference + 7 <= request.Length; reference += 7)
        {
            int bytes = 1 + (2 * Word(request, reference + 5));
            if (data.Length - at < 1 + bytes || data[at] != bytes || data[at + 1] != ModbusRequestView.FileReferenceType)
            {
                return false;
            }

            at += 1 + bytes;
        }

        return at == data.Length;
    }

    private static ushort Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
}
