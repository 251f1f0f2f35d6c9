using System.Buffers.Binary;
using System.Text.Json;
using Estream.Esf.Internal;
using Estream.Wire.Fhir.Translation;

namespace Estream.Wire.Fhir.Codec;

/// <summary>
/// Translates the JSON of a resource into a message of its schema, in one pass and without a document tree. Members that no field holds are
/// skipped. Allocates nothing.
/// </summary>
internal ref partial struct FhirEncoder
{
    /// <summary>The maximum depth of JSON.</summary>
    public const int MaxDepth = JsonCursor.MaxDepth;

    // The longest name of an element, with each letter escaped.
    private const int MaxEscapedName = 256;

    private readonly Span<byte> _destination;
    private readonly ReadOnlySpan<byte> _json;
    private readonly ResourceMap _map;
    private readonly FhirPseudonyms? _pseudonyms;
    private JsonCursor _reader;
    private FieldPlan? _culprit;
    private int _end;
    private int _deferredAt;
    private int _deferredLength;
    private bool _isDeferring;
    private JsonCursor _words;
    private ElementMap? _wordsElement;
    private bool _hasWords;
    private bool _hasWithheld;
    private bool _isUnpublished;

    private FhirEncoder(ResourceMap map, ReadOnlySpan<byte> json, FhirPseudonyms? pseudonyms, Span<byte> destination)
    {
        _map = map;
        _json = json;
        _pseudonyms = pseudonyms;
        _destination = destination;
        _reader = new JsonCursor(json);
    }

    /// <summary>Translates a resource.</summary>
    /// <param name="map">The map of its type.</param>
    /// <param name="json">The resource in UTF-8.</param>
    /// <param name="pseudonyms">Replaces ids; null to keep them.</param>
    /// <param name="destination">Receives the message; undefined after a failure.</param>
    /// <param name="length">The bytes written; 0 after a failure.</param>
    public static FhirStatus Encode(
        ResourceMap map, ReadOnlySpan<byte> json, FhirPseudonyms? pseudonyms, Span<byte> destination, out int length)
    {
        FhirEncoder encoder = new(map, json, pseudonyms, destination);
        FhirError error = encoder.EncodeMessage();
        if (encoder._reader.IsMalformed)
        {
            length = 0;
            return new FhirStatus(FhirError.MalformedJson, null);
        }

        length = error == FhirError.None ? encoder._end : 0;
        return new FhirStatus(error, encoder._culprit);
    }

    private FhirError EncodeMessage()
    {
        RecordPlan plan = _map.Schema.Plan;
        if (_destination.Length < plan.FixedLength)
        {
            return FhirError.DestinationTooSmall;
        }

        _destination[..plan.FixedLength].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(_destination, _map.Schema.Id);
        BinaryPrimitives.WriteUInt64LittleEndian(_destination[8..], _map.Schema.Shape);
        _end = plan.FixedLength;
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
        {
            return FhirError.WrongType;
        }

        FieldSet seen = default;
        bool hasType = false;
        FhirError error = EncodeMembers(_map.Root, 0, ref seen, ref hasType);
        if (error != FhirError.None)
        {
            return error;
        }

        // Malformed if text follows the object. EncodeDeferred replaces the reader, which remembers this.
        if (_reader.Read() || _reader.IsMalformed)
        {
            return FhirError.MalformedJson;
        }

        error = hasType ? Missing(plan, in seen) : FhirError.WrongResourceType;
        return error == FhirError.None && _deferredLength > 0 ? EncodeDeferred(ref seen) : error;
    }

    /// <summary>Encodes the array that was skipped inside its object.</summary>
    private FhirError EncodeDeferred(ref FieldSet seen)
    {
        _reader = new JsonCursor(_json.Slice(_deferredAt, _deferredLength));
        _isDeferring = true;
        _reader.Read();
        return Apply(_map.Deferred!, 0, ref seen);
    }

    private FhirError EncodeRecord(RecordMap map, int record)
    {
        if (map.IsGuarded)
        {
            return EncodeGuarded(map, record);
        }

        if (map.Words is { } words)
        {
            return EncodeWithWords(map, words, record);
        }

        FieldSet seen = default;
        bool isType = false;
        FhirError error = EncodeMembers(map, record, ref seen, ref isType);
        return error == FhirError.None ? Missing(map.Plan, in seen) : error;
    }

    private FhirError Missing(RecordPlan plan, in FieldSet seen)
    {
        int missing = plan.Required.FirstNotIn(in seen);
        return missing < 0 ? FhirError.None : Fail(FhirError.Missing, plan.Fields[missing]);
    }

    /// <summary>Encodes members until the object ends. The reader is at the start of the object.</summary>
    private FhirError EncodeMembers(RecordMap map, int record, ref FieldSet seen, ref bool hasType)
    {
        int expected = 0;
        while (_reader.ReadName())
        {
            int index = _reader.IsEscaped ? FindEscaped(map) : map.Find(_reader.Value, expected);
            if (!_reader.ReadValue())
            {
                break;
            }

            if (index < 0)
            {
                _reader.Skip();
                continue;
            }

            expected = index + 1;
            ElementMap element = map[index];
            FhirError error = element.Kind == ElementKind.ResourceType ? CheckType(ref hasType) : Apply(element, record, ref seen);
            if (error != FhirError.None)
            {
                return Fail(error, element.Field);
            }
        }

        return _reader.TokenType == JsonTokenType.EndObject ? FhirError.None : FhirError.MalformedJson;
    }

    /// <summary>Finds a member whose name has escapes, which no writer needs.</summary>
    private int FindEscaped(RecordMap map)
    {
        Span<byte> name = stackalloc byte[MaxEscapedName];
        return _reader.Value.Length <= name.Length ? map.Find(name[.._reader.CopyString(name)], 0) : -1;
    }

    private FhirError CheckType(ref bool hasType)
    {
        bool isSame = !hasType && _reader.TokenType == JsonTokenType.String && _reader.TextEquals(_map.TypeBytes);
        hasType = true;
        return isSame ? FhirError.None : FhirError.WrongResourceType;
    }

    private FhirError Apply(ElementMap element, int record, ref FieldSet seen)
    {
        switch (element.Kind)
        {
            case ElementKind.Flatten:
                bool isType = false;
                return _reader.TokenType == JsonTokenType.StartObject
                    ? EncodeMembers(element.Record!, record, ref seen, ref isType) : FhirError.WrongType;
            case ElementKind.Deferred:
                return Defer();
        }

        FieldPlan field = element.Field!;
        if (seen.Contains(field.Ordinal))
        {
            return FhirError.Duplicate;
        }

        seen.Add(field.Ordinal);
        if (element.Withholding != Withholding.Never && IsWithheld(element))
        {
            return Withhold(element);
        }

        if (ReferenceEquals(element, _wordsElement))
        {
            _words = _reader;
            _hasWords = true;
            return _reader.TokenType == JsonTokenType.String ? FhirError.None : FhirError.WrongType;
        }

        if (element.IsArray)
        {
            return _reader.TokenType == JsonTokenType.StartArray ? EncodeArray(element, record) : FhirError.WrongType;
        }

        switch (element.Kind)
        {
            case ElementKind.Decimal:
                seen.Add(element.Scale!.Ordinal);
                return WriteDecimal(element.Field!, element.Scale, record);
            case ElementKind.Choice:
                return EncodeChoice(element, record);
            case ElementKind.Object or ElementKind.DecimalObject:
                int begin = _end;
                FhirError error = EncodeObject(element);
                SetReference(field, record, begin);
                return error;
            case ElementKind.Text or ElementKind.Id or ElementKind.Reference:
                return EncodeText(element, record);
            default:
                return EncodeScalar(element, record);
        }
    }

    /// <summary>Skips an array, and remembers it for the end of the message.</summary>
    private FhirError Defer()
    {
        if (_isDeferring)
        {
            return FhirError.NotRepresentable;
        }

        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            return FhirError.WrongType;
        }

        if (_deferredLength > 0)
        {
            return FhirError.Duplicate;
        }

        _deferredAt = _reader.TokenStart;
        _reader.Skip();
        _deferredLength = _reader.Consumed - _deferredAt;
        return FhirError.None;
    }

    private FhirError EncodeChoice(ElementMap element, int record)
    {
        int begin = _end;
        if (!TryBeginObject(element.Record!.Plan))
        {
            return FhirError.DestinationTooSmall;
        }

        FieldSet inner = default;
        FhirError error = element.Record.Words is { } words && element.Inner!.Record is { Words: null } value
            ? EncodeValue(element.Inner, value, words, begin, ref inner) : Apply(element.Inner!, begin, ref inner);
        SetReference(element.Field!, record, begin);
        return error;
    }

    private FhirError EncodeObject(ElementMap element)
    {
        int begin = _end;
        RecordPlan plan = element.Record!.Plan;
        if (!TryBeginObject(plan))
        {
            return FhirError.DestinationTooSmall;
        }

        if (element.Kind == ElementKind.DecimalObject)
        {
            return WriteDecimal(plan.Fields[0], plan.Fields[1], begin);
        }

        return _reader.TokenType == JsonTokenType.StartObject ? EncodeRecord(element.Record, begin) : FhirError.WrongType;
    }

    private FhirError EncodeArray(ElementMap element, int record)
    {
        int begin = _end;
        if (!TryReserve(SequenceWalker.PrefixSize))
        {
            return FhirError.DestinationTooSmall;
        }

        int count = 0;
        while (_reader.ReadItem())
        {
            // The arrays of a primitive and of its extensions have the same length; null fills gaps (FHIR R4, 2.6.2).
            if (_reader.TokenType == JsonTokenType.Null && element.Kind == ElementKind.Text)
            {
                continue;
            }

            int at = _end;
            if (!TryReserve(SequenceWalker.PrefixSize))
            {
                return FhirError.DestinationTooSmall;
            }

            FhirError error = element.Kind == ElementKind.Object ? EncodeObject(element) : AppendText(element);
            if (error != FhirError.None)
            {
                return error;
            }

            BinaryPrimitives.WriteInt32LittleEndian(_destination[at..], _end - at - SequenceWalker.PrefixSize);
            count++;
        }

        BinaryPrimitives.WriteInt32LittleEndian(_destination[begin..], count);
        SetReference(element.Field!, record, begin);
        return FhirError.None;
    }

    private bool TryBeginObject(RecordPlan plan)
    {
        int begin = _end;
        if (!TryReserve(plan.FixedLength))
        {
            return false;
        }

        _destination.Slice(begin, plan.FixedLength).Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(_destination[begin..], (ushort)plan.FixedLength);
        return true;
    }

    private bool TryReserve(int bytes)
    {
        bool fits = _destination.Length - _end >= bytes;
        _end += fits ? bytes : 0;
        return fits;
    }

    private readonly void SetReference(FieldPlan field, int record, int begin) =>
        BinaryPrimitives.WriteUInt64LittleEndian(
            _destination[(record + field.Offset)..], RecordReads.Reference(begin - record, _end - begin));

    /// <summary>Records the innermost field of an error.</summary>
    private FhirError Fail(FhirError error, FieldPlan? field)
    {
        _culprit ??= error == FhirError.MalformedJson ? null : field;
        return error;
    }
}
