using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Estream.Marketplace.Json;

/// <summary>
/// Reads JSON that allows only one interpretation: RFC 8259 as I-JSON (RFC 7493), without duplicate names, lone surrogates and invalid
/// UTF-8. Numbers are integers of at most 2^53 - 1, and only white space may surround the value. Accepts any bytes and never throws because
/// of them; limits apply to the actual content. Linear in the bytes.
/// </summary>
internal ref struct StrictJsonReader
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly JsonLimits _limits;
    private JsonFault? _fault;
    private int _at;
    private int _depth;
    private int _values;

    private StrictJsonReader(ReadOnlySpan<byte> text, JsonLimits limits)
    {
        _text = text;
        _limits = limits;
    }

    /// <summary>Reads a value.</summary>
    /// <param name="utf8">The untrusted text.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="value">The value, if the text is valid.</param>
    /// <param name="fault">The first fault, if the text is not valid.</param>
    public static bool TryRead(ReadOnlySpan<byte> utf8, JsonLimits limits, [NotNullWhen(true)] out JsonValue? value,
        [NotNullWhen(false)] out JsonFault? fault)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limits.MaxDepth, JsonLimits.DeepestDepth);
        StrictJsonReader reader = new(utf8, limits);
        value = utf8.Length > limits.MaxBytes
            ? reader.Fail($"the text has {utf8.Length} bytes; at most {limits.MaxBytes} are allowed")
            : reader.ReadWhole();
        fault = reader._fault;
        return value is not null;
    }

    /// <summary>Reads a value whose text must be canonical, so equal values always have equal texts.</summary>
    public static bool TryReadCanonical(ReadOnlySpan<byte> utf8, JsonLimits limits, [NotNullWhen(true)] out JsonValue? value,
        [NotNullWhen(false)] out JsonFault? fault)
    {
        if (TryRead(utf8, limits, out value, out fault) && !CanonicalJson.Is(utf8, value))
        {
            byte[] canonical = CanonicalJson.Write(value);
            StrictJsonReader reader = new(utf8, limits) { _at = utf8.CommonPrefixLength(canonical) };
            value = reader.Fail(
                "the text is not canonical (RFC 8785) from here on: members in another order, white space, or an unnecessary escape");
            fault = reader._fault;
        }

        return value is not null;
    }

    private JsonValue? ReadWhole()
    {
        JsonValue? value = ReadValue();
        SkipSpace();
        return value is null || _at == _text.Length ? value : Fail("unexpected text after the end of the value");
    }

    private JsonValue? ReadValue()
    {
        SkipSpace();
        if (++_values > _limits.MaxValues)
        {
            return Fail($"there are more than {_limits.MaxValues} values");
        }

        return Peek() switch
        {
            '{' => ReadNested(),
            '[' => ReadNested(),
            '"' => ReadText() is { } text ? new JsonText(text) : null,
            '-' or (>= '0' and <= '9') => ReadNumber(),
            't' => ReadWord("true"u8, new JsonBoolean(true)),
            'f' => ReadWord("false"u8, new JsonBoolean(false)),
            'n' => ReadWord("null"u8, JsonNull.Instance),
            -1 => Fail("the text ends where a value is expected"),
            _ => Fail("a value is expected here"),
        };
    }

    private JsonValue? ReadNested()
    {
        if (_depth == _limits.MaxDepth)
        {
            return Fail($"objects and arrays are nested more than {_limits.MaxDepth} deep");
        }

        _depth++;
        JsonValue? value = _text[_at++] == '{' ? ReadObject() : ReadArray();
        _depth--;
        return value;
    }

    private JsonObject? ReadObject()
    {
        JsonObject members = new();
        if (TryTake((byte)'}'))
        {
            return members;
        }

        do
        {
            SkipSpace();
            int at = _at;
            if (Peek() != '"')
            {
                Fail("the name of a member is expected here, in quotes");
                return null;
            }

            if (ReadText() is not { } name || !Expect((byte)':') || ReadValue() is not { } value)
            {
                return null;
            }

            if (!members.TryAdd(name, value))
            {
                _at = at;
                Fail("the object already has a member of this name");
                return null;
            }
        }
        while (TryTake((byte)','));
        return Expect((byte)'}') ? members : null;
    }

    private JsonArray? ReadArray()
    {
        JsonArray items = [];
        if (TryTake((byte)']'))
        {
            return items;
        }

        do
        {
            if (ReadValue() is not { } item)
            {
                return null;
            }

            items.Add(item);
        }
        while (TryTake((byte)','));
        return Expect((byte)']') ? items : null;
    }

    private JsonInteger? ReadNumber()
    {
        int start = _at;
        _at += Peek() == '-' ? 1 : 0;
        int digits = _at;
        while (Peek() is >= '0' and <= '9')
        {
            _at++;
        }

        ReadOnlySpan<byte> number = _text[start.._at];
        bool isWhole = Peek() is not ('.' or 'e' or 'E');
        bool hasOneForm = _at - digits is > 0 and <= 16 && (_text[digits] != '0' || number.Length == 1);
        if (isWhole && hasOneForm && long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            && value is >= -JsonInteger.Largest and <= JsonInteger.Largest)
        {
            return new JsonInteger(value);
        }

        _at = start;
        Fail($"a number must be whole, without leading zeros, point or exponent, from -{JsonInteger.Largest} to "
            + $"{JsonInteger.Largest}");
        return null;
    }

    private JsonValue? ReadWord(ReadOnlySpan<byte> word, JsonValue value)
    {
        if (!_text[_at..].StartsWith(word))
        {
            return Fail("a value is expected here");
        }

        _at += word.Length;
        return value;
    }

    private string? ReadText()
    {
        JsonTextDecoder decoder = new(_text, _at + 1);
        string? text = decoder.Decode(out string? reason);
        _at = decoder.At;
        if (text is null)
        {
            Fail(reason!);
        }

        return text;
    }

    private bool TryTake(byte mark)
    {
        SkipSpace();
        bool isThere = Peek() == mark;
        _at += isThere ? 1 : 0;
        return isThere;
    }

    private bool Expect(byte mark)
    {
        if (TryTake(mark))
        {
            return true;
        }

        Fail($"'{(char)mark}' is expected here{(mark == ':' ? string.Empty : ", or ','")}");
        return false;
    }

    private readonly int Peek() => _at < _text.Length ? _text[_at] : -1;

    private void SkipSpace()
    {
        while (Peek() is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }
    }

    private JsonValue? Fail(string reason)
    {
        ReadOnlySpan<byte> before = _text[..Math.Min(_at, _text.Length)];
        _fault ??= new JsonFault(before.Length, before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'), reason);
        return null;
    }
}

/// <summary>Why a text is not valid for the strict reader.</summary>
/// <param name="Offset">The position, in bytes from the beginning.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The position in the line, in bytes from 1.</param>
/// <param name="Reason">What is wrong, and what is expected.</param>
internal sealed record JsonFault(int Offset, int Line, int Column, string Reason)
{
    public override string ToString() => $"line {Line}, column {Column}: {Reason}";
}

/// <summary>The limits of a JSON reader for untrusted content.</summary>
/// <param name="MaxBytes">The maximum size of the text, in bytes.</param>
/// <param name="MaxDepth">The maximum nesting of objects and arrays, at most 64; the outermost level is 1.</param>
/// <param name="MaxValues">The maximum number of values of all kinds, not counting member names.</param>
internal readonly record struct JsonLimits(int MaxBytes, int MaxDepth = 16, int MaxValues = 100_000)
{
    /// <summary>The upper bound for <see cref="MaxDepth"/>, because the reader is recursive.</summary>
    public const int DeepestDepth = 64;
}
