using System.Buffers.Binary;

namespace Estream.Wire.Dnp3.Codec;

/// <summary>What the objects of a fragment are.</summary>
internal enum ObjectStatus
{
    /// <summary>There was no error so far.</summary>
    Ok,

    /// <summary>The fragment ends inside a header or an object.</summary>
    Truncated,

    /// <summary>The size of the object is unknown, so the rest of the fragment cannot be read.</summary>
    UnknownObject,

    /// <summary>The qualifier is unknown, or does not fit the object.</summary>
    UnknownQualifier,

    /// <summary>The range ends before it starts.</summary>
    InvalidRange,
}

/// <summary>Reads the object headers of a fragment (IEEE 1815, 4.2.2.7) with the qualifiers 00, 01, 06, 07, 08, 17, 28 and 5B. Every
/// number of objects is checked against the octets that are there.</summary>
internal ref struct ObjectReader
{
    private readonly bool _hasData;
    private ReadOnlySpan<byte> _rest;

    /// <param name="objects">The fragment after its header.</param>
    /// <param name="hasData">Whether objects follow their headers; false for a read request.</param>
    public ObjectReader(ReadOnlySpan<byte> objects, bool hasData = true)
    {
        _rest = objects;
        _hasData = hasData;
    }

    /// <summary>Why <see cref="MoveNext"/> returned false.</summary>
    public ObjectStatus Status { get; private set; }

    public byte Group { get; private set; }

    public byte Variation { get; private set; }

    public byte Qualifier { get; private set; }

    /// <summary>The index of the first object, if objects have no index of their own.</summary>
    public int Start { get; private set; }

    /// <summary>The number of objects; 0 for qualifier 06, which means all.</summary>
    public int Count { get; private set; }

    /// <summary>The octets of the index before each object: 0, 1 or 2.</summary>
    public int PrefixBytes { get; private set; }

    /// <summary>The size of an object in bits, without its index.</summary>
    public int ObjectBits { get; private set; }

    /// <summary>The objects with their indexes. For qualifier 5B: the one object, without its size.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>Reads the next header and its objects.</summary>
    /// <returns>False at the end and at an error.</returns>
    public bool MoveNext()
    {
        if (_rest.IsEmpty || Status != ObjectStatus.Ok)
        {
            return false;
        }

        if (_rest.Length < 3)
        {
            return Fail(ObjectStatus.Truncated);
        }

        (Group, Variation, Qualifier) = (_rest[0], _rest[1], _rest[2]);
        _rest = _rest[3..];
        (Start, Count, PrefixBytes) = (0, 0, 0);
        Data = default;
        return TryReadRange() && (Qualifier == Qualifiers.FreeFormat ? TryReadFreeFormat() : TryReadData());
    }

    private bool TryReadRange()
    {
        switch (Qualifier)
        {
            case Qualifiers.Range8 when _rest.Length >= 2:
                return TrySetRange(_rest[0], _rest[1], 2);
            case Qualifiers.Range16 when _rest.Length >= 4:
                return TrySetRange(BinaryPrimitives.ReadUInt16LittleEndian(_rest), BinaryPrimitives.ReadUInt16LittleEndian(_rest[2..]), 4);
            case Qualifiers.All:
                return true;
            case Qualifiers.Count8 or Qualifiers.Index8 or Qualifiers.FreeFormat when _rest.Length >= 1:
                return SetCount(_rest[0], Qualifier == Qualifiers.Index8 ? 1 : 0, 1);
            case Qualifiers.Count16 or Qualifiers.Index16 when _rest.Length >= 2:
                return SetCount(BinaryPrimitives.ReadUInt16LittleEndian(_rest), Qualifier == Qualifiers.Index16 ? 2 : 0, 2);
            default:
                return Fail(Qualifiers.IsKnown(Qualifier) ? ObjectStatus.Truncated : ObjectStatus.UnknownQualifier);
        }
    }

    private bool TrySetRange(int start, int stop, int octets)
    {
        if (stop < start)
        {
            return Fail(ObjectStatus.InvalidRange);
        }

        Start = start;
        return SetCount(stop - start + 1, 0, octets);
    }

    private bool SetCount(int count, int prefixBytes, int octets)
    {
        Count = count;
        PrefixBytes = prefixBytes;
        _rest = _rest[octets..];
        return true;
    }

    private bool TryReadData()
    {
        ObjectBits = ObjectLayout.Bits(Group, Variation);
        if (!_hasData)
        {
            // A read request can name points by their indexes.
            return TryTake(Count * PrefixBytes);
        }

        if (Qualifier == Qualifiers.All)
        {
            return true;
        }

        if (ObjectBits < 0)
        {
            return Fail(ObjectStatus.UnknownObject);
        }

        bool isPacked = ObjectBits % 8 != 0;
        if (isPacked && PrefixBytes > 0)
        {
            return Fail(ObjectStatus.UnknownQualifier);
        }

        return TryTake(isPacked ? ((Count * ObjectBits) + 7) / 8 : Count * (PrefixBytes + (ObjectBits / 8)));
    }

    private bool TryReadFreeFormat()
    {
        const int SizeBytes = 2;
        if (Count != 1 || _rest.Length < SizeBytes)
        {
            return Fail(Count == 1 ? ObjectStatus.Truncated : ObjectStatus.UnknownQualifier);
        }

        int size = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
        _rest = _rest[SizeBytes..];
        ObjectBits = 8 * size;
        return TryTake(size);
    }

    private bool TryTake(int octets)
    {
        if (octets > _rest.Length)
        {
            return Fail(ObjectStatus.Truncated);
        }

        Data = _rest[..octets];
        _rest = _rest[octets..];
        return true;
    }

    private bool Fail(ObjectStatus status)
    {
        Status = status;
        return false;
    }
}

/// <summary>Qualifier codes (IEEE 1815, 4.2.2.7.3).</summary>
internal static class Qualifiers
{
    /// <summary>Start and stop index of one octet.</summary>
    public const byte Range8 = 0x00;

    /// <summary>Start and stop index of two octets.</summary>
    public const byte Range16 = 0x01;

    /// <summary>All objects.</summary>
    public const byte All = 0x06;

    /// <summary>A count of one octet.</summary>
    public const byte Count8 = 0x07;

    /// <summary>A count of two octets.</summary>
    public const byte Count16 = 0x08;

    /// <summary>A count of one octet; each object after its index of one octet.</summary>
    public const byte Index8 = 0x17;

    /// <summary>A count of two octets; each object after its index of two octets.</summary>
    public const byte Index16 = 0x28;

    /// <summary>One object after its size of two octets.</summary>
    public const byte FreeFormat = 0x5B;

    public static bool IsKnown(byte qualifier) =>
        qualifier is Range8 or Range16 or All or Count8 or Count16 or Index8 or Index16 or FreeFormat;
}
