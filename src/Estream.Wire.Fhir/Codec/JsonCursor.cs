using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Estream.Wire.Fhir.Codec;

/// <summary>
/// Reads the tokens of a JSON text (RFC 8259) one by one, with the shape of <see cref="Utf8JsonReader"/>. Accepts the same texts as that
/// reader. Allocates nothing and never throws: malformed text ends the tokens, and <see cref="IsMalformed"/> is true.
/// </summary>
internal ref struct JsonCursor
{
    /// <summary>The maximum depth: one bit of <see cref="_objects"/> for each level.</summary>
    public const int MaxDepth = 64;

    private readonly ReadOnlySpan<byte> _json;
    private JsonQuotes _quotes;
    private ulong _objects;
    private int _depth;
    private int _at;

    public JsonCursor(ReadOnlySpan<byte> json)
    {
        _json = json;
        _quotes = new JsonQuotes(json);
    }

    /// <summary>The type of the token; None before the first, and in malformed text.</summary>
    public JsonTokenType TokenType { get; private set; }

    /// <summary>Whether the text is malformed.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>The offset of the first byte of the token.</summary>
    public int TokenStart { get; private set; }

    /// <summary>The offset after the token, and after the colon of a name.</summary>
    public readonly int Consumed => _at;

    /// <summary>The token: a string without its quotes and with its escapes.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether the string has escapes.</summary>
    public readonly bool IsEscaped => TokenStart < _quotes.EscapesEnd && Value.Contains((byte)'\\');

    /// <summary>Whether the string is ASCII. Other text can be malformed UTF-8.</summary>
    public readonly bool IsAscii => TokenStart >= _quotes.WideEnd || Ascii.IsValid(Value);

    private readonly bool IsInObject => (_objects & 1) != 0;

    /// <summary>Reads the next token.</summary>
    /// <returns>False at the end and in malformed text.</returns>
    public bool Read()
    {
        switch (TokenType)
        {
            case JsonTokenType.PropertyName:
                return ReadValue();
            case JsonTokenType.None:
                return !IsMalformed && ReadValue();
        }

        if (_depth == 0)
        {
            _ = Peek();
            return _at != _json.Length && Malformed();
        }

        _ = IsInObject ? ReadName() : ReadItem();
        return !IsMalformed;
    }

    /// <summary>Reads the name of the next member. Call it only in an object, and read each value with
    /// <see cref="ReadValue()"/>.</summary>
    /// <returns>False at the end of the object and in malformed text.</returns>
    public bool ReadName() =>
        MoveNext(JsonTokenType.StartObject, (byte)'}', JsonTokenType.EndObject, out byte next) && ReadName(next);

    /// <summary>Reads the next item. Call it only in an array.</summary>
    /// <returns>False at the end of the array and in malformed text.</returns>
    public bool ReadItem() =>
        MoveNext(JsonTokenType.StartArray, (byte)']', JsonTokenType.EndArray, out byte next) && ReadValue(next);

    /// <summary>Reads the value of the member whose name was read last.</summary>
    /// <returns>False in malformed text.</returns>
    public bool ReadValue() => ReadValue(Peek());

    /// <summary>Moves to the end of the object or array that begins here; does nothing at another value.</summary>
    public void Skip()
    {
        if (TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            int outer = _depth - 1;
            while (_depth > outer && Read())
            {
            }
        }
    }

    /// <summary>Copies the string without its escapes. Text that is not UTF-8 and half a surrogate pair are malformed.</summary>
    /// <param name="destination">At least as long as <see cref="Value"/>.</param>
    /// <returns>The length.</returns>
    public int CopyString(scoped Span<byte> destination)
    {
        try
        {
            return ReadAgain().CopyString(destination);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            Malformed();
            return 0;
        }
    }

    /// <summary>Whether the string, without its escapes, equals a text. A string with half a surrogate pair equals no text.</summary>
    public readonly bool TextEquals(ReadOnlySpan<byte> text)
    {
        try
        {
            return IsEscaped ? ReadAgain().ValueTextEquals(text) : Value.SequenceEqual(text);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads the string with the library, which removes escapes. Few strings have any.</summary>
    private readonly Utf8JsonReader ReadAgain()
    {
        Utf8JsonReader reader = new(_json.Slice(TokenStart, Value.Length + 2));
        reader.Read();
        return reader;
    }

    /// <summary>Moves to the next member or item of the object or array.</summary>
    /// <param name="begin">The token that begins the object or array.</param>
    /// <param name="close">The byte that ends it.</param>
    /// <param name="end">The token that ends it.</param>
    /// <param name="next">The first byte of the member or item.</param>
    /// <returns>False at the end and in malformed text.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool MoveNext(JsonTokenType begin, byte close, JsonTokenType end, out byte next)
    {
        next = Peek();
        if (TokenType != begin && next == (byte)',')
        {
            _at++;
            next = Peek();
            return true;
        }

        if (next == close)
        {
            End(end);
            return false;
        }

        return TokenType == begin || Malformed();
    }

    /// <summary>Skips white space and returns the next byte; 0 at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte Peek()
    {
        if ((uint)_at < (uint)_json.Length && _json[_at] > (byte)' ')
        {
            return _json[_at];
        }

        return PeekAfterSpace();
    }

    private byte PeekAfterSpace()
    {
        for (; (uint)_at < (uint)_json.Length; _at++)
        {
            byte next = _json[_at];
            if (next is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                return next;
            }
        }

        return 0;
    }

    private bool ReadName(byte next)
    {
        TokenStart = _at;
        if (next != (byte)'"' || !ReadString() || Peek() != (byte)':')
        {
            return Malformed();
        }

        _at++;
        TokenType = JsonTokenType.PropertyName;
        return true;
    }

    private bool ReadValue(byte next)
    {
        TokenStart = _at;
        switch (next)
        {
            case (byte)'"':
                TokenType = JsonTokenType.String;
                return ReadString() || Malformed();
            case (byte)'{':
                return Begin(JsonTokenType.StartObject, 1);
            case (byte)'[':
                return Begin(JsonTokenType.StartArray, 0);
            case (byte)'t':
                return ReadLiteral("true"u8, JsonTokenType.True);
            case (byte)'f':
                return ReadLiteral("false"u8, JsonTokenType.False);
            case (byte)'n':
                return ReadLiteral("null"u8, JsonTokenType.Null);
            default:
                return ReadNumber();
        }
    }

    private bool Begin(JsonTokenType type, ulong isObject)
    {
        if (_depth == MaxDepth)
        {
            return Malformed();
        }

        _objects = (_objects << 1) | isObject;
        _depth++;
        _at++;
        TokenType = type;
        return true;
    }

    private void End(JsonTokenType type)
    {
        _objects >>= 1;
        _depth--;
        TokenStart = _at++;
        TokenType = type;
    }

    private bool ReadLiteral(ReadOnlySpan<byte> literal, JsonTokenType type)
    {
        if (!_json[_at..].StartsWith(literal))
        {
            return Malformed();
        }

        _at += literal.Length;
        TokenType = type;
        return true;
    }

    private bool ReadNumber()
    {
        int at = _at + (At(_at) == (byte)'-' ? 1 : 0);
        int start = at;
        at = AfterDigits(at);
        bool isValid = at > start && (at == start + 1 || _json[start] != (byte)'0');
        if (isValid && At(at) == (byte)'.')
        {
            start = at + 1;
            at = AfterDigits(start);
            isValid = at > start;
        }

        if (isValid && (At(at) | 0x20) == 'e')
        {
            start = at + (At(at + 1) is (byte)'+' or (byte)'-' ? 2 : 1);
            at = AfterDigits(start);
            isValid = at > start;
        }

        if (!isValid)
        {
            return Malformed();
        }

        Value = _json[_at..at];
        _at = at;
        TokenType = JsonTokenType.Number;
        return true;
    }

    private readonly int AfterDigits(int at)
    {
        while (char.IsAsciiDigit((char)At(at)))
        {
            at++;
        }

        return at;
    }

    private readonly byte At(int at) => (uint)at < (uint)_json.Length ? _json[at] : (byte)0;

    /// <summary>Reads the string that begins here.</summary>
    private bool ReadString()
    {
        int start = _at + 1;
        int end = _quotes.Next() == _at ? _quotes.Next() : -1;
        if (end < start || _quotes.FirstControl < end)
        {
            return false;
        }

        Value = _json[start..end];
        _at = end + 1;
        return start >= _quotes.EscapesEnd || HasValidEscapes(start, end);
    }

    private readonly bool HasValidEscapes(int at, int end)
    {
        for (int next; (next = _json[at..end].IndexOf((byte)'\\')) >= 0;)
        {
            at += next;
            int escape = EscapeLength(at + 1);
            if (escape == 0)
            {
                return false;
            }

            at += escape;
        }

        return true;
    }

    /// <summary>The length of an escape with its backslash; 0 if it is malformed.</summary>
    private readonly int EscapeLength(int at)
    {
        if (At(at) != (byte)'u')
        {
            return "\"\\/bfnrt"u8.Contains(At(at)) ? 2 : 0;
        }

        for (int i = 1; i <= 4; i++)
        {
            if (!char.IsAsciiHexDigit((char)At(at + i)))
            {
                return 0;
            }
        }

        return 6;
    }

    private bool Malformed()
    {
        IsMalformed = true;
        _at = _json.Length;
        TokenType = JsonTokenType.None;
        return false;
    }
}
