using System.Text.Unicode;
using Estream.Industrial;
using Estream.Wire.OpcUa.Codec;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>Translates a value of an item into an OpcUaValue, with every type, arrays and both timestamps. Thread-safe. Allocates for
/// identifiers only.</summary>
internal sealed class ValueTranslator(IReadOnlyList<AdapterItem> items) : IPayloadTranslator
{
    // The length of an element of an array, beside its own bytes: its fixed fields, the references to it, and alignment.
    private const int ElementReserve = 128;
    private const int VariableReserve = 512;

    // A GUID, the widest text form, has 36 characters for 16 bytes.
    private const int TextGrowth = 4;
    private const int MaxLocaleBytes = 64;
    private const int MaxNodeTextBytes = 4_096;

    /// <inheritdoc/>
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (!ItemRecord.TryRead(message.Payload, out ItemRecord record) || (uint)record.Item >= (uint)items.Count)
        {
            return TranslateStatus.Unfit("the payload is not the value of an item");
        }

        UaReader reader = new(record.Value);
        DataValueView value = DataValueView.Read(ref reader);
        if (reader.IsFailed)
        {
            return TranslateStatus.Unfit("the value cannot be decoded");
        }

        AdapterItem item = items[record.Item];
        long room = OpcUaValue.FixedLength + VariableReserve + item.ServerName.Length + item.NamespaceUri.Length
            + (TextGrowth * item.Options.Node.Length) + ((long)(value.Value.Count + 1) * ElementReserve)
            + ((long)TextGrowth * record.Value.Length);
        if (destination.Length < room)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        if (!IsText(value.Value))
        {
            return TranslateStatus.Unfit("a text of the value is not UTF-8, or its locale is too long");
        }

        length = Write(record, value, item, destination);
        return TranslateStatus.Ok;
    }

    private static int Write(ItemRecord record, DataValueView value, AdapterItem item, Span<byte> destination)
    {
        OpcUaValue.Writer writer = OpcUaValue.Write(destination);
        writer.Server = item.ServerName;
        writer.AttributeId = UaAttribute.Value;
        writer.Type = (OpcUaType)value.Value.Type;
        writer.StatusCode = value.Status.Code;
        writer.ReceivedAt = record.ReceivedAt;
        if (item.NamespaceUri.Length > 0)
        {
            writer.NamespaceUri = item.NamespaceUri;
        }

        WriteNode(item, ref writer);
        WriteTimes(value, ref writer);
        UaReader content = new(value.Value.Content);
        if (value.Value.IsArray)
        {
            var elements = writer.BeginElements();
            for (int index = 0; index < value.Value.Count; index++)
            {
                OpcUaValue.OpcUaVariantWriter element = elements.Begin();
                WriteElement(ref content, value.Value.Type, ref element);
                elements.End(element);
            }

            writer.EndElements(elements);
            WriteDimensions(value.Value, ref writer);
        }
        else if (value.Value.Type != UaType.Null)
        {
            OpcUaValue.OpcUaVariantWriter element = writer.BeginValue();
            WriteElement(ref content, value.Value.Type, ref element);
            writer.EndValue(element);
        }

        return writer.Length;
    }

    private static void WriteNode(AdapterItem item, ref OpcUaValue.Writer writer)
    {
        OpcUaValue.NodeWriter node = writer.BeginNode();
        node.NamespaceIndex = item.NamespaceIndex;
        if (item.Node.IsNumeric)
        {
            node.Numeric = item.Node.Numeric;
        }
        else if (item.Node.Text is { } text)
        {
            node.SetText(text.AsSpan()[..Math.Min(text.Length, MaxNodeTextBytes)]);
        }
        else if (item.Node.AsGuid is { } guid)
        {
            Span<char> digits = stackalloc char[36];
            guid.TryFormat(digits, out _);
            node.SetGuid(digits);
        }
        else
        {
            node.Opaque = item.Node.Opaque.Span;
        }

        writer.EndNode(node);
    }

    private static void WriteTimes(scoped DataValueView value, ref OpcUaValue.Writer writer)
    {
        if (UaTime.TryToUnixNanos(value.SourceTicks, out long source))
        {
            writer.SourceTimestamp = source;
            if (value.SourcePicoseconds != 0)
            {
                writer.SourcePicoseconds = value.SourcePicoseconds;
            }
        }

        if (UaTime.TryToUnixNanos(value.ServerTicks, out long server))
        {
            writer.ServerTimestamp = server;
            if (value.ServerPicoseconds != 0)
            {
                writer.ServerPicoseconds = value.ServerPicoseconds;
            }
        }
    }

    private static void WriteDimensions(scoped VariantView value, ref OpcUaValue.Writer writer)
    {
        if (value.DimensionCount == 0)
        {
            return;
        }

        var dimensions = writer.BeginDimensions();
        for (int index = 0; index < value.DimensionCount; index++)
        {
            dimensions.Add((uint)value.Dimension(index));
        }

        writer.EndDimensions(dimensions);
    }

    private static void WriteElement(scoped ref UaReader content, UaType type, ref OpcUaValue.OpcUaVariantWriter writer)
    {
        switch (type)
        {
            case UaType.Boolean:
                writer.Boolean = content.Boolean();
                break;
            case UaType.SByte or UaType.Int16 or UaType.Int32 or UaType.Int64:
                writer.Signed = Scalar.Signed(ref content, type);
                break;
            case UaType.Byte or UaType.UInt16 or UaType.UInt32 or UaType.UInt64 or UaType.StatusCode:
                writer.Unsigned = Scalar.Unsigned(ref content, type);
                break;
            case UaType.Float:
                writer.Single = content.Float();
                break;
            case UaType.Double:
                writer.Double = content.Double();
                break;
            case UaType.DateTime:
                if (UaTime.TryToUnixNanos(content.Int64(), out long nanos))
                {
                    writer.Time = nanos;
                }

                break;
            default:
                WriteText(ref content, type, ref writer);
                break;
        }
    }

    private static void WriteText(scoped ref UaReader content, UaType type, ref OpcUaValue.OpcUaVariantWriter writer)
    {
        switch (type)
        {
            case UaType.String or UaType.XmlElement:
                SetText(content.Bytes(out bool isNull), isNull, ref writer);
                break;
            case UaType.QualifiedName:
                writer.NamespaceIndex = content.UInt16();
                SetText(content.Bytes(out isNull), isNull, ref writer);
                break;
            case UaType.LocalizedText:
                byte mask = content.Byte();
                if ((mask & 1) != 0)
                {
                    writer.SetLocale(content.Bytes());
                }

                if ((mask & 2) != 0)
                {
                    SetText(content.Bytes(out isNull), isNull, ref writer);
                }

                break;
            case UaType.Guid:
                writer.SetText(content.Guid().ToString());
                break;
            case UaType.NodeId:
                writer.SetText(content.NodeId().ToString());
                break;
            case UaType.ExpandedNodeId:
                writer.SetText(content.ExpandedNodeId().ToString());
                break;
            case UaType.ByteString:
                writer.SetBinary(content.Bytes());
                break;
            default:
                ReadOnlySpan<byte> start = content.Rest;
                UaSkip.Elements(ref content, type, 1, 0);
                writer.SetBinary(start[..(start.Length - content.Rest.Length)]);
                break;
        }
    }

    private static void SetText(scoped ReadOnlySpan<byte> text, bool isNull, ref OpcUaValue.OpcUaVariantWriter writer)
    {
        if (!isNull)
        {
            writer.SetText(text);
        }
    }

    /// <summary>Whether all texts of a value are UTF-8, which messages require.</summary>
    private static bool IsText(in VariantView value)
    {
        UaReader content = new(value.Content);
        for (int index = 0; index < value.Count; index++)
        {
            switch (value.Type)
            {
                case UaType.LocalizedText:
                    byte mask = content.Byte();
                    ReadOnlySpan<byte> locale = (mask & 1) != 0 ? content.Bytes() : default;
                    ReadOnlySpan<byte> text = (mask & 2) != 0 ? content.Bytes() : default;
                    if (locale.Length > MaxLocaleBytes || !Utf8.IsValid(locale) || !Utf8.IsValid(text))
                    {
                        return false;
                    }

                    break;
                case UaType.String or UaType.XmlElement or UaType.QualifiedName:
                    if (!Utf8.IsValid(Scalar.Text(ref content, value.Type, out _)))
                    {
                        return false;
                    }

                    break;
                default:
                    return true;
            }
        }

        return true;
    }
}
