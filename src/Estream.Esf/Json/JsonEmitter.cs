using System.Buffers.Binary;
using System.Text.Json;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Json;

/// <summary>
/// Writes a checked message as JSON, as far as the schema knows its fields. An enum value that only a later version of the schema defines
/// is written as its ordinal, a number. A private value that is sealed, or that must not be disclosed, is written as
/// <c>{"$withheld":true}</c>. A card number that has not been replaced by a token is written in the same way.
/// </summary>
internal readonly struct JsonEmitter(Utf8JsonWriter writer, EsfDisclosure disclosure)
{
    private const int HexChunkBytes = 256;

    private static readonly JsonEncodedText s_withheld = JsonEncodedText.Encode(Withheld.Member);

    public void WriteRecord(RecordPlan plan, ReadOnlySpan<byte> record)
    {
        int fixedLength = plan.FixedLengthOf(record);
        writer.WriteStartObject();
        foreach (FieldPlan field in plan.Fields)
        {
            FieldState state = RecordReads.Read(field, record, fixedLength, out ReadOnlySpan<byte> value);
            if (state == FieldState.Absent)
            {
                continue;
            }

            writer.WritePropertyName(field.JsonName);
            bool isSecret = field.IsPrivate || (field.IsTokenized && !EsfCardNumber.IsTokenShaped(value));
            if (state == FieldState.Withheld || (isSecret && disclosure != EsfDisclosure.Disclosed))
            {
                writer.WriteStartObject();
                writer.WriteBoolean(s_withheld, true);
                writer.WriteEndObject();
            }
            else
            {
                WriteValue(field.Type, value);
            }
        }

        writer.WriteEndObject();
    }

    private void WriteValue(ValuePlan type, ReadOnlySpan<byte> value)
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
                WriteSingle(BinaryPrimitives.ReadSingleLittleEndian(value));
                break;
            case EsfTypeKind.F64:
                WriteDouble(BinaryPrimitives.ReadDoubleLittleEndian(value));
                break;
            case EsfTypeKind.String:
                writer.WriteStringValue(value);
                break;
            case EsfTypeKind.Bytes or EsfTypeKind.Bytes32 or EsfTypeKind.PqSignature:
                WriteHex(value);
                break;
            case EsfTypeKind.Object:
                WriteRecord(type.Record!, value);
                break;
            case EsfTypeKind.Array:
                WriteArray(type, value);
                break;
            case EsfTypeKind.Map:
                WriteMap(type, value);
                break;
            default:
                ScalarBits.TryReadInteger(type.Kind, value, out long integer);
                writer.WriteNumberValue(integer);
                break;
        }
    }

    private void WriteArray(ValuePlan type, ReadOnlySpan<byte> region)
    {
        writer.WriteStartArray();
        SequenceWalker.TryStart(region, type.Element!.MinItemSize, out SequenceWalker walker);
        for (int i = 0; i < walker.Count && walker.TryNext(type.Element, out ReadOnlySpan<byte> item); i++)
        {
            WriteValue(type.Element, item);
        }

        writer.WriteEndArray();
    }

    private void WriteMap(ValuePlan type, ReadOnlySpan<byte> region)
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
            WriteValue(type.Element, item);
        }

        writer.WriteEndObject();
    }

    private void WriteSingle(float value)
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

    private void WriteDouble(double value)
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

    /// <summary>Writes bytes of any length as hexadecimal digits, in chunks.</summary>
    private void WriteHex(ReadOnlySpan<byte> bytes)
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
