namespace Estream.Esf.Schema.Internal;

/// <summary>A YAML text and a position in it. Skips blanks, comments and lines, and knows the markers of documents.</summary>
internal sealed class YamlText(string text)
{
    private readonly string _text = text.TrimStart('\uFEFF').Replace("\r\n", "\n").Replace('\r', '\n');
    private int _at;
    private int _line = 1;
    private int _lineStart;

    /// <summary>The current character; NUL at the end, which no text contains after <see cref="RefuseControlCharacters"/>.</summary>
    public char Current => At(0);

    public bool IsAtEnd => _at >= _text.Length;

    /// <summary>The index in the text.</summary>
    public int Index => _at;

    /// <summary>The line, counted from 1.</summary>
    public int Line => _line;

    /// <summary>The characters before the current one in its line.</summary>
    public int Indent => _at - _lineStart;

    public SourcePosition Here => new(_line, Indent + 1);

    /// <summary>Whether a line begins here with <c>---</c> or <c>...</c>.</summary>
    public bool IsAtMarker => Indent == 0 && Current is '-' or '.' && At(1) == Current && At(2) == Current && IsBlankAt(3);

    /// <summary>Whether a comment begins here.</summary>
    public bool IsAtComment => Current == '#' && (Indent == 0 || IsBlank(_text[_at - 1]));

    /// <summary>Returns a later character; NUL after the end.</summary>
    public char At(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    /// <summary>Whether a later character is a space, a tab, the end of a line or the end of the text.</summary>
    public bool IsBlankAt(int ahead) => At(ahead) is ' ' or '\t' or '\n' or '\0';

    public static bool IsBlank(char c) => c is ' ' or '\t';

    public string From(int start, int end) => _text.Substring(start, end - start);

    /// <summary>Moves within a line.</summary>
    public void Advance(int count = 1) => _at += count;

    /// <summary>Moves from the end of a line to the start of the next.</summary>
    public void AdvanceLine()
    {
        _at++;
        _line++;
        _lineStart = _at;
    }

    public void SkipBlanks()
    {
        while (IsBlank(Current))
        {
            _at++;
        }
    }

    /// <summary>Skips blanks, comments and ends of lines.</summary>
    public void SkipToToken()
    {
        while (true)
        {
            SkipBlanks();
            if (IsAtComment)
            {
                SkipLine();
            }

            if (Current != '\n')
            {
                return;
            }

            AdvanceLine();
        }
    }

    /// <summary>Skips to a token of a block, whose column has a meaning, so no tab may be before it.</summary>
    public void SkipToBlockToken()
    {
        int line = _line;
        SkipToToken();
        int tab = _line == line ? -1 : _text.IndexOf('\t', _lineStart, Indent);
        if (tab >= 0 && !IsAtEnd)
        {
            throw new YamlErrorException(DiagnosticCodes.Syntax, new SourcePosition(_line, tab - _lineStart + 1), Messages.Tab());
        }
    }

    /// <summary>Skips the end of a line, blank lines, and the blanks before the next text.</summary>
    /// <returns>The number of line ends.</returns>
    public int SkipBlankLines()
    {
        int count = 0;
        for (; Current == '\n'; count++)
        {
            AdvanceLine();
            SkipBlanks();
        }

        return count;
    }

    /// <summary>Skips to the end of the line.</summary>
    public void SkipLine()
    {
        int end = _text.IndexOf('\n', _at);
        _at = end < 0 ? _text.Length : end;
    }

    /// <summary>The number of spaces at the start of the current line, at most <paramref name="limit"/>.</summary>
    public int CountSpaces(int limit = int.MaxValue)
    {
        int count = 0;
        while (count < limit && _lineStart + count < _text.Length && _text[_lineStart + count] == ' ')
        {
            count++;
        }

        return count;
    }

    /// <summary>Returns the position for <see cref="GoBack"/>.</summary>
    public (int At, int Line, int LineStart) Remember() => (_at, _line, _lineStart);

    public void GoBack((int At, int Line, int LineStart) position) => (_at, _line, _lineStart) = position;

    public void RefuseControlCharacters()
    {
        (int At, int Line, int LineStart) start = Remember();
        while (!IsAtEnd)
        {
            if (Current == '\n')
            {
                AdvanceLine();
                continue;
            }

            if (Current < ' ' && Current != '\t')
            {
                throw Error($"the control character U+{(int)Current:X4} is not allowed. Remove it, or write an escape in double quotes.");
            }

            Advance();
        }

        GoBack(start);
    }

    /// <summary>Creates the exception for an error at the current position.</summary>
    public YamlErrorException Error(string reason) => Error(Here, reason);

    /// <summary>Creates the exception for an error at a position.</summary>
    public static YamlErrorException Error(SourcePosition position, string reason) =>
        new(DiagnosticCodes.Syntax, position, Messages.NotYaml(reason));
}
