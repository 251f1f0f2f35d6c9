using System.Buffers.Binary;
using System.Text.Json;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Json;

/// <summary>
/// Writes a message that has been checked as JSON: what the schema knows of it. An enum value that only a later version of
/// the schema has is written as its ordinal, a number.
/// </summary>
internal static class JsonEmitter
{
    private const int HexChunkBytes = 256;

    public static void WriteRecord(RecordPlan plan, ReadOnlySpan<byte> record, Utf8JsonWriter writer)
    {
        int fixedLength = plan.FixedLengthOf(record);
        writer.WriteStartObject();
        foreach (FieldPlan field in plan.Fields)
        {
            if (RecordReads.TryGet(field, record, fixedLength, out ReadOnlySpan<byte> value))
            {
                writer.WritePropertyName(field.JsonName);
                WriteValue(field.Type, value, writer);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(ValuePlan type, ReadOnlySpan<byte> value, Utf8JsonWriter writer)
    {
        switch (type.Kind)
        {
            case EsfTypeKind.Bool:
                writer.WriteBooleanValue(value[0] != 0);
                break;
            case EsfTypeKind.Enum when type.HasName(value):
                writer.WriteStringValue(type.EnumNames![BinaryPrimitives.ReadUInt16LittleEndian(value)]);
                break;
            case EsfTypeKind.U64:
                writer.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(value));
                break;
            case EsfTypeKind.F32:
                WriteSingle(BinaryPrimitives.ReadSingleLittleEndian(value), writer);
                break;
            case EsfTypeKind.F64:
                WriteDouble(BinaryPrimitives.ReadDoubleLittleEndian(value), writer);
                break;
            case EsfTypeKind.String:
                writer.WriteStringValue(value);
                break;
            case EsfTypeKind.Bytes or EsfTypeKind.Bytes32 or EsfTypeKind.PqSignature:
                WriteHex(value, writer);
                break;
            case EsfTypeKind.Object:
                WriteRecord(type.Record!, value, writer);
                break;
            case EsfTypeKind.Array:
                WriteArray(type, value, writer);
                break;
            case EsfTypeKind.Map:
                WriteMap(type, value, writer);
                break;
            default:
                ScalarBits.TryReadInteger(type.Kind, value, out long integer);
                writer.WriteNumberValue(integer);
                break;
        }
    }

    private static void WriteArray(ValuePlan type, ReadOnlySpan<byte> region, Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        SequenceWalker.TryStart(region, type.Element!.MinItemSize, out SequenceWalker walker);
        for (int i = 0; i < walker.Count && walker.TryNext(type.Element, out ReadOnlySpan<byte> item); i++)
        {
            WriteValue(type.Element, item, writer);
        }

        writer.WriteEndArray();
    }

    private static void WriteMap(ValuePlan type, ReadOnlySpan<byte> region, Utf8JsonWriter writer)
    {
        Span<byte> text = stackalloc byte[64];
        writer.WriteStartObject();
        SequenceWalker.TryStart(region, type.Key!.MinItemSize + type.Element!.MinItemSize, out SequenceWalker walker);
        for (int i = 0; i < walker.Count && walker.TryNext(type.Key, out ReadOnlySpan<byte> key); i++)
        {
            if (type.Key.Kind == EsfTypeKind.String)
            {
                writer.WritePropertyName(key);
            }
            else if (type.Key.Kind == EsfTypeKind.Enum && type.Key.HasName(key))
            {
                writer.WritePropertyName(type.Key.EnumNames![BinaryPrimitives.ReadUInt16LittleEndian(key)]);
            }
            else
            {
                ScalarText.TryFormat(type.Key, key, text, out int written);
                writer.WritePropertyName(text[..written]);
            }

            walker.TryNext(type.Element, out ReadOnlySpan<byte> item);
            WriteValue(type.Element, item, writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteSingle(float value, Utf8JsonWriter writer)
    {
        if (float.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(NamedFloats.NameOf(value));
        }
    }

    private static void WriteDouble(double value, Utf8JsonWriter writer)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(NamedFloats.NameOf(value));
        }
    }

    /// <summary>Bytes of any length as hexadecimal digits, a piece at a time.</summary>
    private static void WriteHex(ReadOnlySpan<byte> bytes, Utf8JsonWriter writer)
    {
        Span<byte> digits = stackalloc byte[HexChunkBytes * 2];
        while (bytes.Length > HexChunkBytes)
        {
            HexText.Encode(bytes[..HexChunkBytes], digits);
            writer.WriteStringValueSegment(digits, isFinalSegment: false);
            bytes = bytes[HexChunkBytes..];
        }

        HexText.Encode(bytes, digits);
        writer.WriteStringValueSegment(digits[..(bytes.Length * 2)], isFinalSegment: true);
    }
}
