using System.Text.Unicode;
using Estream.Opcua;
using Estream.Wire.OpcUa.Codec;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>Translates a value of an item into an OpcUaReading: a number or text. Thread-safe; allocates nothing.</summary>
internal sealed class ReadingTranslator(IReadOnlyList<AdapterItem> items) : IPayloadTranslator
{
    private const int MaxTextBytes = 4_096;

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

        if (destination.Length < OpcUaReading.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        AdapterItem item = items[record.Item];
        OpcUaReading.Writer writer = OpcUaReading.Write(destination);
        writer.Server = item.ServerName;
        writer.Item = item.Name;
        writer.StatusCode = value.Status.Code;
        writer.ReceivedAt = record.ReceivedAt;
        if (UaTime.TryToUnixNanos(value.SourceTicks, out long source))
        {
            writer.SourceTimestamp = source;
        }

        if (!value.Value.IsArray && !TrySet(value.Value, ref writer))
        {
            return TranslateStatus.Unfit($"the text is longer than {MaxTextBytes} bytes or is not UTF-8");
        }

        length = writer.Length;
        return TranslateStatus.Ok;
    }

    private static bool TrySet(scoped VariantView value, ref OpcUaReading.Writer writer)
    {
        UaReader content = new(value.Content);
        switch (value.Type)
        {
            case UaType.Boolean or UaType.Byte or UaType.UInt16 or UaType.UInt32 or UaType.UInt64 or UaType.StatusCode:
                ulong unsigned = Scalar.Unsigned(ref content, value.Type);
                writer.Value = unsigned;
                writer.Unsigned = unsigned;
                return true;
            case UaType.SByte or UaType.Int16 or UaType.Int32 or UaType.Int64:
                long signed = Scalar.Signed(ref content, value.Type);
                writer.Value = signed;
                writer.Signed = signed;
                return true;
            case UaType.Float:
                writer.Value = content.Float();
                return true;
            case UaType.Double:
                writer.Value = content.Double();
                return true;
            case UaType.String or UaType.LocalizedText or UaType.QualifiedName:
                ReadOnlySpan<byte> text = Scalar.Text(ref content, value.Type, out bool isNull);
                bool fits = text.Length <= MaxTextBytes && Utf8.IsValid(text);
                if (fits && !isNull)
                {
                    writer.SetText(text);
                }

                return fits;
            default:
                return true;
        }
    }
}

/// <summary>Reads scalars of several types as one type.</summary>
internal static class Scalar
{
    public static ulong Unsigned(ref UaReader content, UaType type) => type switch
    {
        UaType.Boolean => content.Byte() == 0 ? 0u : 1u,
        UaType.Byte => content.Byte(),
        UaType.UInt16 => content.UInt16(),
        UaType.UInt64 => content.UInt64(),
        _ => content.UInt32(),
    };

    public static long Signed(ref UaReader content, UaType type) => type switch
    {
        UaType.SByte => (sbyte)content.Byte(),
        UaType.Int16 => (short)content.UInt16(),
        UaType.Int32 => content.Int32(),
        _ => content.Int64(),
    };

    /// <summary>Reads the text of a String, LocalizedText or QualifiedName.</summary>
    public static ReadOnlySpan<byte> Text(ref UaReader content, UaType type, out bool isNull)
    {
        isNull = false;
        switch (type)
        {
            case UaType.QualifiedName:
                content.UInt16();
                return content.Bytes(out isNull);
            case UaType.LocalizedText:
                byte mask = content.Byte();
                _ = (mask & 1) != 0 ? content.Bytes() : default;
                isNull = (mask & 2) == 0;
                return isNull ? default : content.Bytes(out isNull);
            default:
                return content.Bytes(out isNull);
        }
    }
}
