using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Wire.Fhir.Codec;

/// <summary>Encodes primitive values.</summary>
internal ref partial struct FhirEncoder
{
    private const int MaxCodeBytes = 64;

    private FhirError EncodeText(ElementMap element, int record)
    {
        int begin = _end;
        FhirError error = AppendText(element);
        if (error == FhirError.None)
        {
            SetReference(element.Field!, record, begin);
        }

        return error;
    }

    /// <summary>Appends the current string, checked and unescaped.</summary>
    private FhirError AppendText(ElementMap element)
    {
        if (_reader.TokenType != JsonTokenType.String)
        {
            return FhirError.WrongType;
        }

        ReadOnlySpan<byte> raw = _reader.Value;
        Span<byte> rest = _destination[_end..];
        if (rest.Length < raw.Length)
        {
            return FhirError.DestinationTooSmall;
        }

        int written = raw.Length;
        bool isEscaped = _reader.IsEscaped;
        if (isEscaped)
        {
            written = _reader.CopyString(rest);
        }
        else if (_reader.IsAscii || Utf8.IsValid(raw))
        {
            raw.CopyTo(rest);
        }
        else
        {
            return FhirError.MalformedJson;
        }

        ReadOnlySpan<byte> text = rest[..written];
        if (!(isEscaped ? IsValid(text, element) : IsValidPlain(text, element)))
        {
            return FhirError.WrongValue;
        }

        return element.Kind is ElementKind.Id or ElementKind.Reference && _pseudonyms is not null
            ? ReplaceByPseudonym(element, written)
            : Keep(element, written);
    }

    private FhirError Keep(ElementMap element, int written)
    {
        ValuePlan type = element.IsArray ? element.Field!.Type.Element! : element.Field!.Type;
        _end += written;
        return written <= type.MaxLength ? FhirError.None : FhirError.NotRepresentable;
    }

    /// <summary>Replaces the text after <see cref="_end"/> by a pseudonym, or by a reference with a pseudonym.</summary>
    private FhirError ReplaceByPseudonym(ElementMap element, int length)
    {
        Span<byte> rest = _destination[_end..];
        int written = element.Kind == ElementKind.Id
            ? _pseudonyms!.WriteId(_map.TypeBytes, rest[..length], rest)
            : _pseudonyms!.WriteReference(rest[..length], rest);
        return written < 0 ? FhirError.DestinationTooSmall : Keep(element, written);
    }

    /// <summary>Whether a text without escapes is valid. It has no control characters, so the first byte decides most strings.</summary>
    private static bool IsValidPlain(ReadOnlySpan<byte> text, ElementMap element) =>
        (element is { Kind: ElementKind.Text, Format: TextFormat.String } && !text.IsEmpty && text[0] > (byte)' ')
        || IsValid(text, element);

    private static bool IsValid(ReadOnlySpan<byte> text, ElementMap element) => element.Kind == ElementKind.Id
        ? FhirPrimitives.IsId(text)
        : element.Kind == ElementKind.Reference ? FhirPrimitives.IsUri(text)
        : element.Format switch
        {
            TextFormat.Id => FhirPrimitives.IsId(text),
            TextFormat.Code => FhirPrimitives.IsCode(text),
            TextFormat.Date => FhirPrimitives.IsDate(text),
            TextFormat.DateTime => FhirPrimitives.IsDateTime(text),
            TextFormat.Time => FhirPrimitives.IsTime(text),
            _ => FhirPrimitives.IsString(text),
        };

    private FhirError EncodeScalar(ElementMap element, int record)
    {
        FieldPlan field = element.Field!;
        scoped Span<byte> slot;
        int begin = _end;
        if (field.IsReference)
        {
            // A private value is stored by reference, so that it can be sealed.
            if (!TryReserve(field.Type.Size))
            {
                return FhirError.DestinationTooSmall;
            }

            slot = _destination.Slice(begin, field.Type.Size);
        }
        else
        {
            slot = _destination.Slice(record + field.Offset, field.Type.Size);
        }

        FhirError error = WriteScalar(element, slot);
        if (field.IsReference)
        {
            SetReference(field, record, begin);
        }
        else if (field.PresenceMask != 0)
        {
            _destination[record + field.PresenceOffset] |= field.PresenceMask;
        }

        return error;
    }

    private FhirError WriteScalar(ElementMap element, scoped Span<byte> slot)
    {
        switch (element.Kind)
        {
            case ElementKind.Flag:
                bool isFlag = _reader.TokenType is JsonTokenType.True or JsonTokenType.False;
                slot[0] = _reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
                return isFlag ? FhirError.None : FhirError.WrongType;
            case ElementKind.Code:
                return WriteCode(element.Codes!, slot);
            case ElementKind.Instant:
                return WriteInstant(slot);
            default:
                return WriteInteger(element.Field!.Type.Kind, slot);
        }
    }

    private FhirError WriteCode(Utf8NameTable codes, scoped Span<byte> slot)
    {
        if (_reader.TokenType != JsonTokenType.String)
        {
            return FhirError.WrongType;
        }

        Span<byte> unescaped = stackalloc byte[MaxCodeBytes];
        scoped ReadOnlySpan<byte> text = _reader.Value;
        if (_reader.IsEscaped && text.Length <= MaxCodeBytes)
        {
            text = unescaped[.._reader.CopyString(unescaped)];
        }

        int ordinal = codes.IndexOf(text);
        ScalarBits.WriteLowBytes((ulong)Math.Max(ordinal, 0), slot);
        return ordinal >= 0 ? FhirError.None : FhirError.WrongValue;
    }

    private readonly FhirError WriteInstant(scoped Span<byte> slot)
    {
        if (_reader.TokenType != JsonTokenType.String)
        {
            return FhirError.WrongType;
        }

        ReadOnlySpan<byte> text = _reader.Value;
        bool fits = FhirTime.TryReadInstant(text, out long nanos);
        ScalarBits.WriteLowBytes((ulong)nanos, slot);
        return fits ? FhirError.None
            : text.Length > "2000-01-01"u8.Length && FhirPrimitives.IsDateTime(text) ? FhirError.NotRepresentable : FhirError.WrongValue;
    }

    private readonly FhirError WriteInteger(EsfTypeKind kind, scoped Span<byte> slot)
    {
        if (_reader.TokenType != JsonTokenType.Number)
        {
            return FhirError.WrongType;
        }

        // Unsigned fields hold elements of type positiveInt, whose least value is 1.
        long least = kind == EsfTypeKind.U32 ? 1 : int.MinValue;
        return Utf8Parser.TryParse(_reader.Value, out long value, out int read) && read == _reader.Value.Length
            && value >= least && value <= int.MaxValue
            && ScalarBits.TryWriteInteger(kind, value < 0, (ulong)Math.Abs(value), slot)
            ? FhirError.None : FhirError.WrongValue;
    }

    private readonly FhirError WriteDecimal(FieldPlan digits, FieldPlan scale, int record)
    {
        if (_reader.TokenType != JsonTokenType.Number)
        {
            return FhirError.WrongType;
        }

        if (!FhirDecimal.TryRead(_reader.Value, out FhirDecimal value))
        {
            return FhirError.NotRepresentable;
        }

        Set(digits, record, value.Digits);
        Set(scale, record, value.Scale);
        return FhirError.None;
    }

    private readonly void Set(FieldPlan field, int record, long value)
    {
        ScalarBits.WriteLowBytes((ulong)value, _destination.Slice(record + field.Offset, field.Type.Size));
        if (field.PresenceMask != 0)
        {
            _destination[record + field.PresenceOffset] |= field.PresenceMask;
        }
    }
}
