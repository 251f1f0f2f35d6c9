using System.Buffers.Binary;

namespace Estream.Wire.Dnp3.Codec;

/// <summary>Writes measurements into a fragment of a response: present values with qualifier 01, events with qualifier 28. Neighbouring
/// measurements share a header.</summary>
internal ref struct ObjectWriter(Span<byte> destination)
{
    private const int HeaderBytes = 7;
    private const int CountHeaderBytes = 5;
    private const int TimeBytes = 6;
    private const int MaxItemBytes = 20;

    private readonly Span<byte> _destination = destination;
    private int _header = -1;
    private byte _group;
    private byte _variation;
    private int _next;

    /// <summary>The octets written.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a measurement.</summary>
    /// <returns>False if it does not fit any more.</returns>
    public bool TryAdd(in Dnp3Measurement one)
    {
        if (_destination.Length - Length < HeaderBytes + MaxItemBytes)
        {
            return false;
        }

        (byte group, byte variation) = TypeOf(one);
        if (_header < 0 || group != _group || variation != _variation || (!one.IsEvent && one.Index != _next))
        {
            Begin(group, variation, one);
        }

        if (one.IsEvent)
        {
            Span<byte> count = _destination[(_header + 3)..];
            BinaryPrimitives.WriteUInt16LittleEndian(count, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(count) + 1));
            BinaryPrimitives.WriteUInt16LittleEndian(_destination[Length..], one.Index);
            Length += 2;
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_destination[(_header + 5)..], one.Index);
        }

        Length += WriteValue(one, _destination[Length..]);
        _next = one.Index + 1;
        return true;
    }

    private static (byte Group, byte Variation) TypeOf(in Dnp3Measurement one) => (one.Kind, one.IsEvent) switch
    {
        (Dnp3PointKind.BinaryInput, false) => (1, 2),
        (Dnp3PointKind.BinaryInput, true) => (2, 2),
        (Dnp3PointKind.DoubleBitInput, false) => (3, 2),
        (Dnp3PointKind.DoubleBitInput, true) => (4, 2),
        (Dnp3PointKind.BinaryOutput, false) => (10, 2),
        (Dnp3PointKind.BinaryOutput, true) => (11, 2),
        (Dnp3PointKind.Counter, false) => (20, 1),
        (Dnp3PointKind.Counter, true) => (22, 5),
        (Dnp3PointKind.FrozenCounter, false) => (21, 1),
        (Dnp3PointKind.FrozenCounter, true) => (23, 5),
        (Dnp3PointKind.AnalogInput, false) => (30, one.IsInteger ? (byte)1 : (byte)5),
        (Dnp3PointKind.AnalogInput, true) => (32, one.IsInteger ? (byte)3 : (byte)7),
        (_, false) => (40, one.IsInteger ? (byte)1 : (byte)3),
        _ => (42, one.IsInteger ? (byte)3 : (byte)7),
    };

    private static int WriteValue(in Dnp3Measurement one, Span<byte> destination)
    {
        byte flags = one.Flags ?? Dnp3Measurement.OnlineFlag;
        int length = 1;
        switch (one.Kind)
        {
            case Dnp3PointKind.BinaryInput or Dnp3PointKind.BinaryOutput:
                flags |= (byte)((int)one.Value << 7);
                break;
            case Dnp3PointKind.DoubleBitInput:
                flags |= (byte)((int)one.Value << 6);
                break;
            case Dnp3PointKind.Counter or Dnp3PointKind.FrozenCounter:
                BinaryPrimitives.WriteUInt32LittleEndian(destination[1..], (uint)one.Value);
                length = 5;
                break;
            default:
                WriteAnalog(one, destination[1..]);
                length = 5;
                break;
        }

        destination[0] = flags;
        if (!one.IsEvent)
        {
            return length;
        }

        long time = one.TimeMs ?? 0;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[length..], (uint)time);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[(length + 4)..], (ushort)(time >> 32));
        return length + TimeBytes;
    }

    private static void WriteAnalog(in Dnp3Measurement one, Span<byte> destination)
    {
        if (one.IsInteger)
        {
            BinaryPrimitives.WriteInt32LittleEndian(destination, (int)one.Value);
        }
        else
        {
            BinaryPrimitives.WriteSingleLittleEndian(destination, (float)one.Value);
        }
    }

    private void Begin(byte group, byte variation, in Dnp3Measurement one)
    {
        (_header, _group, _variation) = (Length, group, variation);
        Span<byte> header = _destination[Length..];
        (header[0], header[1], header[2]) = (group, variation, one.IsEvent ? Qualifiers.Index16 : Qualifiers.Range16);
        BinaryPrimitives.WriteUInt16LittleEndian(header[3..], one.IsEvent ? (ushort)0 : one.Index);
        Length += one.IsEvent ? CountHeaderBytes : HeaderBytes;
    }
}
