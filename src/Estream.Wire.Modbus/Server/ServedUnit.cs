using System.Buffers.Binary;
using System.Text.Unicode;

namespace Estream.Wire.Modbus.Server;

/// <summary>The points of a unit, and the responses to requests for them (Modbus Application Protocol V1.1b3, 6.1 to 6.6, 6.11, 6.12 and
/// 6.21). Immutable and thread-safe.</summary>
internal sealed class ServedUnit
{
    private static readonly byte[][] s_identification = ["Estream"u8.ToArray(), "modbus-server"u8.ToArray(), "1"u8.ToArray()];

    private readonly ServedPoint[][] _tables = new ServedPoint[4][];
    private readonly ILatestMessages? _map;
    private readonly bool _takesWrites;

    public ServedUnit(string name, IEnumerable<ServedPoint> points, ILatestMessages? map, bool takesWrites)
    {
        Name = name;
        _map = map;
        _takesWrites = takesWrites;
        ILookup<ModbusTable, ServedPoint> tables = points.ToLookup(point => point.Options.Table);
        for (ModbusTable table = ModbusTable.Coils; table <= ModbusTable.InputRegisters; table++)
        {
            _tables[(int)table] = [.. tables[table].OrderBy(point => point.Options.Address)];
        }
    }

    /// <summary>The name of the unit.</summary>
    public string Name { get; }

    /// <summary>Answers a request, or plans the messages of a write.</summary>
    /// <param name="request">The request.</param>
    /// <param name="message">Scratch space for a message of the map.</param>
    /// <param name="now">The time of the request in nanoseconds since 1970-01-01 UTC.</param>
    /// <param name="writes">Receives the messages to store before the response is sent; cleared by the caller.</param>
    /// <param name="response">Receives the PDU of the response.</param>
    /// <param name="length">The length of the response.</param>
    public ModbusExceptionCode Respond(
        in ModbusRequestView request, Span<byte> message, long now, WriteBatch writes, Span<byte> response, out int length)
    {
        length = 0;
        switch (request.Function)
        {
            case ModbusFunctionCode.ReadCoils or ModbusFunctionCode.ReadDiscreteInputs or ModbusFunctionCode.ReadHoldingRegisters
                or ModbusFunctionCode.ReadInputRegisters when _map is not null:
                return Read(request, message, now, response, out length);
            case ModbusFunctionCode.WriteSingleCoil or ModbusFunctionCode.WriteMultipleCoils when _takesWrites:
                length = ResponseTo(request, response);
                return WriteCoils(request, now, writes);
            case ModbusFunctionCode.WriteSingleRegister or ModbusFunctionCode.WriteMultipleRegisters when _takesWrites:
                length = ResponseTo(request, response);
                return WriteRegisters(request, now, writes);
            case ModbusFunctionCode.EncapsulatedInterface when request.Data[0] == DeviceIdentification.MeiType:
                return DeviceIdentification.TryWrite(request.Pdu, s_identification, response, out length);
            default:
                return ModbusExceptionCode.IllegalFunction;
        }
    }

    private static int ResponseTo(in ModbusRequestView request, Span<byte> response) =>
        request.Function is ModbusFunctionCode.WriteSingleCoil or ModbusFunctionCode.WriteSingleRegister
            ? ModbusResponse.Echo(request, response)
            : ModbusResponse.Written(request, response);

    private ModbusExceptionCode Read(
        in ModbusRequestView request, Span<byte> message, long now, Span<byte> response, out int length)
    {
        length = 0;
        ModbusTable table = (ModbusTable)(request.Function - ModbusFunctionCode.ReadCoils);
        ReadOnlySpan<ServedPoint> points = Covering(table, request.Address, request.Quantity);
        if (points.IsEmpty)
        {
            return ModbusExceptionCode.IllegalDataAddress;
        }

        bool isBits = table.IsBits();
        int bytes = isBits ? ModbusBits.ByteCount(request.Quantity) : 2 * request.Quantity;
        length = ModbusResponse.Counted(request.Function, bytes, response);
        Span<byte> data = response.Slice(2, bytes);
        data.Clear();
        Span<byte> words = stackalloc byte[2 * ModbusLimits.MaxWriteRegisters];
        foreach (ServedPoint point in points)
        {
            Span<byte> own = words[..(isBits ? 1 : 2 * point.Options.Length)];
            ModbusExceptionCode refusal = point.Read(_map!, message, now, own);
            if (refusal != ModbusExceptionCode.None)
            {
                return refusal;
            }

            int offset = point.Options.Address - request.Address;
            if (isBits)
            {
                data[offset / 8] |= (byte)(own[0] << (offset % 8));
                continue;
            }

            // A read may begin or end inside a point. Bits of one register are different points.
            for (int at = Math.Max(0, -2 * offset); at < own.Length && (2 * offset) + at < data.Length; at++)
            {
                data[(2 * offset) + at] |= own[at];
            }
        }

        return ModbusExceptionCode.None;
    }

    private ModbusExceptionCode WriteCoils(in ModbusRequestView request, long now, WriteBatch writes)
    {
        ReadOnlySpan<ServedPoint> points = Covering(ModbusTable.Coils, request.Address, request.Quantity);
        if (!AreWritable(points, request))
        {
            return ModbusExceptionCode.IllegalDataAddress;
        }

        bool isSingle = request.Function == ModbusFunctionCode.WriteSingleCoil;
        for (int i = 0; i < points.Length; i++)
        {
            bool isOn = isSingle ? request.Data[0] != 0 : ModbusBits.Get(request.Data, i);
            writes.Add(points[i].Index, now, PointValue.Of(isOn ? 1UL : 0UL));
        }

        return ModbusExceptionCode.None;
    }

    private ModbusExceptionCode WriteRegisters(in ModbusRequestView request, long now, WriteBatch writes)
    {
        ReadOnlySpan<ServedPoint> points = Covering(ModbusTable.HoldingRegisters, request.Address, request.Quantity);
        if (!AreWritable(points, request))
        {
            return ModbusExceptionCode.IllegalDataAddress;
        }

        for (int i = 0; i < points.Length; i++)
        {
            ServedPoint point = points[i];
            ReadOnlySpan<byte> words =
                request.Data.Slice(2 * (point.Options.Address - request.Address), 2 * point.Options.Length);
            if (!TryAdd(point, words, now, writes) || (point.Options.Type == PointType.Bit && !HasOnlyPoints(points, i, words)))
            {
                return ModbusExceptionCode.IllegalDataValue;
            }
        }

        return ModbusExceptionCode.None;
    }

    private static bool TryAdd(ServedPoint point, ReadOnlySpan<byte> words, long now, WriteBatch writes)
    {
        ModbusPointOptions options = point.Options;
        if (options.Type == PointType.Text)
        {
            ReadOnlySpan<byte> text = words.TrimEnd((byte)0).TrimEnd((byte)' ');
            if (!Utf8.IsValid(text))
            {
                return false;
            }

            writes.Add(point.Index, now, text);
            return true;
        }

        if (options.Type == PointType.Bit)
        {
            writes.Add(point.Index, now, PointValue.Of((ulong)((BinaryPrimitives.ReadUInt16BigEndian(words) >> options.Bit) & 1)));
            return true;
        }

        PointValue value = RegisterCodec.Read(options.Type, options.Order, words);
        double scaled = (value.Number * options.Scale) + options.Offset;
        if (value.Kind == PointValueKind.Invalid || !double.IsFinite(scaled))
        {
            return false;
        }

        writes.Add(point.Index, now, point.IsUnscaled ? value : PointValue.Of(scaled));
        return true;
    }

    /// <summary>Whether each set bit of a register is a point, so that no written bit is lost.</summary>
    private static bool HasOnlyPoints(ReadOnlySpan<ServedPoint> points, int index, ReadOnlySpan<byte> words)
    {
        int rest = BinaryPrimitives.ReadUInt16BigEndian(words);
        foreach (ServedPoint point in points)
        {
            rest &= point.Options.Address == points[index].Options.Address ? ~(1 << point.Options.Bit) : -1;
        }

        return rest == 0;
    }

    /// <summary>Whether all points are writable and inside the request as a whole.</summary>
    private static bool AreWritable(ReadOnlySpan<ServedPoint> points, in ModbusRequestView request)
    {
        foreach (ServedPoint point in points)
        {
            if (!point.Options.IsWritable || point.Options.Address < request.Address || point.End > request.Address + request.Quantity)
            {
                return false;
            }
        }

        return !points.IsEmpty;
    }

    /// <summary>The points at a range of addresses; empty if an address has no point.</summary>
    private ReadOnlySpan<ServedPoint> Covering(ModbusTable table, int address, int quantity)
    {
        ServedPoint[] points = _tables[(int)table];
        (int first, int high) = (0, points.Length);
        while (first < high)
        {
            int middle = (first + high) / 2;
            (first, high) = points[middle].End <= address ? (middle + 1, high) : (first, middle);
        }

        int next = address;
        int index = first;
        for (; index < points.Length && points[index].Options.Address < address + quantity; index++)
        {
            if (points[index].Options.Address > next)
            {
                return [];
            }

            next = points[index].End;
        }

        return next >= address + quantity ? points.AsSpan(first, index - first) : [];
    }
}
