using System.Buffers;

namespace Estream.Esf.Json;

/// <summary>The kind of a JSON value, determined by its first characters.</summary>
internal enum JsonToken
{
    Invalid,
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

/// <summary>
/// Reads JSON (RFC 8259, UTF-8) forward, one token at a time, without allocating and without throwing: a malformed payload from a device
/// must not cost more than a valid payload. The caller limits nesting, because it descends only as deep as the schema.
/// </summary>
internal ref struct JsonCursor
{
    private static readonly SearchValues<byte> s_stringStops = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(i => (byte)i), (byte)'"', (byte)'\\']);

    private readonly ReadOnlySpan<byte> _text;
    private int _at;

    public JsonCursor(ReadOnlySpan<byte> text)
    {
        _text = text;
        _at = 0;
    }

    /// <summary>The offset of the next byte to read.</summary>
    public readonly int Position => _at;

    /// <summary>The text not yet read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _text[_at..];

    /// <summary>Skips white space and returns the kind of the next value without consuming it.</summary>
    public JsonToken Peek()
    {
        if (!SkipBlanks())
        {
            return JsonToken.Invalid;
        }

        switch (_text[_at])
        {
            case (byte)'"':
                return JsonToken.String;
            case (byte)'{':
                return JsonToken.Object;
            case (byte)'[':
                return JsonToken.Array;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return JsonToken.Number;
            case (byte)'t':
                return StartsWith("true"u8) ? JsonToken.True : JsonToken.Invalid;
            case (byte)'f':
                return StartsWith("false"u8) ? JsonToken.False : JsonToken.Invalid;
            case (byte)'n':
                return StartsWith("null"u8) ? JsonToken.Null : JsonToken.Invalid;
            default:
                return JsonToken.Invalid;
        }
    }

    /// <summary>Consumes bytes that the caller inspected in <see cref="Rest"/>.</summary>
    public void Skip(int length) => _at += length;

    /// <summary>Consumes <c>true</c> or <c>false</c> after <see cref="Peek"/> returned it.</summary>
    public void TakeBool(JsonToken token) => _at += token == JsonToken.True ? 4 : 5;

    /// <summary>Skips white space and consumes a byte if it is next.</summary>
    public bool Take(byte expected)
    {
        if (!SkipBlanks() || _text[_at] != expected)
        {
            return false;
        }

        _at++;
        return true;
    }

    /// <summary>True if only white space is left.</summary>
    public bool AtEnd() => !SkipBlanks();

    /// <summary>Consumes a string and returns the text between the quotes, with escapes not yet replaced.</summary>
    public bool TryReadString(out ReadOnlySpan<byte> raw, out bool hasEscapes)
    {
        raw = default;
        hasEscapes = false;
        if (!Take((byte)'"'))
        {
            return false;
        }

        int start = _at;
        while (true)
        {
            int stop = _text[_at..].IndexOfAny(s_stringStops);
            if (stop < 0 || _text[_at + stop] < 0x20)
            {
                return false;
            }

            _at += stop + 1;
            if (_text[_at - 1] == (byte)'"')
            {
                raw = _text[start..(_at - 1)];
                return true;
            }

            hasEscapes = true;
            _at++;
            if (_at > _text.Length)
            {
                return false;
            }
        }
    }

    /// <summary>Skips white space and returns the next value if it is a string without escapes. Does not consume it.</summary>
    public bool TryLookAtString(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!SkipBlanks() || _text[_at] != (byte)'"')
        {
            return false;
        }

        ReadOnlySpan<byte> rest = _text[(_at + 1)..];
        int stop = rest.IndexOfAny(s_stringStops);
        if (stop < 0 || rest[stop] != (byte)'"')
        {
            return false;
        }

        text = rest[..stop];
        return true;
    }

    /// <summary>Consumes a number and returns its text; <paramref name="isInteger"/> is true if it has no fraction and no
    /// exponent.</summary>
    public bool TryReadNumber(out ReadOnlySpan<byte> number, out bool isInteger)
    {
        int start = _at;
        isInteger = true;
        number = default;
        if (_at < _text.Length && _text[_at] == (byte)'-')
        {
            _at++;
        }

        int first = _at;
        int digits = TakeDigits();
        if (digits == 0 || (digits > 1 && _text[first] == (byte)'0'))
        {
            return false;
        }

        if (_at < _text.Length && _text[_at] == (byte)'.')
        {
            _at++;
            isInteger = false;
            if (TakeDigits() == 0)
            {
                return false;
            }
        }

        if (_at < _text.Length && (_text[_at] | 0x20) == 'e')
        {
            _at++;
            isInteger = false;
            if (_at < _text.Length && _text[_at] is (byte)'+' or (byte)'-')
            {
                _at++;
            }

            if (TakeDigits() == 0)
            {
                return false;
            }
        }

        number = _text[start.._at];
        return true;
    }

    private int TakeDigits()
    {
        int start = _at;
        while ((uint)_at < (uint)_text.Length && (uint)(_text[_at] - '0') <= 9)
        {
            _at++;
        }

        return _at - start;
    }

    /// <summary>Moves to the next byte that is not white space; returns false at the end.</summary>
    private bool SkipBlanks()
    {
        while ((uint)_at < (uint)_text.Length)
        {
            byte b = _text[_at];
            if (b > 0x20 || b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                return true;
            }

            _at++;
        }

        return false;
    }

    private readonly bool StartsWith(ReadOnlySpan<byte> literal) => _text[_at..].StartsWith(literal);
}
