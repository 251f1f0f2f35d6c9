using System.Buffers.Binary;
using Estream.Core;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Json;

/// <summary>
/// Encodes one JSON object as one message in a single pass. Creates the fixed block first, appends variable-size values as they occur,
/// and sets each reference when the length is known.
/// </summary>
internal ref partial struct JsonEncoder
{
    private readonly Span<byte> _destination;
    private JsonCursor _json;
    private FieldPlan? _culprit;
    private int _culpritAt;
    private int _end;

    private JsonEncoder(ReadOnlySpan<byte> json, Span<byte> destination)
    {
        // Limits the destination, so that a message longer than the format allows is rejected whatever the length of the destination.
        _destination = destination.Length > EsfLimits.MaxMessageBytes ? destination[..EsfLimits.MaxMessageBytes] : destination;
        _json = new JsonCursor(json);
    }

    public static EsfStatus Encode(
        EsfSchema schema,
        ReadOnlySpan<byte> json,
        ReadOnlySpan<byte> captureText,
        ReadOnlySpan<FieldCapture> captures,
        Span<byte> destination,
        out int length)
    {
        JsonEncoder encoder = new(json, destination);
        EsfError error = encoder.EncodeMessage(schema, captureText, captures);
        length = error == EsfError.None ? encoder._end : 0;
        if (error == EsfError.None)
        {
            return EsfStatus.Ok;
        }

        if (error == EsfError.DestinationTooSmall && encoder._destination.Length == EsfLimits.MaxMessageBytes)
        {
            error = EsfError.MessageTooLong;
        }

        return new EsfStatus(error, encoder._culprit, encoder._culpritAt);
    }

    private EsfError EncodeMessage(EsfSchema schema, ReadOnlySpan<byte> captureText, ReadOnlySpan<FieldCapture> captures)
    {
        RecordPlan plan = schema.Plan;
        if (_destination.Length < plan.FixedLength)
        {
            return EsfError.DestinationTooSmall;
        }

        _destination[..plan.FixedLength].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(_destination, schema.Id);
        BinaryPrimitives.WriteUInt64LittleEndian(_destination[8..], schema.Shape);
        _end = plan.FixedLength;
        FieldSet captured = default;
        EsfError error = WriteCaptures(captureText, captures, ref captured);
        if (error == EsfError.None)
        {
            error = EncodeRecord(plan, 0, ref captured);
        }

        return error != EsfError.None || _json.AtEnd() ? error : FailHere(EsfError.TrailingText);
    }

    /// <summary>Encodes the members of an object into a record whose fixed block already exists.</summary>
    /// <param name="plan">The record.</param>
    /// <param name="start">The offset of the record in the destination.</param>
    /// <param name="captured">The fields that already have their value.</param>
    private EsfError EncodeRecord(RecordPlan plan, int start, ref FieldSet captured)
    {
        FieldSet seen = default;
        JsonToken token = _json.Peek();
        if (token != JsonToken.Object)
        {
            return FailHere(token == JsonToken.Invalid ? EsfError.MalformedJson : EsfError.WrongType);
        }

        _json.Take((byte)'{');
        if (!_json.Take((byte)'}'))
        {
            int expected = 0;
            do
            {
                EsfError error = EncodeMember(plan, start, ref expected, ref seen, ref captured);
                if (error != EsfError.None)
                {
                    return error;
                }
            }
            while (_json.Take((byte)','));
            if (!_json.Take((byte)'}'))
            {
                return FailHere(EsfError.MalformedJson);
            }
        }

        int missing = plan.Required.FirstInNeither(in seen, in captured, plan.Fields.Length);
        return missing < 0 ? EsfError.None : Fail(EsfError.MissingField, plan.Fields[missing], _json.Position);
    }

    private EsfError EncodeMember(RecordPlan plan, int start, ref int expected, ref FieldSet seen, ref FieldSet captured)
    {
        _json.Peek();
        int nameAt = _json.Position;
        FieldPlan? field = plan.FindAhead(_json.Rest, expected);
        bool isAhead = field is not null;
        if (isAhead)
        {
            _json.Skip(field!.JsonMember.Length);
        }
        else if (!TryReadName(plan, expected, out field))
        {
            return FailHere(EsfError.MalformedJson);
        }

        if (field is null)
        {
            return Fail(EsfError.UnknownMember, null, nameAt);
        }

        if (seen.Contains(field.Ordinal))
        {
            return Fail(EsfError.DuplicateMember, field, nameAt);
        }

        seen.Add(field.Ordinal);
        expected = field.Ordinal + 1;
        if (!isAhead && !_json.Take((byte)':'))
        {
            return FailHere(EsfError.MalformedJson);
        }

        EsfError error = captured.Contains(field.Ordinal) ? CompareWithCapture(field, start)
            : field.Type.Kind == EsfTypeKind.String && TryAppendPlainText(field, start) ? EsfError.None
            : EncodeField(field, start);
        return error == EsfError.None ? error : FailField(error, field);
    }

    /// <summary>Reads the name of a member in any notation; the field is null if no field has this name.</summary>
    private bool TryReadName(RecordPlan plan, int expected, out FieldPlan? field)
    {
        bool isRead = _json.TryReadString(out ReadOnlySpan<byte> name, out bool hasEscapes);
        field = !isRead ? null : hasEscapes ? FindEscaped(plan, name) : plan.Find(name, expected);
        return isRead;
    }

    /// <summary>Appends a string without escapes, the usual case. Returns false without any change if the string needs the general
    /// path.</summary>
    private bool TryAppendPlainText(FieldPlan field, int start)
    {
        if (!_json.TryLookAtString(out ReadOnlySpan<byte> text) || text.Length > field.Type.MaxLength)
        {
            return false;
        }

        if (Utf8Copy.Copy(text, _destination[_end..]) == Utf8Copy.Refused)
        {
            return false;
        }

        SpanValue.Write(_destination, start + field.Offset, RecordReads.Reference(_end - start, text.Length));
        _culpritAt = _json.Position;
        _json.Skip(text.Length + 2);
        _end += text.Length;
        return true;
    }

    private EsfError EncodeField(FieldPlan field, int start)
    {
        if (field.IsReference)
        {
            if (field.IsPrivate && Withheld.IsNext(_json))
            {
                return Fail(EsfError.Withheld, field, _json.Position);
            }

            int begin = _end;
            EsfError error = AppendRegion(field.Type);
            if (error == EsfError.None)
            {
                SetReference(start, field.Offset, begin);
            }

            return error;
        }

        MarkPresent(field, start);
        return WriteFixed(field.Type, _destination.Slice(start + field.Offset, field.Type.Size));
    }

    private readonly void SetReference(int start, int fieldOffset, int begin) =>
        BinaryPrimitives.WriteUInt64LittleEndian(_destination[(start + fieldOffset)..], RecordReads.Reference(begin - start, _end - begin));

    private readonly void MarkPresent(FieldPlan field, int start)
    {
        if (field.PresenceMask != 0)
        {
            _destination[start + field.PresenceOffset] |= field.PresenceMask;
        }
    }

    /// <summary>Finds a field whose name is written with escapes. This is rare, so the name is unescaped into a small buffer that fits
    /// every field name.</summary>
    private static FieldPlan? FindEscaped(RecordPlan plan, ReadOnlySpan<byte> raw)
    {
        Span<byte> name = stackalloc byte[EsfLimits.MaxNameLength];
        return JsonStrings.TryCopy(raw, hasEscapes: true, name, out int written) == EsfError.None ? plan.Find(name[..written], 0) : null;
    }

    private EsfError FailHere(EsfError error) => Fail(error, null, _json.Position);

    /// <summary>Records the field of an error, unless a field inside it is already recorded.</summary>
    private EsfError FailField(EsfError error, FieldPlan field)
    {
        if (_culprit is null && error is not (EsfError.MalformedJson or EsfError.UnknownMember))
        {
            _culprit = field;
            _culpritAt = _culpritAt == 0 ? _json.Position : _culpritAt;
        }

        return error;
    }

    private EsfError Fail(EsfError error, FieldPlan? field, int at)
    {
        _culprit = field;
        _culpritAt = at;
        return error;
    }
}
