using System.Buffers.Binary;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Json;

/// <summary>Encodes values of every type. Fixed-size values are stored in their slot; other values are appended to the message.</summary>
internal ref partial struct JsonEncoder
{
    private EsfError WriteFixed(ValuePlan type, scoped Span<byte> slot)
    {
        JsonToken token = _json.Peek();
        _culpritAt = _json.Position;
        switch (token)
        {
            case JsonToken.Number:
                return WriteNumber(type.Kind, slot);
            case JsonToken.String:
                return WriteFromString(type, slot);
            case JsonToken.True or JsonToken.False when type.Kind == EsfTypeKind.Bool:
                _json.TakeBool(token);
                slot[0] = token == JsonToken.True ? (byte)1 : (byte)0;
                return EsfError.None;
            default:
                return Refuse(token);
        }
    }

    private EsfError WriteNumber(EsfTypeKind kind, scoped Span<byte> slot)
    {
        if (!_json.TryReadNumber(out ReadOnlySpan<byte> number, out bool isInteger))
        {
            return FailHere(EsfError.MalformedJson);
        }

        switch (kind)
        {
            case EsfTypeKind.F64:
                bool isDouble = JsonFloats.TryParseDouble(number, out double wide);
                BinaryPrimitives.WriteDoubleLittleEndian(slot, wide);
                return isDouble ? EsfError.None : EsfError.OutOfRange;
            case EsfTypeKind.F32:
                bool isSingle = JsonFloats.TryParseSingle(number, out float narrow);
                BinaryPrimitives.WriteSingleLittleEndian(slot, narrow);
                return isSingle ? EsfError.None : EsfError.OutOfRange;
            case EsfTypeKind.Bool or EsfTypeKind.Enum or EsfTypeKind.Bytes32:
                return EsfError.WrongType;
            default:
                return isInteger ? ScalarText.ParseInteger(kind, number, slot) : EsfError.NotAnInteger;
        }
    }

    /// <summary>Writes a fixed-size value given as a JSON string: an enum, a bytes32, a 64-bit integer in quotes, or a float without a JSON
    /// number.</summary>
    private EsfError WriteFromString(ValuePlan type, scoped Span<byte> slot)
    {
        if (!_json.TryReadString(out ReadOnlySpan<byte> raw, out bool hasEscapes))
        {
            return FailHere(EsfError.MalformedJson);
        }

        scoped ReadOnlySpan<byte> text = raw;
        Span<byte> unescaped = stackalloc byte[EsfLimits.MaxNameLength];
        if (hasEscapes)
        {
            EsfError error = JsonStrings.TryCopy(raw, hasEscapes, unescaped, out int written);
            if (error != EsfError.None)
            {
                return error == EsfError.DestinationTooSmall ? EsfError.WrongType : error;
            }

            text = unescaped[..written];
        }

        return type.Kind switch
        {
            EsfTypeKind.Enum or EsfTypeKind.Bytes32 => ScalarText.TryParse(type, text, slot),
            EsfTypeKind.U64 or EsfTypeKind.I64 or EsfTypeKind.Timestamp => ScalarText.ParseInteger(type.Kind, text, slot),
            EsfTypeKind.F32 or EsfTypeKind.F64 => NamedFloats.TryParse(text, slot) ? EsfError.None : EsfError.WrongType,
            _ => EsfError.WrongType,
        };
    }

    /// <summary>Appends the value of a field stored by reference. A private field stored by reference may have a fixed size.</summary>
    private EsfError AppendRegion(ValuePlan type)
    {
        if (type.Size == 0)
        {
            return AppendVariable(type);
        }

        int slot = _end;
        return TryReserve(type.Size) ? WriteFixed(type, _destination.Slice(slot, type.Size)) : EsfError.DestinationTooSmall;
    }

    private EsfError AppendVariable(ValuePlan type)
    {
        JsonToken token = _json.Peek();
        _culpritAt = _json.Position;
        switch (type.Kind)
        {
            case EsfTypeKind.Object:
                return token == JsonToken.Object ? AppendObject(type.Record!) : Refuse(token);
            case EsfTypeKind.Array:
                return token == JsonToken.Array ? AppendArray(type.Element!) : Refuse(token);
            case EsfTypeKind.Map:
                return token == JsonToken.Object ? AppendMap(type) : Refuse(token);
        }

        if (token != JsonToken.String)
        {
            return Refuse(token);
        }

        return _json.TryReadString(out ReadOnlySpan<byte> raw, out bool hasEscapes)
            ? AppendText(type, raw, hasEscapes)
            : FailHere(EsfError.MalformedJson);
    }

    /// <summary>Appends the content of a string: text unchanged, bytes decoded from hexadecimal digits.</summary>
    private EsfError AppendText(ValuePlan type, ReadOnlySpan<byte> raw, bool hasEscapes)
    {
        // Decoding escapes never makes text longer, and makes it at most six times shorter.
        if (type.Kind == EsfTypeKind.String && raw.Length / 6 > type.MaxLength)
        {
            return EsfError.TooLong;
        }

        EsfError error = type.Kind == EsfTypeKind.String
            ? JsonStrings.TryCopy(raw, hasEscapes, _destination[_end..], out int written)
            : TryDecodeHex(raw, _destination[_end..], out written);
        if (error == EsfError.None && written > type.MaxLength)
        {
            return EsfError.TooLong;
        }

        _end += error == EsfError.None ? written : 0;
        return error;
    }

    private EsfError AppendObject(RecordPlan plan)
    {
        int start = _end;
        if (_destination.Length - start < plan.FixedLength)
        {
            return EsfError.DestinationTooSmall;
        }

        _destination.Slice(start, plan.FixedLength).Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(_destination[start..], (ushort)plan.FixedLength);
        _end = start + plan.FixedLength;
        FieldSet nothing = default;
        return EncodeRecord(plan, start, ref nothing);
    }

    private static EsfError TryDecodeHex(ReadOnlySpan<byte> raw, Span<byte> destination, out int written)
    {
        written = raw.Length / 2;
        if ((raw.Length & 1) != 0)
        {
            return EsfError.InvalidHex;
        }

        return destination.Length < written ? EsfError.DestinationTooSmall
            : HexText.TryDecode(raw, destination[..written]) ? EsfError.None
            : EsfError.InvalidHex;
    }

    /// <summary>Returns the error for a value of a type that its field does not accept.</summary>
    private static EsfError Refuse(JsonToken token) => token switch
    {
        JsonToken.Invalid => EsfError.MalformedJson,
        JsonToken.Null => EsfError.NullValue,
        _ => EsfError.WrongType,
    };
}
