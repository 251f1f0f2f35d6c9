using System.Buffers.Binary;

namespace Estream.Wire.Modbus.Server;

/// <summary>
/// The four tables of a unit in memory, and the responses to requests for them (Modbus Application Protocol V1.1b3, 6.1 to 6.6, 6.11,
/// 6.12, 6.16, 6.17 and 6.21). A request is performed as a whole or not at all. Thread-safe.
/// </summary>
internal sealed class ServedTables
{
    private readonly Lock _lock = new();
    private readonly bool[] _coils;
    private readonly bool[] _inputs;
    private readonly ushort[] _holding;
    private readonly ushort[] _inputRegisters;
    private readonly IReadOnlyList<byte[]> _identification;

    /// <param name="size">The number of addresses in each table; a request beyond gets IllegalDataAddress.</param>
    /// <param name="vendor">The vendor in the device identification.</param>
    /// <param name="product">The product code in the device identification.</param>
    /// <param name="revision">The revision in the device identification.</param>
    public ServedTables(int size, ReadOnlySpan<byte> vendor, ReadOnlySpan<byte> product, ReadOnlySpan<byte> revision)
    {
        (_coils, _inputs, _holding, _inputRegisters) = (new bool[size], new bool[size], new ushort[size], new ushort[size]);
        _identification = [vendor.ToArray(), product.ToArray(), revision.ToArray()];
    }

    /// <summary>Changes the tables; no request sees half of the change.</summary>
    /// <param name="change">Receives coils, inputs, holding registers and input registers.</param>
    public void Change(Action<bool[], bool[], ushort[], ushort[]> change)
    {
        lock (_lock)
        {
            change(_coils, _inputs, _holding, _inputRegisters);
        }
    }

    /// <summary>Performs a request.</summary>
    /// <param name="pdu">The PDU of the request; not empty.</param>
    /// <param name="response">Receives the PDU of the response, at most <see cref="ModbusLimits.MaxPduBytes"/>.</param>
    /// <returns>The length of the response.</returns>
    public int Respond(ReadOnlySpan<byte> pdu, Span<byte> response)
    {
        ModbusExceptionCode refusal = ModbusRequestView.TryParse(pdu, out ModbusRequestView request);
        int length = 0;
        if (refusal == ModbusExceptionCode.None)
        {
            lock (_lock)
            {
                refusal = Perform(request, response, out length);
            }
        }

        return refusal == ModbusExceptionCode.None ? length : ModbusResponse.Exception(pdu[0], refusal, response);
    }

    private ModbusExceptionCode Perform(in ModbusRequestView request, Span<byte> response, out int length)
    {
        length = 0;
        switch (request.Function)
        {
            case ModbusFunctionCode.ReadCoils:
                return ReadBits(request, _coils, response, out length);
            case ModbusFunctionCode.ReadDiscreteInputs:
                return ReadBits(request, _inputs, response, out length);
            case ModbusFunctionCode.ReadHoldingRegisters:
                return ReadWords(request, _holding, response, out length);
            case ModbusFunctionCode.ReadInputRegisters:
                return ReadWords(request, _inputRegisters, response, out length);
            case ModbusFunctionCode.WriteSingleCoil or ModbusFunctionCode.WriteMultipleCoils:
                return WriteCoils(request, response, out length);
            case ModbusFunctionCode.WriteSingleRegister or ModbusFunctionCode.WriteMultipleRegisters:
                return WriteRegisters(request, response, out length);
            case ModbusFunctionCode.MaskWriteRegister:
                return Mask(request, response, out length);
            case ModbusFunctionCode.ReadWriteMultipleRegisters:
                return WriteThenRead(request, response, out length);
            case ModbusFunctionCode.EncapsulatedInterface when request.Data[0] == DeviceIdentification.MeiType:
                return DeviceIdentification.TryWrite(request.Pdu, _identification, response, out length);
            default:
                return ModbusExceptionCode.IllegalFunction;
        }
    }

    private static ModbusExceptionCode ReadBits(in ModbusRequestView request, bool[] table, Span<byte> response, out int length)
    {
        length = 0;
        if (!IsIn(request.Address, request.Quantity, table.Length))
        {
            return ModbusExceptionCode.IllegalDataAddress;
        }

        length = ModbusResponse.Counted(request.Function, ModbusBits.ByteCount(request.Quantity), response);
        ModbusBits.Pack(table.AsSpan(request.Address, request.Quantity), response[2..]);
        return ModbusExceptionCode.None;
    }

    private static ModbusExceptionCode ReadWords(in ModbusRequestView request, ushort[] table, Span<byte> response, out int length)
    {
        length = 0;
        if (!IsIn(request.Address, request.Quantity, table.Length))
        {
            return ModbusExceptionCode.IllegalDataAddress;
        }

        length = ModbusResponse.Counted(request.Function, 2 * request.Quantity, response);
        ModbusBits.Write(table.AsSpan(request.Address, request.Quantity), response[2..]);
        return ModbusExceptionCode.None;
    }

    private ModbusExceptionCode WriteCoils(in ModbusRequestView request, Span<byte> response, out int length)
    {
        length = 0;
        if (!IsIn(request.Address, request.Quantity, _coils.Length))
        {
            return ModbusExceptionCode.IllegalDataAddress;
        }

        if (request.Function == ModbusFunctionCode.WriteSingleCoil)
        {
            _coils[request.Address] = request.Data[0] != 0;
            length = ModbusResponse.Echo(request, response);
            return ModbusExceptionCode.None;
        }

        ModbusBits.Unpack(request.Data, _coils.AsSpan(request.Address, request.Quantity));
        length = ModbusResponse.Written(request, response);
        return ModbusExceptionCode.None;
    }

    private ModbusExceptionCode WriteRegisters(in ModbusRequestView request, Span<byte> response, out int length)
    {
        length = 0;
        if (!IsIn(request.Address, request.Quantity, _holding.Length))
        {
            return ModbusExceptionCode.IllegalDataAddress;
        }

        ModbusBits.Read(request.Data, _holding.AsSpan(request.Address, request.Quantity));
        length = request.Function == ModbusFunctionCode.WriteSingleRegister
            ? ModbusResponse.Echo(request, response)
            : ModbusResponse.Written(request, response);
        return ModbusExceptionCode.None;
    }

    // (current AND and-mask) OR (or-mask AND NOT and-mask), 6.16.
    private ModbusExceptionCode Mask(in ModbusRequestView request, Span<byte> response, out int length)
    {
        length = 0;
        if (request.Address >= _holding.Length)
        {
            return ModbusExceptionCode.IllegalDataAddress;
        }

        int and = BinaryPrimitives.ReadUInt16BigEndian(request.Data);
        int or = BinaryPrimitives.ReadUInt16BigEndian(request.Data[2..]);
        _holding[request.Address] = (ushort)((_holding[request.Address] & and) | (or & ~and));
        length = ModbusResponse.Echo(request, response);
        return ModbusExceptionCode.None;
    }

    private ModbusExceptionCode WriteThenRead(in ModbusRequestView request, Span<byte> response, out int length)
    {
        length = 0;
        int written = request.Data.Length / 2;
        if (!IsIn(request.WriteAddress, written, _holding.Length) || !IsIn(request.Address, request.Quantity, _holding.Length))
        {
            return ModbusExceptionCode.IllegalDataAddress;
        }

        ModbusBits.Read(request.Data, _holding.AsSpan(request.WriteAddress, written));
        return ReadWords(request, _holding, response, out length);
    }

    private static bool IsIn(int address, int quantity, int size) => address + quantity <= size;
}
