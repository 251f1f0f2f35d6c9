namespace Estream.Wire.OpcUa.Codec;

/// <summary>Skips encoded values and checks their structure on the way. Nested values have a maximum depth.</summary>
internal static class UaSkip
{
    /// <summary>The length of an element with a fixed length in bytes; 0 for the other types.</summary>
    public static int FixedBytes(UaType type) => type switch
    {
        UaType.Boolean or UaType.SByte or UaType.Byte => 1,
        UaType.Int16 or UaType.UInt16 => 2,
        UaType.Int32 or UaType.UInt32 or UaType.Float or UaType.StatusCode => 4,
        UaType.Int64 or UaType.UInt64 or UaType.Double or UaType.DateTime => 8,
        UaType.Guid => 16,
        _ => 0,
    };

    /// <summary>The least length of an element in bytes.</summary>
    public static int MinBytes(UaType type) => type switch
    {
        UaType.String or UaType.ByteString or UaType.XmlElement => 4,
        UaType.NodeId or UaType.ExpandedNodeId => 2,
        UaType.QualifiedName => 6,
        UaType.ExtensionObject => 3,
        _ => Math.Max(1, FixedBytes(type)),
    };

    public static void Elements(ref UaReader reader, UaType type, int count, int depth)
    {
        int size = FixedBytes(type);
        if (size > 0)
        {
            // The product fits: the length of an array was checked against the rest.
            reader.Take(count * size);
            return;
        }

        for (int index = 0; index < count && !reader.HasLostPlace; index++)
        {
            Element(ref reader, type, depth);
        }
    }

    private static void Element(ref UaReader reader, UaType type, int depth)
    {
        switch (type)
        {
            case UaType.Null:
                break;
            case UaType.String or UaType.ByteString or UaType.XmlElement:
                reader.Bytes();
                break;
            case UaType.NodeId:
                NodeId(ref reader, reader.Byte());
                break;
            case UaType.ExpandedNodeId:
                byte encoding = reader.Byte();
                NodeId(ref reader, (byte)(encoding & 0x3F));
                _ = (encoding & 0x80) != 0 ? reader.Bytes() : default;
                reader.Take((encoding & 0x40) != 0 ? 4 : 0);
                break;
            case UaType.QualifiedName:
                reader.Take(2);
                reader.Bytes();
                break;
            case UaType.LocalizedText:
                byte mask = reader.Byte();
                _ = (mask & 1) != 0 ? reader.Bytes() : default;
                _ = (mask & 2) != 0 ? reader.Bytes() : default;
                break;
            case UaType.ExtensionObject:
                ExtensionObject(ref reader);
                break;
            case UaType.DataValue:
                DataValueView.Read(ref reader, depth + 1);
                break;
            case UaType.Variant:
                VariantView.Read(ref reader, depth + 1);
                break;
            default:
                DiagnosticInfo(ref reader, depth + 1);
                break;
        }
    }

    public static void ExtensionObject(ref UaReader reader)
    {
        NodeId(ref reader, reader.Byte());
        byte kind = reader.Byte();
        if (kind is 1 or 2)
        {
            reader.Bytes();
        }
        else if (kind != 0)
        {
            reader.Fail();
        }
    }

    /// <summary>Skips a DiagnosticInfo (Part 6, 5.2.2.12).</summary>
    public static void DiagnosticInfo(ref UaReader reader, int depth = 0)
    {
        while (true)
        {
            if (depth++ > UaLimits.MaxDepth)
            {
                reader.Fail();
                return;
            }

            byte mask = reader.Byte();
            reader.Take(4 * System.Numerics.BitOperations.PopCount((uint)mask & 0x0F));
            _ = (mask & 0x10) != 0 ? reader.Bytes() : default;
            reader.Take((mask & 0x20) != 0 ? 4 : 0);
            if ((mask & 0x40) == 0)
            {
                return;
            }
        }
    }

    private static void NodeId(ref UaReader reader, byte encoding)
    {
        switch (encoding)
        {
            case 0:
                reader.Take(1);
                break;
            case 1:
                reader.Take(3);
                break;
            case 2:
                reader.Take(6);
                break;
            case 3 or 5:
                reader.Take(2);
                reader.Bytes();
                break;
            case 4:
                reader.Take(18);
                break;
            default:
                reader.Fail();
                break;
        }
    }
}

/// <summary>A DataValue (Part 6, 5.2.2.17) in a received message; allocates nothing. Absent timestamps are 0.</summary>
internal readonly ref struct DataValueView
{
    public VariantView Value { get; private init; }

    public UaStatus Status { get; private init; }

    public long SourceTicks { get; private init; }

    public ushort SourcePicoseconds { get; private init; }

    public long ServerTicks { get; private init; }

    public ushort ServerPicoseconds { get; private init; }

    public static DataValueView Read(ref UaReader reader, int depth = 0)
    {
        byte mask = reader.Byte();
        VariantView value = (mask & 0x01) != 0 ? VariantView.Read(ref reader, depth + 1) : default;
        UaStatus status = (mask & 0x02) != 0 ? reader.Status() : default;
        long source = (mask & 0x04) != 0 ? reader.Int64() : 0;
        ushort sourcePicoseconds = (mask & 0x10) != 0 ? reader.UInt16() : (ushort)0;
        long server = (mask & 0x08) != 0 ? reader.Int64() : 0;
        ushort serverPicoseconds = (mask & 0x20) != 0 ? reader.UInt16() : (ushort)0;
        if ((mask & 0xC0) != 0)
        {
            reader.Reject();
        }

        return new DataValueView
        {
            Value = value,
            Status = status,
            SourceTicks = source,
            SourcePicoseconds = sourcePicoseconds,
            ServerTicks = server,
            ServerPicoseconds = serverPicoseconds,
        };
    }
}
