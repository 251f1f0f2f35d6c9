using System.Buffers.Binary;

namespace Estream.Wire.Dnp3.Codec;

/// <summary>The object of a command: a control relay output block (group 12, variation 1), or a value of an analog output (group 41,
/// variations 1 to 4).</summary>
internal readonly record struct CommandObject
{
    /// <summary>The longest object in octets.</summary>
    public const int MaxBytes = 11;

    private const int HeaderBytes = 3;

    /// <summary>Group 12 or 41.</summary>
    public byte Group { get; private init; }

    /// <summary>1 of group 12; 1 (32-bit), 2 (16-bit), 3 (single) or 4 (double) of group 41.</summary>
    public byte Variation { get; private init; }

    /// <summary>The index of the output.</summary>
    public ushort Index { get; private init; }

    /// <summary>The control code of a relay output block (IEEE 1815, A.8.1): operation in bits 0 to 3, trip or close in bits 6 and
    /// 7.</summary>
    public byte ControlCode { get; private init; }

    public byte Count { get; private init; }

    public uint OnMs { get; private init; }

    public uint OffMs { get; private init; }

    /// <summary>The value of an analog output.</summary>
    public double Value { get; private init; }

    /// <summary>The status code; 0 in a request.</summary>
    public byte Status { get; init; }

    public static CommandObject Relay(ushort index, byte controlCode, byte count, uint onMs, uint offMs) => new()
    {
        Group = 12,
        Variation = 1,
        Index = index,
        ControlCode = controlCode,
        Count = count,
        OnMs = onMs,
        OffMs = offMs,
    };

    /// <summary>A value of an analog output, rounded to the precision of the variation.</summary>
    public static CommandObject Analog(ushort index, byte variation, double value) =>
        new() { Group = 41, Variation = variation, Index = index, Value = variation == 3 ? (float)value : value };

    /// <summary>Writes the object header, with qualifier 17 or 28 by the index, the index and the object.</summary>
    /// <returns>The octets written.</returns>
    public int Write(Span<byte> destination)
    {
        bool isLong = Index > byte.MaxValue;
        destination[0] = Group;
        destination[1] = Variation;
        destination[2] = isLong ? Qualifiers.Index16 : Qualifiers.Index8;
        int length = HeaderBytes;
        if (isLong)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(destination[length..], 1);
            BinaryPrimitives.WriteUInt16LittleEndian(destination[(length + 2)..], Index);
            length += 4;
        }
        else
        {
            destination[length++] = 1;
            destination[length++] = (byte)Index;
        }

        return length + WriteObject(destination[length..]);
    }

    /// <summary>Reads the only command of a fragment.</summary>
    /// <param name="objects">The fragment after its header.</param>
    /// <param name="command">The command.</param>
    /// <returns>False if there is not exactly one command of a known type.</returns>
    public static bool TryRead(ReadOnlySpan<byte> objects, out CommandObject command)
    {
        command = default;
        ObjectReader reader = new(objects);
        if (!reader.MoveNext() || reader.Count != 1 || reader.PrefixBytes == 0 || reader.Group is not (12 or 41))
        {
            return false;
        }

        ReadOnlySpan<byte> data = reader.Data;
        ushort index = reader.PrefixBytes == 1 ? data[0] : BinaryPrimitives.ReadUInt16LittleEndian(data);
        data = data[reader.PrefixBytes..];
        command = reader.Group == 12
            ? Relay(index, data[0], data[1], BinaryPrimitives.ReadUInt32LittleEndian(data[2..]),
                BinaryPrimitives.ReadUInt32LittleEndian(data[6..]))
            : Analog(index, reader.Variation, reader.Variation switch
            {
                1 => BinaryPrimitives.ReadInt32LittleEndian(data),
                2 => BinaryPrimitives.ReadInt16LittleEndian(data),
                3 => BinaryPrimitives.ReadSingleLittleEndian(data),
                _ => BinaryPrimitives.ReadDoubleLittleEndian(data),
            });
        command = command with { Status = data[^1] };
        return !reader.MoveNext() && reader.Status == ObjectStatus.Ok;
    }

    private int WriteObject(Span<byte> destination)
    {
        int length;
        if (Group == 12)
        {
            destination[0] = ControlCode;
            destination[1] = Count;
            BinaryPrimitives.WriteUInt32LittleEndian(destination[2..], OnMs);
            BinaryPrimitives.WriteUInt32LittleEndian(destination[6..], OffMs);
            length = 10;
        }
        else
        {
            length = WriteValue(destination);
        }

        destination[length] = Status;
        return length + 1;
    }

    private int WriteValue(Span<byte> destination)
    {
        switch (Variation)
        {
            case 1:
                BinaryPrimitives.WriteInt32LittleEndian(destination, (int)Value);
                return 4;
            case 2:
                BinaryPrimitives.WriteInt16LittleEndian(destination, (short)Value);
                return 2;
            case 3:
                BinaryPrimitives.WriteSingleLittleEndian(destination, (float)Value);
                return 4;
            default:
                BinaryPrimitives.WriteDoubleLittleEndian(destination, Value);
                return 8;
        }
    }
}
