using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>Parses the lines of a TOML file: headers, and keys with values. Every read method returns false or null after an
/// error.</summary>
internal ref struct TomlParser(ReadOnlySpan<byte> text)
{
    private readonly TomlTable _root = new(new SourcePosition(1, 1), TomlTableForm.Header, 0);
    private TomlCursor _cursor = new(text);
    private TomlTable _table = null!;
    private int _values;

    public TomlReadResult ReadFile()
    {
        _table = _root;
        while (_cursor.TrySkipLines() && _cursor.Current >= 0)
        {
            if (!(_cursor.Current == '[' ? TryReadHeader() : TryReadPair(_table)) || !TryEndLine())
            {
                break;
            }
        }

        return _cursor.Error is { } error ? new TomlReadResult(null, error) : new TomlReadResult(_root, null);
    }

    private bool TryEndLine()
    {
        _cursor.SkipBlanks();
        return _cursor.TrySkipComment() && (_cursor.Current < 0 || _cursor.IsAtLineBreak || _cursor.FailExpected("the end of the line"));
    }

    private bool TryReadHeader()
    {
        SourcePosition bracket = _cursor.Here;
        bool isItem = _cursor.Peek(1) == '[';
        _cursor.Move(isItem ? 2 : 1);
        List<TomlKey> path = [];
        if (!TryReadPath(path))
        {
            return false;
        }

        for (int i = isItem ? 2 : 1; i > 0; i--)
        {
            if (_cursor.Current != ']')
            {
                return _cursor.FailExpected(isItem
                    ? "']]' after the name of an array of tables" : "']' after the name of a table");
            }

            _cursor.Move(1);
        }

        TomlTable? table = TomlHeaders.Open(ref _cursor, _root, path, isItem, bracket);
        if (table is null || !TryCount(path.Count, path[0].Position))
        {
            return false;
        }

        _table = table;
        return true;
    }

    private bool TryReadPair(TomlTable table)
    {
        List<TomlKey> path = [];
        if (!TryReadPath(path) || !TryCount(path.Count, path[0].Position))
        {
            return false;
        }

        if (_cursor.Current != '=')
        {
            return _cursor.FailExpected("'=' between a key and its value");
        }

        _cursor.Move(1);
        _cursor.SkipBlanks();
        if (TomlHeaders.Descend(ref _cursor, table, path) is not { } owner || ReadValue(owner.Depth) is not { } value)
        {
            return false;
        }

        owner.Add(new TomlEntry(path[^1].Name, path[^1].Position, value));
        return true;
    }

    /// <summary>Reads a key, possibly dotted, and the blanks around it.</summary>
    private bool TryReadPath(List<TomlKey> path)
    {
        while (true)
        {
            _cursor.SkipBlanks();
            SourcePosition position = _cursor.Here;
            string? name = _cursor.Current is '"' or '\'' ? TomlStrings.ReadKey(ref _cursor) : ReadBareKey();
            if (name is null)
            {
                return false;
            }

            if (path.Count == TomlLimits.MaxDepth)
            {
                return _cursor.Fail(position, TomlMessages.TooDeep());
            }

            path.Add(new TomlKey(name, position));
            _cursor.SkipBlanks();
            if (_cursor.Current != '.')
            {
                return true;
            }

            _cursor.Move(1);
        }
    }

    private string? ReadBareKey()
    {
        int start = _cursor.At;
        while (_cursor.Current is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '-')
        {
            _cursor.Move(1);
        }

        if (_cursor.At > start)
        {
            return _cursor.TextFrom(start);
        }

        _ = _cursor.FailExpected("a key of letters, digits, '_' and '-', or a quoted key");
        return null;
    }

    /// <summary>Reads a value.</summary>
    /// <param name="depth">The depth of the table or array that contains the value.</param>
    private TomlValue? ReadValue(int depth) => _cursor.Current switch
    {
        '"' or '\'' => TomlStrings.ReadValue(ref _cursor),
        '[' => ReadArray(depth + 1),
        '{' => ReadInlineTable(depth + 1),
        _ => TomlWords.Read(ref _cursor),
    };

    private TomlArray? ReadArray(int depth)
    {
        SourcePosition start = _cursor.Here;
        if (!IsShallow(depth))
        {
            return null;
        }

        TomlArray array = new(start, isOfTables: false);
        _cursor.Move(1);
        while (_cursor.TrySkipLines() && _cursor.Current != ']')
        {
            if (!TryCount(1, _cursor.Here) || ReadValue(depth) is not { } item || !_cursor.TrySkipLines())
            {
                return null;
            }

            array.Add(item);
            if (_cursor.Current == ',')
            {
                _cursor.Move(1);
            }
            else if (_cursor.Current != ']')
            {
                _ = _cursor.FailExpected($"',' or the ']' of the array that begins on line {start.Line}");
                return null;
            }
        }

        _cursor.Move(1);
        return _cursor.Error is null ? array : null;
    }

    private TomlTable? ReadInlineTable(int depth)
    {
        SourcePosition start = _cursor.Here;
        if (!IsShallow(depth))
        {
            return null;
        }

        TomlTable table = new(start, TomlTableForm.Inline, depth);
        _cursor.Move(1);
        _cursor.SkipBlanks();
        for (bool isFirst = true; _cursor.Current != '}' || !isFirst; isFirst = false)
        {
            if (!TryReadPair(table))
            {
                return null;
            }

            _cursor.SkipBlanks();
            if (_cursor.Current == '}')
            {
                break;
            }

            if (_cursor.Current != ',')
            {
                _ = _cursor.FailExpected("',' or '}' (an inline table is on one line, with commas between its keys)");
                return null;
            }

            _cursor.Move(1);
        }

        _cursor.Move(1);
        return table;
    }

    private bool IsShallow(int depth) => depth <= TomlLimits.MaxDepth || _cursor.Fail(TomlMessages.TooDeep());

    private bool TryCount(int values, SourcePosition position)
    {
        _values += values;
        return _values <= TomlLimits.MaxValues || _cursor.Fail(position, TomlMessages.TooMany());
    }
}
