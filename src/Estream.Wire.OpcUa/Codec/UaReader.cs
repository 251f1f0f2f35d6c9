using System.Buffers.Binary;
using System.Text;

namespace Estream.Wire.OpcUa.Codec;

/// <summary>
/// Reads the binary encoding (Part 6, 5.2) from a span. The first invalid or truncated value sets <see cref="IsFailed"/>; later reads
/// return zeros, so that a caller checks once at the end. Never throws, and allocates only where a method returns an object.
/// </summary>
internal ref struct UaReader
{
    private ReadOnlySpan<byte> _rest;

    public UaReader(ReadOnlySpan<byte> bytes) => _rest = bytes;

    /// <summary>Whether a value was invalid or truncated.</summary>
    public bool IsFailed { get; private set; }

    /// <summary>Whether the end of the invalid value is unknown, so that nothing after it can be read.</summary>
    public bool HasLostPlace { get; private set; }

    /// <summary>The bytes that were not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
        {
            Fail();
            return default;
        }

        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    public void Fail()
    {
        IsFailed = true;
        HasLostPlace = true;
        _rest = default;
    }

    /// <summary>Fails because of a value that was read to its end, so that the values after it can be read.</summary>
    public void Reject() => IsFailed = true;

    /// <summary>Forgets a rejected value. Values after a lost place stay unreadable.</summary>
    public void Recover() => IsFailed = HasLostPlace;

    public byte Byte()
    {
        ReadOnlySpan<byte> one = Take(1);
        return one.IsEmpty ? (byte)0 : one[0];
    }

    public bool Boolean() => Byte() != 0;

    public ushort UInt16()
    {
        ReadOnlySpan<byte> bytes = Take(2);
        return bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public uint UInt32()
    {
        ReadOnlySpan<byte> bytes = Take(4);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public int Int32() => (int)UInt32();

    public ulong UInt64()
    {
        ReadOnlySpan<byte> bytes = Take(8);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public long Int64() => (long)UInt64();

    public float Float() => BitConverter.UInt32BitsToSingle(UInt32());

    public double Double() => BitConverter.UInt64BitsToDouble(UInt64());

    public UaStatus Status() => new(UInt32());

    /// <summary>Reads a GUID (Part 6, 5.2.2.6), which has the byte order of .NET.</summary>
    public Guid Guid()
    {
        ReadOnlySpan<byte> bytes = Take(16);
        return bytes.IsEmpty ? default : new Guid(bytes);
    }

    /// <summary>Reads a ByteString, String or XmlElement. Null reads as empty.</summary>
    public ReadOnlySpan<byte> Bytes() => Bytes(out _);

    public ReadOnlySpan<byte> Bytes(out bool isNull)
    {
        int length = Int32();
        isNull = length < 0;
        if (length < -1)
        {
            Fail();
        }

        return length <= 0 ? default : Take(length);
    }

    /// <summary>Reads a String. Invalid UTF-8 becomes replacement characters.</summary>
    public string? Text()
    {
        ReadOnlySpan<byte> bytes = Bytes(out bool isNull);
        return isNull || IsFailed ? null : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads the length of an array; 0 for null. Fails if the rest cannot hold that many elements.</summary>
    /// <param name="minElementBytes">The least length of an element, at least 1, so that no length costs more than its message.</param>
    public int ArrayLength(int minElementBytes = 1)
    {
        int length = Int32();
        if (length < -1 || (long)length * minElementBytes > _rest.Length)
        {
            Fail();
            return 0;
        }

        return Math.Max(0, length);
    }

    /// <summary>Reads a NodeId (Part 6, 5.2.2.9).</summary>
    public UaNodeId NodeId() => NodeId(Byte());

    /// <summary>Reads an ExpandedNodeId (Part 6, 5.2.2.10).</summary>
    public UaExpandedNodeId ExpandedNodeId()
    {
        byte encoding = Byte();
        UaNodeId node = NodeId((byte)(encoding & 0x3F));
        string? uri = (encoding & 0x80) != 0 ? Text() : null;
        return new UaExpandedNodeId(node, uri, (encoding & 0x40) != 0 ? UInt32() : 0);
    }

    /// <summary>Reads the number of the type of a message or structure in namespace 0; 0 for any other type.</summary>
    public uint TypeNumber()
    {
        UaNodeId node = NodeId();
        return node.NamespaceIndex == 0 && node.IsNumeric ? node.Numeric : 0;
    }

    public UaQualifiedName QualifiedName() => new(UInt16(), Text() ?? "");

    public UaLocalizedText LocalizedText()
    {
        byte mask = Byte();
        string? locale = (mask & 1) != 0 ? Text() : null;
        return new UaLocalizedText(locale, (mask & 2) != 0 ? Text() : null);
    }

    /// <summary>Reads the header of an ExtensionObject (Part 6, 5.2.2.15) with its body.</summary>
    public ReadOnlySpan<byte> ExtensionObject(out uint type)
    {
        type = TypeNumber();
        return Byte() switch
        {
            0 => default,
            1 or 2 => Bytes(),
            _ => Failed(),
        };
    }

    private ReadOnlySpan<byte> Failed()
    {
        Fail();
        return default;
    }

    private UaNodeId NodeId(byte encoding)
    {
        switch (encoding)
        {
            case 0:
                return new UaNodeId(0, Byte());
            case 1:
                byte index = Byte();
                return new UaNodeId(index, (uint)UInt16());
            case 2:
                ushort wide = UInt16();
                return new UaNodeId(wide, UInt32());
            case 3:
                return new UaNodeId(UInt16(), Text() ?? "");
            case 4:
                return new UaNodeId(UInt16(), (object)Guid());
            case 5:
                return new UaNodeId(UInt16(), Bytes().ToArray());
            default:
                Fail();
                return default;
        }
    }
}
