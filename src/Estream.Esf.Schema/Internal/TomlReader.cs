using System.Globalization;
using System.Text;

namespace Estream.Esf.Schema.Internal;

/// <summary>
/// Reads the subset of TOML that the manifest of a schema pack needs: tables, and keys, quoted or not, whose values are strings or arrays
/// of strings. Anything else is an error with its position, so that nothing is silently misread.
/// </summary>
internal sealed class TomlReader
{
    private readonly string _text;
    private readonly DiagnosticSink _sink;
    private readonly Dictionary<string, TomlValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourcePosition> _tables = new(StringComparer.Ordinal);
    private string _table = "";
    private int _at;
    private int _line = 1;
    private int _lineStart;

    private TomlReader(string text, DiagnosticSink sink)
    {
        _text = text.Replace("\r\n", "\n");
        _sink = sink;
    }

    private SourcePosition Here => new(_line, _at - _lineStart + 1);

    private char Current => _at < _text.Length ? _text[_at] : '\0';

    /// <summary>Returns the values by table and key, as in <c>component.name</c>; null after reporting the first error.</summary>
    public static IReadOnlyDictionary<string, TomlValue>? Read(string text, DiagnosticSink sink)
    {
        if (text.Length > EsfLimits.MaxSchemaFileChars)
        {
            sink.Report(DiagnosticCodes.Limit, new SourcePosition(1, 1), PackMessages.ManifestTooLong());
            return null;
        }

        TomlReader reader = new(text, sink);
        return reader.ReadLines() ? reader._values : null;
    }

    private bool ReadLines()
    {
        for (SkipSpace(overLines: true); _at < _text.Length; SkipSpace(overLines: true))
        {
            bool good = Current == '[' ? ReadTable() : ReadPair();
            SkipSpace(overLines: false);
            if (!good || (Current is not ('\n' or '\0') && !Fail("the end of the line")))
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadTable()
    {
        SourcePosition start = Here;
        _at++;
        string name = ReadWord(dots: true);
        if (name.Length == 0 || name.Split('.').Any(part => part.Length == 0) || Current != ']')
        {
            return Fail("a table, as in '[component.schemas]'");
        }

        _at++;
        if (_tables.TryGetValue(name, out SourcePosition first))
        {
            _sink.Report(DiagnosticCodes.DuplicateKey, start, Messages.Duplicate("[" + name + "]", first));
            return false;
        }

        _tables.Add(name, start);
        _table = name + ".";
        return true;
    }

    private bool ReadPair()
    {
        SourcePosition start = Here;
        List<ScalarNode> quoted = [];
        if (Current is '"' or '\'' && !ReadString(quoted))
        {
            return false;
        }

        string key = quoted.Count > 0 ? quoted[0].Value : ReadWord(dots: false);
        SkipSpace(overLines: false);
        if (key.Length == 0 || Current != '=')
        {
            return Fail("a key and its value, as in 'name = \"esf-iot\"'");
        }

        _at++;
        SkipSpace(overLines: false);
        if (_values.TryGetValue(_table + key, out TomlValue? known))
        {
            _sink.Report(DiagnosticCodes.DuplicateKey, start, Messages.Duplicate(key, known.Position));
            return false;
        }

        List<ScalarNode> items = [];
        bool isArray = Current == '[';
        if (isArray ? !ReadArray(items) : !ReadString(items))
        {
            return false;
        }

        _values.Add(_table + key, new TomlValue(start, isArray, items));
        return true;
    }

    private bool ReadArray(List<ScalarNode> items)
    {
        _at++;
        for (SkipSpace(overLines: true); Current != ']'; SkipSpace(overLines: true))
        {
            if (!ReadString(items))
            {
                return false;
            }

            SkipSpace(overLines: true);
            if (Current == ',')
            {
                _at++;
            }
            else if (Current != ']')
            {
                return Fail("',' or ']'");
            }
        }

        _at++;
        return true;
    }

    private bool ReadString(List<ScalarNode> items)
    {
        SourcePosition start = Here;
        char quote = Current;
        if (quote is not ('"' or '\'') || string.CompareOrdinal(_text, _at, new string(quote, 3), 0, 3) == 0)
        {
            return Fail("a string in quotes on one line, or an array of such strings");
        }

        StringBuilder value = new();
        for (_at++; Current != quote; _at++)
        {
            if (Current < ' ' && Current != '\t')
            {
                return Fail("the quote that ends the string");
            }

            if (Current == '\\' && quote == '"' ? !ReadEscape(value) : !Append(value, Current))
            {
                return false;
            }
        }

        _at++;
        items.Add(new ScalarNode(start, value.ToString()));
        return true;
    }

    /// <summary>Reads an escape and stops at its last character.</summary>
    private bool ReadEscape(StringBuilder value)
    {
        _at++;
        const string Letters = "\"\\nrt";
        int known = Letters.IndexOf(Current);
        if (known >= 0 && Current != '\0')
        {
            return Append(value, "\"\\\n\r\t"[known]);
        }

        string digits = Current == 'u' && _at + 5 <= _text.Length ? _text.Substring(_at + 1, 4) : "";
        if (!ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code)
            || char.IsSurrogate((char)code))
        {
            return Fail("\\\", \\\\, \\n, \\r, \\t or \\u with four hexadecimal digits");
        }

        _at += 4;
        return Append(value, (char)code);
    }

    private static bool Append(StringBuilder value, char c)
    {
        value.Append(c);
        return true;
    }

    private string ReadWord(bool dots)
    {
        int start = _at;
        while (Current is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '-' || (dots && Current == '.'))
        {
            _at++;
        }

        return _text.Substring(start, _at - start);
    }

    private void SkipSpace(bool overLines)
    {
        for (; _at < _text.Length; _at++)
        {
            if (Current == '#')
            {
                int end = _text.IndexOf('\n', _at);
                _at = end < 0 ? _text.Length : end;
            }

            if (Current is not (' ' or '\t') && !(overLines && Current == '\n'))
            {
                return;
            }

            if (Current == '\n')
            {
                _line++;
                _lineStart = _at + 1;
            }
        }
    }

    private bool Fail(string wanted)
    {
        _sink.Report(DiagnosticCodes.Manifest, Here, PackMessages.ManifestSyntax(wanted));
        return false;
    }
}

/// <summary>A value of a manifest: a string, or an array of strings.</summary>
internal sealed class TomlValue(SourcePosition position, bool isArray, IReadOnlyList<ScalarNode> items)
{
    public SourcePosition Position { get; } = position;

    public bool IsArray { get; } = isArray;

    /// <summary>The strings; exactly one if the value is not an array.</summary>
    public IReadOnlyList<ScalarNode> Items { get; } = items;
}
