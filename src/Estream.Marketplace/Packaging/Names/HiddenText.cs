using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Names;

/// <summary>
/// Finds characters in files that a human reader does not see but a program processes: bidirectional controls, invisible characters, and
/// variation selectors that can hide code. Allows legitimate uses: emoji, joiners in scripts that need them, and direction marks in lines
/// with right-to-left letters. Linear in the bytes; not thread-safe.
/// </summary>
internal ref struct HiddenText
{
    private const int MostFound = 20;

    private static readonly SearchValues<byte> s_plain = SearchValues.Create(
        [.. Enumerable.Range(' ', 0x7F - ' ').Select(code => (byte)code), (byte)'\t', (byte)'\n', (byte)'\r', (byte)'\f']);

    private readonly ReadOnlySpan<byte> _text;
    private readonly List<HiddenCharacter> _found = [];
    private int _at;
    private int _lineStart;
    private int _line = 1;
    private int _lineLooked;
    private bool _isLineFromRight;
    private Rune _before;

    private HiddenText(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>Returns the hidden characters of a file, at most 20, from the beginning; none if the file is not text.</summary>
    /// <param name="path">The path of the file. A file with a text extension counts as text, whatever its bytes.</param>
    /// <param name="content">The content of the file.</param>
    public static IReadOnlyList<HiddenCharacter> Find(string path, ReadOnlySpan<byte> content)
    {
        if (!TextFiles.IsOne(path) && (content.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(content)))
        {
            return [];
        }

        HiddenText text = new(content);
        text.Run();
        return text._found;
    }

    private void Run()
    {
        while (_found.Count < MostFound && SkipPlain())
        {
            OperationStatus status = Rune.DecodeFromUtf8(_text[_at..], out Rune rune, out int length);
            if (status != OperationStatus.Done)
            {
                Add($"the byte 0x{_text[_at]:X2}, which is not valid UTF-8");
            }
            else if (IsSuspect(rune, length))
            {
                Add("U+" + rune.Value.ToString("X4", CultureInfo.InvariantCulture));
            }

            _before = rune;
            _at += length;
        }
    }

    // Skips to the next byte that is not plain text.
    private bool SkipPlain()
    {
        ReadOnlySpan<byte> rest = _text[_at..];
        int end = rest.IndexOfAnyExcept(s_plain);
        ReadOnlySpan<byte> plain = end < 0 ? rest : rest[..end];
        int breaks = plain.Count((byte)'\n');
        if (breaks > 0)
        {
            _line += breaks;
            _lineStart = _at + plain.LastIndexOf((byte)'\n') + 1;
        }

        _before = plain.IsEmpty ? _before : new Rune(plain[^1]);
        _at += plain.Length;
        return end >= 0;
    }

    private void Add(string what)
    {
        int column = 1;
        foreach (byte unit in _text[_lineStart.._at])
        {
            column += (unit & 0xC0) == 0x80 ? 0 : 1;
        }

        _found.Add(new HiddenCharacter(_line, column, what));
    }

    private bool IsSuspect(Rune rune, int length)
    {
        if (HiddenCharacters.IsBlank(rune) || rune.Value is (>= 0xE0000 and <= 0xE00FF) or (>= 0xE01F0 and <= 0xE0FFF) or 0x2065
            or (>= 0xFFF0 and <= 0xFFF8))
        {
            return true;
        }

        if (HiddenCharacters.IsSelector(rune))
        {
            return !IsSelected(rune);
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse =>
                true,
            UnicodeCategory.Format => rune.Value switch
            {
                0xFEFF => _at > 0,
                0x200C => !IsBetweenLetters(length),
                0x200D => !IsBetweenLetters(length) && !IsBetweenSymbols(length),
                0x200E or 0x200F or 0x061C => !IsLineFromRight(),
                _ => true,
            },
            _ => false,
        };
    }

    // Accepts the text and emoji presentation selectors and the Mongolian selectors, at most one after each character.
    private readonly bool IsSelected(Rune selector) => selector.Value switch
    {
        0xFE0E or 0xFE0F => IsSymbol(_before) || _before.Value is (>= '0' and <= '9') or '#' or '*' or 0x203C or 0x2049 or 0x3030 or 0x303D,
        >= 0x180B and <= 0x180F => _before.Value is >= 0x1820 and <= 0x18AF,
        _ => false,
    };

    private readonly Rune After(int length) => Rune.DecodeFromUtf8(_text[(_at + length)..], out Rune rune, out _) == OperationStatus.Done
        ? rune
        : default;

    private readonly bool IsBetweenLetters(int length) => IsForeignLetter(_before) && IsForeignLetter(After(length));

    private readonly bool IsBetweenSymbols(int length) => (IsSymbol(_before) || _before.Value == 0xFE0F) && IsSymbol(After(length));

    private static bool IsForeignLetter(Rune rune) => rune.Value >= 0x590 && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherLetter
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark && !HiddenCharacters.IsSelector(rune)
            && !HiddenCharacters.IsBlank(rune);

    private static bool IsSymbol(Rune rune) => rune.Value > 0x7F && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol
        or UnicodeCategory.MathSymbol or UnicodeCategory.ModifierSymbol;

    // Computes the result once per line, so that a long line with many direction marks takes linear time.
    private bool IsLineFromRight()
    {
        if (_lineLooked != _line)
        {
            _lineLooked = _line;
            _isLineFromRight = false;
            ReadOnlySpan<byte> line = _text[_lineStart..];
            int end = line.IndexOf((byte)'\n');
            for (line = end < 0 ? line : line[..end]; !line.IsEmpty && !_isLineFromRight;)
            {
                _ = Rune.DecodeFromUtf8(line, out Rune rune, out int length);
                _isLineFromRight = Rune.IsLetter(rune) && rune.Value is (>= 0x590 and <= 0x8FF) or (>= 0xFB1D and <= 0xFDFF)
                    or (>= 0xFE70 and <= 0xFEFC) or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF);
                line = line[length..];
            }
        }

        return _isLineFromRight;
    }
}

/// <summary>A hidden character in a file.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column in characters, from 1.</param>
/// <param name="What">The name of the character or byte.</param>
internal readonly record struct HiddenCharacter(int Line, int Column, string What);

/// <summary>Classifies characters that are invisible or change the direction of others. Thread-safe; holds no state.</summary>
internal static class HiddenCharacters
{
    /// <summary>Returns whether a character is hidden in a single-line text, where no hidden character is legitimate.</summary>
    public static bool IsHidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        || IsSelector(rune) || IsBlank(rune);

    /// <summary>Returns whether a character selects a variant of the preceding one.</summary>
    public static bool IsSelector(Rune rune) => rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF)
        or (>= 0x180B and <= 0x180D) or 0x180F;

    /// <summary>Returns whether a character is a letter or a mark without a visible shape.</summary>
    public static bool IsBlank(Rune rune) => rune.Value is 0x034F or 0x115F or 0x1160 or 0x3164 or 0xFFA0;
}

/// <summary>Decides by file name which files programs or people read as text. Thread-safe; holds no state.</summary>
internal static class TextFiles
{
    private static readonly FrozenSet<string> s_endings = new[]
    {
        ".c", ".cpp", ".cs", ".csproj", ".css", ".csv", ".fs", ".go", ".h", ".htm", ".html", ".ini", ".java", ".js", ".json", ".jsx",
        ".map", ".md", ".mjs", ".cjs", ".props", ".ps1", ".py", ".rs", ".sh", ".sql",
        ".svg", ".sv", ".targets", ".toml", ".ts", ".tsx", ".txt", ".v", ".vhd", ".xml", ".xsd", ".yaml", ".yml",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_names =
        new[] { "LICENSE", "NOTICE", "README", "Makefile", "Dockerfile" }.ToFrozenSet(StringComparer.Ordinal);

    public static bool IsOne(string path) => s_endings.Contains(Path.GetExtension(path)) || s_names.Contains(Path.GetFileName(path));
}
