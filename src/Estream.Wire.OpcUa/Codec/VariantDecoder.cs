namespace Estream.Wire.OpcUa.Codec;

/// <summary>Decodes variants and data values into objects, for services that are not on the hot path.</summary>
internal static class VariantDecoder
{
    /// <summary>Reads a variant. The structure is checked before an object is created.</summary>
    public static UaVariant Variant(ref UaReader reader, int depth = 0) => Decode(VariantView.Read(ref reader, depth), depth);

    public static UaDataValue DataValue(ref UaReader reader, int depth = 0) => Decode(DataValueView.Read(ref reader, depth), depth);

    public static UaVariant Decode(in VariantView view, int depth = 0)
    {
        UaReader content = new(view.Content);
        if (view.Type == UaType.Null)
        {
            return default;
        }

        if (!view.IsArray)
        {
            return new UaVariant(view.Type, Element(ref content, view.Type, depth));
        }

        object?[] elements = new object?[view.Count];
        for (int index = 0; index < elements.Length; index++)
        {
            elements[index] = Element(ref content, view.Type, depth);
        }

        int[]? dimensions = view.DimensionCount > 0 ? new int[view.DimensionCount] : null;
        for (int index = 0; index < view.DimensionCount; index++)
        {
            dimensions![index] = view.Dimension(index);
        }

        return new UaVariant(view.Type, elements, dimensions);
    }

    public static UaDataValue Decode(in DataValueView view, int depth = 0) => new(
        Decode(view.Value, depth + 1),
        view.Status,
        view.SourceTicks > 0 ? UaTime.ToDateTime(view.SourceTicks) : null,
        view.ServerTicks > 0 ? UaTime.ToDateTime(view.ServerTicks) : null);

    private static object? Element(ref UaReader reader, UaType type, int depth) => type switch
    {
        UaType.Boolean => reader.Boolean(),
        UaType.SByte => (sbyte)reader.Byte(),
        UaType.Byte => reader.Byte(),
        UaType.Int16 => (short)reader.UInt16(),
        UaType.UInt16 => reader.UInt16(),
        UaType.Int32 => reader.Int32(),
        UaType.UInt32 => reader.UInt32(),
        UaType.Int64 => reader.Int64(),
        UaType.UInt64 => reader.UInt64(),
        UaType.Float => reader.Float(),
        UaType.Double => reader.Double(),
        UaType.String or UaType.XmlElement => reader.Text(),
        UaType.DateTime => UaTime.ToDateTime(reader.Int64()),
        UaType.Guid => reader.Guid(),
        UaType.ByteString => Bytes(ref reader),
        UaType.NodeId => reader.NodeId(),
        UaType.ExpandedNodeId => reader.ExpandedNodeId(),
        UaType.StatusCode => reader.Status(),
        UaType.QualifiedName => reader.QualifiedName(),
        UaType.LocalizedText => reader.LocalizedText(),
        UaType.ExtensionObject => Structure(ref reader),
        UaType.DataValue => DataValue(ref reader, depth + 1),
        UaType.Variant => Variant(ref reader, depth + 1),
        _ => Diagnostics(ref reader, depth),
    };

    private static byte[]? Bytes(ref UaReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.Bytes(out bool isNull);
        return isNull ? null : bytes.ToArray();
    }

    private static UaExtensionObject Structure(ref UaReader reader)
    {
        UaNodeId type = reader.NodeId();
        byte kind = reader.Byte();
        return new UaExtensionObject(type, kind == 0 ? default : reader.Bytes().ToArray(), kind == 2);
    }

    private static object? Diagnostics(ref UaReader reader, int depth)
    {
        UaSkip.DiagnosticInfo(ref reader, depth + 1);
        return null;
    }
}
