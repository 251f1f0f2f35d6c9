using System.Buffers.Binary;

namespace Estream.Wire.OpcUa.Codec;

/// <summary>A variant (Part 6, 5.2.2.16) in a received message; allocates nothing. Every element was checked.</summary>
internal readonly ref struct VariantView
{
    private const byte ArrayFlag = 0x80;
    private const byte DimensionsFlag = 0x40;
    private const byte TypeMask = 0x3F;
    private const int MaxDimensions = 32;

    private VariantView(UaType type, bool isArray, int count, ReadOnlySpan<byte> content, ReadOnlySpan<byte> dimensions)
    {
        Type = type;
        IsArray = isArray;
        Count = count;
        Content = content;
        Dimensions = dimensions;
    }

    public UaType Type { get; }

    public bool IsArray { get; }

    /// <summary>The number of elements; 1 for a scalar.</summary>
    public int Count { get; }

    /// <summary>The encoded elements one after the other.</summary>
    public ReadOnlySpan<byte> Content { get; }

    /// <summary>The dimensions as 32-bit integers; empty if there is one dimension.</summary>
    public ReadOnlySpan<byte> Dimensions { get; }

    public int DimensionCount => Dimensions.Length / sizeof(int);

    public int Dimension(int index) => BinaryPrimitives.ReadInt32LittleEndian(Dimensions[(index * sizeof(int))..]);

    /// <summary>Reads a variant. Fails the reader if its type, length, depth or dimensions are invalid.</summary>
    public static VariantView Read(ref UaReader reader, int depth = 0)
    {
        byte encoding = reader.Byte();
        UaType type = (UaType)(encoding & TypeMask);
        bool isArray = (encoding & ArrayFlag) != 0;
        bool hasDimensions = (encoding & DimensionsFlag) != 0;

        // Part 6, 5.1.6: the types 26 to 31 are reserved for structures in a ByteString.
        if ((byte)type > 31 || (hasDimensions && !isArray) || (type == UaType.Null && encoding != 0)
            || (type == UaType.Variant && !isArray) || depth > UaLimits.MaxDepth)
        {
            reader.Fail();
            return default;
        }

        type = (byte)type > (byte)UaType.DiagnosticInfo ? UaType.ByteString : type;
        int count = isArray ? reader.ArrayLength(UaSkip.MinBytes(type)) : 1;
        ReadOnlySpan<byte> start = reader.Rest;
        UaSkip.Elements(ref reader, type, count, depth);
        if (reader.HasLostPlace)
        {
            return default;
        }

        ReadOnlySpan<byte> content = start[..(start.Length - reader.Rest.Length)];
        ReadOnlySpan<byte> dimensions = hasDimensions ? ReadDimensions(ref reader, count) : default;
        return new VariantView(type, isArray, type == UaType.Null ? 0 : count, content, dimensions);
    }

    private static ReadOnlySpan<byte> ReadDimensions(ref UaReader reader, int count)
    {
        int length = reader.ArrayLength(sizeof(int));
        ReadOnlySpan<byte> dimensions = length <= MaxDimensions ? reader.Take(length * sizeof(int)) : default;
        long product = 1;
        for (int at = 0; at < dimensions.Length; at += sizeof(int))
        {
            int dimension = BinaryPrimitives.ReadInt32LittleEndian(dimensions[at..]);
            product = dimension < 0 || product > int.MaxValue ? -1 : product * dimension;
            if (product < 0)
            {
                break;
            }
        }

        if (length > MaxDimensions)
        {
            reader.Fail();
        }
        else if (length > 0 && product != count)
        {
            reader.Reject();
        }

        return dimensions;
    }
}
