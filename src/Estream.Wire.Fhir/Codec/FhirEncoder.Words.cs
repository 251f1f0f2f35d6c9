using System.Text.Json;
using Estream.Esf.Internal;

namespace Estream.Wire.Fhir.Codec;

/// <summary>
/// Keeps text about a patient out of plaintext. The schemas have codings and quantities in plaintext, so the encoder writes a string
/// there only if the string is a code of a published terminology. Withheld strings are appended to the next private text around them, or
/// omitted without such a text.
/// </summary>
internal ref partial struct FhirEncoder
{
    /// <summary>Encodes a coding or quantity. Its members can be in any order, so the system is read first.</summary>
    private FhirError EncodeGuarded(RecordMap map, int record)
    {
        _isUnpublished = !HasPublishedCode(map);
        FieldSet seen = default;
        bool isType = false;
        FhirError error = EncodeMembers(map, record, ref seen, ref isType);
        return error == FhirError.None ? Missing(map.Plan, in seen) : error;
    }

    /// <summary>Encodes a record with a private text, which is written after the other members.</summary>
    private FhirError EncodeWithWords(RecordMap map, ElementMap words, int record)
    {
        JsonCursor start = _reader;
        JsonCursor outerWords = _words;
        (ElementMap? outerElement, bool hadWords, bool hadWithheld) = (_wordsElement, _hasWords, _hasWithheld);
        (_wordsElement, _hasWords, _hasWithheld) = (words, false, false);
        FieldSet seen = default;
        bool isType = false;
        FhirError error = EncodeMembers(map, record, ref seen, ref isType);
        error = error == FhirError.None ? Missing(map.Plan, in seen) : error;
        error = error == FhirError.None ? WriteWords(start, map, words, record) : error;
        _words = outerWords;
        (_wordsElement, _hasWords, _hasWithheld) = (outerElement, hadWords, hadWithheld);
        return error;
    }

    /// <summary>Encodes one type of a choice whose record has a private text.</summary>
    private FhirError EncodeValue(ElementMap element, RecordMap value, ElementMap words, int record, ref FieldSet seen)
    {
        JsonCursor start = _reader;
        (bool hadWords, bool hadWithheld) = (_hasWords, _hasWithheld);
        (_hasWords, _hasWithheld) = (false, false);
        FhirError error = Apply(element, record, ref seen);
        error = error == FhirError.None ? WriteWords(start, value, words, record) : error;
        (_hasWords, _hasWithheld) = (hadWords, hadWithheld);
        return error;
    }

    /// <summary>Writes the private text of a record: its own, then the withheld strings.</summary>
    private FhirError WriteWords(JsonCursor start, RecordMap map, ElementMap words, int record)
    {
        if (!_hasWords && !_hasWithheld)
        {
            return FhirError.None;
        }

        JsonCursor end = _reader;
        int begin = _end;
        FhirError error = FhirError.None;
        if (_hasWords)
        {
            _reader = _words;
            error = AppendText(words);
        }

        if (error == FhirError.None && _hasWithheld)
        {
            _reader = start;
            error = AppendWithheld(map, words, begin);
        }

        error = _reader.IsMalformed ? FhirError.MalformedJson : error;
        _reader = end;
        SetReference(words.Field!, record, begin);
        return error == FhirError.None ? error : Fail(error, words.Field);
    }

    /// <summary>Appends the withheld strings of a record and of the records inside. The reader is at the start of the object.</summary>
    private FhirError AppendWithheld(RecordMap map, ElementMap words, int begin)
    {
        bool isUnpublished = map.IsGuarded && !HasPublishedCode(map);
        FhirError error = FhirError.None;
        while (error == FhirError.None && _reader.ReadName())
        {
            int index = _reader.IsEscaped ? FindEscaped(map) : map.Find(_reader.Value, 0);
            _reader.ReadValue();
            ElementMap? element = index < 0 ? null : map[index];
            _isUnpublished = isUnpublished;
            if (element is { Withholding: not Withholding.Never } && IsWithheld(element))
            {
                error = AppendSeparated(words, begin);
            }
            else if (element is not { Kind: ElementKind.Object, Record: { Words: null } inner })
            {
                _reader.Skip();
            }
            else if (!element.IsArray)
            {
                error = AppendWithheld(inner, words, begin);
            }
            else
            {
                while (error == FhirError.None && _reader.ReadItem())
                {
                    error = AppendWithheld(inner, words, begin);
                }
            }
        }

        return error;
    }

    private FhirError AppendSeparated(ElementMap words, int begin)
    {
        int at = _end;
        if (at > begin)
        {
            if (!TryReserve(2))
            {
                return FhirError.DestinationTooSmall;
            }

            "; "u8.CopyTo(_destination[at..]);
        }

        return AppendText(words);
    }

    /// <summary>Checks a string that is withheld, and leaves nothing of it in the destination.</summary>
    private FhirError Withhold(ElementMap element)
    {
        int begin = _end;
        FhirError error = AppendText(element);
        _destination[begin.._end].Clear();
        _end = begin;
        _hasWithheld = true;
        return error;
    }

    private readonly bool IsWithheld(ElementMap element) => element.Withholding switch
    {
        Withholding.Always => true,
        Withholding.UnlessUnit => _isUnpublished || !UnitCodes.IsUnit(_reader.Value),
        Withholding.UnlessResourceType => !ResourceTypes.IsKnown(_reader.Value),
        Withholding.UnlessIdentifierSystem => !Terminologies.IsIdentifierSystem(_reader.Value),
        Withholding.UnlessSamples => !CodeForms.IsSamples(_reader.Value),
        _ => _isUnpublished,
    };

    /// <summary>Whether the code of a coding or quantity is a code of a published terminology, by system and form. The reader is at the
    /// start of the object, and stays there.</summary>
    private bool HasPublishedCode(RecordMap map)
    {
        JsonCursor start = _reader;
        ReadOnlySpan<byte> system = default;
        ReadOnlySpan<byte> code = default;
        bool isVersion = true;
        while (_reader.ReadName())
        {
            int index = _reader.IsEscaped ? FindEscaped(map) : map.Find(_reader.Value, 0);
            string name = index < 0 ? "" : map[index].Name;
            if (!_reader.ReadValue())
            {
                break;
            }

            ReadOnlySpan<byte> value = _reader.TokenType == JsonTokenType.String ? _reader.Value : default;
            switch (name)
            {
                case "system":
                    system = value;
                    break;
                case "code":
                    code = value;
                    break;
                case "version":
                    isVersion = CodeForms.IsVersion(value);
                    break;
            }

            _reader.Skip();
        }

        _reader = start;
        return isVersion && Terminologies.IsCode(system, code);
    }
}
