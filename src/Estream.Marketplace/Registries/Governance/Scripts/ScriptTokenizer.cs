using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Estream.Circuits;

namespace Estream.Marketplace.Governance.Scripts;

/// <summary>
/// Splits an ECMAScript module into tokens. Skips comments, and separates code from string literals, templates and regular expressions. If
/// the separation is ambiguous, it stops with a <see cref="Fault"/>, so that code that a browser would run is never taken for a string.
/// Runs in linear time, without recursion.
/// </summary>
internal ref struct ScriptTokenizer
{
    private readonly ReadOnlySpan<byte> _source;
    private readonly ScriptNesting _nesting = new();
    private int _at;
    private int _line = 1;
    private ScriptContext _place = ScriptContext.Statement;
    private bool _isBehindFor;
    private bool _isBehindDot;
    private bool _isBehindLineBreak;

    public ScriptTokenizer(ReadOnlySpan<byte> source)
    {
        _source = source;
        if (!Utf8.IsValid(source))
        {
            Fault = "the bundle is not UTF-8";
        }

        if (source.StartsWith("#!"u8))
        {
            SkipLine();
        }
    }

    /// <summary>Why the rest cannot be read; null if there is no fault.</summary>
    public string? Fault { get; private set; }

    /// <summary>The current line, from 1.</summary>
    public readonly int Line => _line;

    private readonly byte Next => _at < _source.Length ? _source[_at] : (byte)0;

    private readonly byte Second => _at + 1 < _source.Length ? _source[_at + 1] : (byte)0;

    /// <summary>Reads the next token.</summary>
    /// <returns>False at the end of the script or on a fault.</returns>
    public bool TryRead(out ScriptToken token)
    {
        token = default;
        if (Fault is not null || !SkipBlanks())
        {
            return false;
        }

        if (_at == _source.Length)
        {
            Fault = _nesting.IsEmpty ? null : "the bundle ends inside of brackets";
            return false;
        }

        token = Next switch
        {
            (byte)'"' or (byte)'\'' => ReadText(Next),
            (byte)'`' => ReadTemplate(),
            (byte)'#' => ReadName(ScriptTokenKind.PrivateName, _at + 1),
            >= (byte)'0' and <= (byte)'9' => ReadNumber(),
            (byte)'.' when IsDigit(Second) => ReadNumber(),
            (byte)'/' => ReadSlash(),
            (byte)'}' when !_nesting.IsEmpty && _nesting.Innermost == ScriptBracket.Substitution => ReadTemplate(),
            byte next when IsNamePart(next) => ReadName(ScriptTokenKind.Name, _at),
            _ => ReadMark(),
        };
        _isBehindLineBreak = false;
        return Fault is null;
    }

    private static bool IsDigit(byte value) => value is >= (byte)'0' and <= (byte)'9';

    private static bool IsNamePart(byte value) =>
        value is (byte)'$' or (byte)'_' or (byte)'\\' or >= 0x80 || char.IsAsciiLetterOrDigit((char)value);

    private ScriptToken Fail(string fault)
    {
        Fault ??= fault;
        return default;
    }

    // Skips white space and comments.
    private bool SkipBlanks()
    {
        while (_at < _source.Length)
        {
            byte next = _source[_at];
            if (next == '/' && Second == '/')
            {
                SkipLine();
            }
            else if (next == '/' && Second == '*')
            {
                if (!TrySkipComment())
                {
                    return false;
                }
            }
            else if (BlankLength(out bool isLineBreak) is > 0 and int length)
            {
                CountLine(isLineBreak);
                _at += length;
            }
            else
            {
                break;
            }
        }

        return true;
    }

    private void CountLine(bool isLineBreak)
    {
        if (isLineBreak)
        {
            _isBehindLineBreak = true;
            _line++;
        }
    }

    // Returns the number of white space bytes here. A carriage return with a line feed is one line break.
    private readonly int BlankLength(out bool isLineBreak)
    {
        byte next = _source[_at];
        isLineBreak = next is (byte)'\n' or (byte)'\r';
        if (next < 0x80)
        {
            return next == '\r' && Second == '\n' ? 2 : next is (byte)' ' or (byte)'\t' or 0x0B or 0x0C || isLineBreak ? 1 : 0;
        }

        _ = Rune.DecodeFromUtf8(_source[_at..], out Rune rune, out int length);
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        isLineBreak = category is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
        return isLineBreak || category == UnicodeCategory.SpaceSeparator || rune.Value == 0xFEFF ? length : 0;
    }

    private void SkipLine()
    {
        while (_at < _source.Length)
        {
            int length = _source[_at..].IndexOfAny((byte)'\n', (byte)'\r', (byte)0xE2);
            _at = length < 0 ? _source.Length : _at + length;
            if (_at < _source.Length && BlankLength(out bool isLineBreak) >= 0 && isLineBreak)
            {
                return;
            }

            _at = Math.Min(_at + 1, _source.Length);
        }
    }

    private bool TrySkipComment()
    {
        int length = _source[(_at + 2)..].IndexOf("*/"u8);
        if (length < 0)
        {
            Fault = "a comment is not closed";
            return false;
        }

        int breaks = LineBreaks(_source.Slice(_at + 2, length));
        _isBehindLineBreak |= breaks > 0;
        _line += breaks;
        _at += length + 4;
        return true;
    }

    // Approximate, for display only: does not count lone carriage returns and the non-ASCII line separators.
    private static int LineBreaks(ReadOnlySpan<byte> text) => text.Count((byte)'\n');

    private ScriptToken ReadName(ScriptTokenKind kind, int start)
    {
        int line = _line;
        _at = start;
        while (_at < _source.Length && IsNamePart(_source[_at]))
        {
            if (_source[_at] == '\\')
            {
                if (!TrySkipEscape())
                {
                    return Fail("a name has an escape that hides an ASCII character, or that is invalid");
                }
            }
            else if (_source[_at] >= 0x80)
            {
                if (BlankLength(out _) > 0)
                {
                    break;
                }

                _ = Rune.DecodeFromUtf8(_source[_at..], out _, out int length);
                _at += length;
            }
            else
            {
                _at++;
            }
        }

        if (_at == start)
        {
            return Fail("a '#' is not followed by a name");
        }

        ReadOnlySpan<byte> name = _source[start.._at];
        Enter(kind == ScriptTokenKind.PrivateName || _isBehindDot ? ScriptContext.Value : BehindWord(name));
        return new ScriptToken(kind, start, name.Length, line);
    }

    // In 'for await (', the parentheses are those of the loop.
    private ScriptContext BehindWord(ReadOnlySpan<byte> name)
    {
        bool isAwaitOfLoop = _isBehindFor && name.SequenceEqual("await"u8);
        ScriptContext place = isAwaitOfLoop ? ScriptContext.ConditionWord : ScriptWords.Behind(name);
        _isBehindFor = place == ScriptContext.ConditionWord && name.SequenceEqual("for"u8);
        return place;
    }

    // Skips \uXXXX and \u{X…}, which bundlers use for non-ASCII names. Escaped ASCII has no legitimate use and is refused.
    private bool TrySkipEscape()
    {
        ReadOnlySpan<byte> rest = _source[_at..];
        if (!rest.StartsWith("\\u"u8))
        {
            return false;
        }

        bool isBraced = rest.Length > 2 && rest[2] == '{';
        int start = isBraced ? 3 : 2;
        int length = isBraced ? rest[start..].IndexOf((byte)'}') : 4;
        if (length is < 1 or > 6 || rest.Length < start + length
            || !uint.TryParse(rest.Slice(start, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            || value < 0x80)
        {
            return false;
        }

        _at += start + length + (isBraced ? 1 : 0);
        return true;
    }

    private ScriptToken ReadNumber()
    {
        int start = _at;
        if (_source[_at] == '0' && (Second | 0x20) is 'x' or 'o' or 'b')
        {
            _at += 2;
            while (char.IsAsciiHexDigit((char)Next) || Next == '_')
            {
                _at++;
            }
        }
        else
        {
            SkipDigits();
            if (Next == '.')
            {
                _at++;
                SkipDigits();
            }

            SkipExponent();
        }

        _at += Next == 'n' ? 1 : 0;
        if (IsNamePart(Next) && !(Next >= 0x80 && BlankLength(out _) > 0))
        {
            return Fail("a name follows a number without a separator");
        }

        Enter(ScriptContext.Value);
        return new ScriptToken(ScriptTokenKind.Number, start, _at - start, _line);
    }

    private void SkipDigits()
    {
        while (IsDigit(Next) || Next == '_')
        {
            _at++;
        }
    }

    private void SkipExponent()
    {
        if ((Next | 0x20) != 'e')
        {
            return;
        }

        int digits = _at + (Second is (byte)'+' or (byte)'-' ? 2 : 1);
        if (digits < _source.Length && IsDigit(_source[digits]))
        {
            _at = digits;
            SkipDigits();
        }
    }

    private ScriptToken ReadText(byte quote)
    {
        (int start, int line) = (_at + 1, _line);
        _at = start;
        while (true)
        {
            int length = _source[_at..].IndexOfAny([quote, (byte)'\\', (byte)'\n', (byte)'\r']);
            _at += Math.Max(length, 0);
            if (length < 0 || _source[_at] is (byte)'\n' or (byte)'\r')
            {
                return Fail("a string is not closed");
            }

            if (_source[_at] == quote)
            {
                break;
            }

            if (!TrySkipPair())
            {
                return Fail("a string is not closed");
            }
        }

        _at++;
        Enter(ScriptContext.Value);
        return new ScriptToken(ScriptTokenKind.Text, start, _at - 1 - start, line);
    }

    // Skips a backslash and the character after it, which may be a line break.
    private bool TrySkipPair()
    {
        if (_at + 1 >= _source.Length)
        {
            return false;
        }

        bool isPair = _source[_at + 1] == '\r' && _at + 2 < _source.Length && _source[_at + 2] == '\n';
        _line += _source[_at + 1] is (byte)'\n' or (byte)'\r' ? 1 : 0;
        _at += isPair ? 3 : 2;
        return true;
    }

    // Reads a template, or a part of a template: from a backtick or the end of a substitution to the next substitution or the closing
    // backtick.
    private ScriptToken ReadTemplate()
    {
        bool isBegin = Next == '`';
        if (!isBegin)
        {
            _ = _nesting.TryPop(ScriptBracket.Substitution, ScriptBracket.Substitution, out _);
        }

        (int start, int line) = (_at + 1, _line);
        _at = start;
        while (_source[_at..].IndexOfAny((byte)'`', (byte)'\\', (byte)'$') is >= 0 and int length)
        {
            _line += LineBreaks(_source.Slice(_at, length));
            _at += length;
            if (_source[_at] == '`')
            {
                _at++;
                Enter(ScriptContext.Value);
                return new ScriptToken(isBegin ? ScriptTokenKind.Template : ScriptTokenKind.TemplatePart, start, _at - 1 - start, line);
            }

            if (_source[_at] == '$' && Second == '{')
            {
                _at += 2;
                Enter(ScriptContext.Operator);
                return _nesting.TryPush(ScriptBracket.Substitution)
                    ? new ScriptToken(ScriptTokenKind.TemplatePart, start, _at - 2 - start, line)
                    : Fail("brackets are nested too deeply");
            }

            if (_source[_at] == '$')
            {
                _at++;
            }
            else if (!TrySkipPair())
            {
                break;
            }
        }

        return Fail("a template is not closed");
    }

    private ScriptToken ReadSlash()
    {
        switch (_place)
        {
            case ScriptContext.Value or ScriptContext.EndOfParentheses or ScriptContext.EndOfHead:
                _at++;
                Enter(ScriptContext.Operator);
                return new ScriptToken(ScriptTokenKind.Mark, _at - 1, 1, _line);
            case ScriptContext.Unsure:
                return Fail(
                    "a '/' is ambiguous between a division and a regular expression: put parentheses around the expression before it, or a "
                    + "semicolon after that expression");
            default:
                return ReadRegex();
        }
    }

    private ScriptToken ReadRegex()
    {
        int start = ++_at;
        bool isInClass = false;
        while (_at < _source.Length && (isInClass || _source[_at] != '/'))
        {
            byte next = _source[_at];
            if (BlankLength(out bool isLineBreak) >= 0 && isLineBreak)
            {
                break;
            }

            isInClass = next == '[' || (isInClass && next != ']');
            _at += next == '\\' ? 1 : 0;
            if (next == '\\' && (_at >= _source.Length || (BlankLength(out isLineBreak) >= 0 && isLineBreak)))
            {
                break;
            }

            _at++;
        }

        if (_at >= _source.Length || _source[_at] != '/' || isInClass)
        {
            return Fail("a regular expression is not closed");
        }

        ScriptToken token = new(ScriptTokenKind.Regex, start, _at - start, _line);
        _at++;
        while ("dgimsuvy"u8.Contains(Next))
        {
            _at++;
        }

        if (IsNamePart(Next) && !(Next >= 0x80 && BlankLength(out _) > 0))
        {
            return Fail("a name follows a regular expression without a separator");
        }

        Enter(ScriptContext.Value);
        return token;
    }

    private ScriptToken ReadMark()
    {
        int start = _at;
        _at += MarkLength();
        ReadOnlySpan<byte> mark = _source[start.._at];
        if (mark[0] is < (byte)'!' or > (byte)'~')
        {
            return Fail("unexpected character");
        }

        if (!TryEnterMark(mark))
        {
            return Fail("brackets do not match, or are nested too deeply");
        }

        return new ScriptToken(ScriptTokenKind.Mark, start, mark.Length, _line);
    }

    // Recognises longer marks only where they matter; otherwise each character is a mark.
    private readonly int MarkLength()
    {
        ReadOnlySpan<byte> rest = _source[_at..];
        if (rest.StartsWith("==="u8) || rest.StartsWith("!=="u8) || rest.StartsWith("..."u8))
        {
            return 3;
        }

        bool isDot = rest.StartsWith("?."u8) && !(rest.Length > 2 && IsDigit(rest[2]));
        return isDot || rest.StartsWith("=>"u8) || rest.StartsWith("=="u8) || rest.StartsWith("!="u8) || rest.StartsWith("++"u8)
            || rest.StartsWith("--"u8) ? 2 : 1;
    }

    private bool TryEnterMark(ReadOnlySpan<byte> mark)
    {
        switch (mark[0])
        {
            case (byte)'(':
                return TryOpen(
                    _place switch { ScriptContext.ConditionWord => ScriptBracket.Condition, ScriptContext.HeadWord => ScriptBracket.Head,
                        _ => ScriptBracket.Parentheses }, ScriptContext.Operator);
            case (byte)'[':
                return TryOpen(ScriptBracket.Square, ScriptContext.Operator);
            case (byte)'{':
                ScriptBracket brace = BraceHere();
                return TryOpen(brace, brace == ScriptBracket.Object ? ScriptContext.Operator : ScriptContext.Statement);
            case (byte)')':
                return TryClose(ScriptBracket.Parentheses, ScriptBracket.Head);
            case (byte)']':
                return TryClose(ScriptBracket.Square, ScriptBracket.Square);
            case (byte)'}':
                return TryClose(ScriptBracket.Block, ScriptBracket.Unsure);
            case (byte)';':
                Enter(ScriptContext.Statement);
                return true;
            case (byte)':':
                Enter(ScriptContext.Colon);
                return true;
            case (byte)'+' or (byte)'-' when mark.Length == 2:
                // After a value on the same line, the operator is postfix and ends a value. Otherwise it may be a prefix operator, so the
                // context is undecided.
                Enter(_isBehindLineBreak || _place is not (ScriptContext.Value or ScriptContext.EndOfParentheses)
                    ? ScriptContext.Unsure : ScriptContext.Value);
                return true;
            default:
                bool isDot = mark.SequenceEqual("."u8) || mark.SequenceEqual("?."u8);
                Enter(mark.SequenceEqual("=>"u8) ? ScriptContext.BlockWord : ScriptContext.Operator);
                _isBehindDot = isDot;
                return true;
        }
    }

    // An operator is followed by an object literal, the start of a statement by a block. The body of a function or class may end a
    // statement or a value, so it is undecided.
    private readonly ScriptBracket BraceHere() => _place switch
    {
        ScriptContext.Operator => ScriptBracket.Object,
        ScriptContext.Statement or ScriptContext.BlockWord or ScriptContext.HeadWord or ScriptContext.EndOfCondition
        or ScriptContext.EndOfHead =>
            ScriptBracket.Block,
        _ => ScriptBracket.Unsure,
    };

    private bool TryOpen(ScriptBracket bracket, ScriptContext inside)
    {
        Enter(inside);
        return _nesting.TryPush(bracket);
    }

    private bool TryClose(ScriptBracket first, ScriptBracket last)
    {
        bool isOpen = _nesting.TryPop(first, last, out ScriptBracket closed);
        Enter(closed switch
        {
            ScriptBracket.Parentheses => ScriptContext.EndOfParentheses,
            ScriptBracket.Condition => ScriptContext.EndOfCondition,
            ScriptBracket.Head => ScriptContext.EndOfHead,
            ScriptBracket.Block => ScriptContext.Statement,
            ScriptBracket.Unsure => ScriptContext.Unsure,
            _ => ScriptContext.Value,
        });
        return isOpen;
    }

    private void Enter(ScriptContext place)
    {
        _place = place;
        _isBehindDot = false;
        _isBehindFor &= place == ScriptContext.ConditionWord;
    }
}
