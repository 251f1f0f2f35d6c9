using System.Text;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>A forward-only position in the bytes of a file, with its line and column and the first error. The bytes are valid
/// UTF-8.</summary>
internal ref struct TomlCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _line = 1;

    // The column of the byte at _counted. Counting continues from there, so a long line is counted only once.
    private int _column = 1;
    private int _counted;

    public int At { get; private set; }

    public TomlError? Error { get; private set; }

    /// <summary>The current byte; -1 at the end of the file.</summary>
    public readonly int Current => At < _bytes.Length ? _bytes[At] : -1;

    public readonly bool IsAtLineBreak => Current == '\n' || (Current == '\r' && Peek(1) == '\n');

    public readonly bool IsAtControl => Current is (>= 0 and < ' ' and not '\t') or 0x7f;

    /// <summary>The line and column of the current position.</summary>
    public SourcePosition Here
    {
        get
        {
            for (; _counted < At; _counted++)
            {
                _column += (_bytes[_counted] & 0xC0) == 0x80 ? 0 : 1;
            }

            return new SourcePosition(_line, _column);
        }
    }

    public readonly int Peek(int distance) => At + distance < _bytes.Length ? _bytes[At + distance] : -1;

    public readonly ReadOnlySpan<byte> From(int start) => _bytes[start..At];

    /// <summary>Returns the text from an earlier position to the current one; both must be character boundaries.</summary>
    public readonly string TextFrom(int start) => Encoding.UTF8.GetString(From(start));

    /// <summary>Advances over bytes that do not end a line.</summary>
    public void Move(int count) => At += count;

    /// <summary>Counts how often a byte is repeated from the current position on.</summary>
    public readonly int CountOf(byte value)
    {
        int end = _bytes[At..].IndexOfAnyExcept(value);
        return end < 0 ? _bytes.Length - At : end;
    }

    public void SkipBlanks()
    {
        while (Current is ' ' or '\t')
        {
            At++;
        }
    }

    /// <summary>Takes a line break, if there is one.</summary>
    public bool TryTakeLineBreak()
    {
        if (!IsAtLineBreak)
        {
            return false;
        }

        At += Current == '\r' ? 2 : 1;
        _line++;
        _column = 1;
        _counted = At;
        return true;
    }

    /// <summary>Skips a comment up to the end of its line; returns false if the comment has an invalid character.</summary>
    public bool TrySkipComment()
    {
        if (Current != '#')
        {
            return true;
        }

        for (; Current >= 0 && !IsAtLineBreak; At++)
        {
            if (IsAtControl)
            {
                return Fail(TomlMessages.Control(Current));
            }
        }

        return true;
    }

    /// <summary>Skips blanks, comments and line breaks; returns false if a comment is invalid.</summary>
    public bool TrySkipLines()
    {
        do
        {
            SkipBlanks();
            if (!TrySkipComment())
            {
                return false;
            }
        }
        while (TryTakeLineBreak());
        return true;
    }

    /// <summary>Records an error at the current position. Returns false, for the caller to return.</summary>
    public bool Fail(string message) => Fail(Here, message);

    public bool Fail(SourcePosition position, string message)
    {
        Error ??= new TomlError(position, message);
        return false;
    }

    /// <summary>Records that something else is expected at the current position.</summary>
    public bool FailExpected(string wanted) =>
        Fail(IsAtControl && !IsAtLineBreak ? TomlMessages.Control(Current) : TomlMessages.Expected(wanted, Describe()));

    private readonly string Describe()
    {
        if (IsAtLineBreak || Current < 0)
        {
            return Current < 0 ? "the end of the file" : "the end of the line";
        }

        _ = Rune.DecodeFromUtf8(_bytes[At..], out Rune rune, out _);
        return Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
            or System.Globalization.UnicodeCategory.SpaceSeparator && rune.Value != ' '
            ? TomlMessages.CodePoint(rune.Value)
            : rune.Value == '\'' ? "\"'\"" : $"'{rune}'";
    }
}
