namespace Estream.Esf.Schema.Internal;

/// <summary>
/// Reads YAML into nodes with positions. Supports the subset that a schema needs: block and flow collections, and scalars of all five
/// styles, each as its text. Rejects anchors, aliases and tags, because aliases let a short file expand to unlimited size, and also
/// directives, keys after <c>?</c>, and several documents.
/// </summary>
internal sealed partial class SourceTreeReader
{
    private const int MaxYamlDepth = 64;

    private readonly DiagnosticSink _sink;
    private readonly YamlText _text;

    private SourceTreeReader(string text, DiagnosticSink sink)
    {
        _text = new YamlText(text);
        _sink = sink;
    }

    private bool IsAtDash => _text.Current == '-' && _text.IsBlankAt(1);

    private bool IsAtColon => _text.Current == ':' && _text.IsBlankAt(1);

    private bool IsAtEndOfDocument => _text.IsAtEnd || _text.IsAtMarker;

    /// <summary>Returns the root of the file, or null after reporting an error.</summary>
    public static SourceNode? Read(string text, DiagnosticSink sink)
    {
        if (text.Length > EsfLimits.MaxSchemaFileChars)
        {
            sink.Report(DiagnosticCodes.Limit, new SourcePosition(1, 1), Messages.FileTooLong());
            return null;
        }

        try
        {
            return new SourceTreeReader(text, sink).ReadFile();
        }
        catch (YamlErrorException e)
        {
            sink.Report(e.Code, e.Position, e.Message);
            return null;
        }
    }

    private SourceNode ReadFile()
    {
        _text.RefuseControlCharacters();
        _text.SkipToBlockToken();
        int line = 0;
        if (_text.IsAtMarker && _text.Current == '-')
        {
            line = _text.Line;
            _text.Advance(3);
            _text.SkipToBlockToken();
        }
        else if (_text.Current == '%' && _text.Indent == 0)
        {
            throw _text.Error("directives (%) are not supported. Remove this line.");
        }

        SourceNode root = IsAtEndOfDocument ? new ScalarNode(new SourcePosition(1, 1), "") : ReadNode(-1, 0, _text.Line != line);
        _text.SkipToBlockToken();
        if (IsAtEndOfDocument)
        {
            RefuseSecondDocument();
            return root;
        }

        throw WrongIndent();
    }

    private void RefuseSecondDocument()
    {
        SourcePosition marker = _text.Here;
        if (_text.Current == '.')
        {
            _text.Advance(3);
            _text.SkipToToken();
        }

        if (!_text.IsAtEnd)
        {
            throw new YamlErrorException(DiagnosticCodes.UnsupportedYaml, marker, Messages.SecondDocument());
        }
    }

    /// <summary>Reads a node, from its first character to the start of the next token.</summary>
    /// <param name="parentIndent">The indentation of the parent. Further lines of a scalar are indented more.</param>
    /// <param name="depth">The number of collections around the node.</param>
    /// <param name="canBeBlock">Whether a list or a mapping in block style can begin here.</param>
    private SourceNode ReadNode(int parentIndent, int depth, bool canBeBlock)
    {
        CheckNode(depth);
        SourcePosition position = _text.Here;
        int indent = _text.Indent;
        if (IsAtDash)
        {
            return canBeBlock
                ? ReadList(indent, depth)
                : throw _text.Error("a list begins in a line of its own. Move it to the next line.");
        }

        if (_text.Current is '|' or '>')
        {
            return new ScalarNode(position, BlockScalar.Read(_text, parentIndent));
        }

        bool isPlain = PlainScalar.CanStart(_text, isInFlow: false);
        SourceNode node = ReadInLine(parentIndent, depth, isInFlow: false);
        _text.SkipBlanks();
        if (IsAtColon)
        {
            return canBeBlock && _text.Line == position.Line
                ? ReadMap(node, indent, depth)
                : throw _text.Error("a ':' that ends a key is not expected here. If it belongs to the value, put the value in quotes.");
        }

        if (isPlain)
        {
            node = new ScalarNode(position, PlainScalar.ReadRest(_text, ((ScalarNode)node).Value, parentIndent, isInFlow: false));
        }

        if (_text.Current != '\n' && !_text.IsAtComment && !_text.IsAtEnd)
        {
            throw _text.Error("this text follows a value in the same line. Put the whole value in quotes, or begin a new line.");
        }

        return node;
    }

    /// <summary>Reads a collection in brackets, a scalar in quotes, or the first line of a plain scalar.</summary>
    private SourceNode ReadInLine(int parentIndent, int depth, bool isInFlow)
    {
        SourcePosition position = _text.Here;
        return _text.Current switch
        {
            '[' => ReadFlowList(depth),
            '{' => ReadFlowMap(depth),
            '"' or '\'' => new ScalarNode(position, QuotedScalar.Read(_text, parentIndent)),
            _ when PlainScalar.CanStart(_text, isInFlow) => new ScalarNode(position, PlainScalar.ReadLine(_text, isInFlow)),
            _ => throw _text.Error("no value can begin with this character. Put the value in quotes."),
        };
    }

    private ListNode ReadList(int indent, int depth)
    {
        SourcePosition position = _text.Here;
        List<SourceNode> items = [];
        do
        {
            _text.Advance();
            items.Add(ReadChild(indent, depth, isItem: true));
            _text.SkipToBlockToken();
        }
        while (!IsAtEndOfDocument && _text.Indent == indent && IsAtDash);
        return new ListNode(position, items);
    }

    private MapNode ReadMap(SourceNode firstKey, int indent, int depth)
    {
        MapEntries entries = new(_sink);
        SourceNode key = firstKey;
        while (true)
        {
            CheckDepth(depth + 1, key.Position);
            _text.Advance();
            entries.Add(key, ReadChild(indent, depth, isItem: false));
            _text.SkipToBlockToken();
            if (IsAtEndOfDocument || _text.Indent < indent)
            {
                return new MapNode(firstKey.Position, entries.Entries);
            }

            key = _text.Indent == indent ? ReadKey(indent, depth) : throw WrongIndent();
        }
    }

    private SourceNode ReadKey(int indent, int depth)
    {
        CheckNode(depth + 1);
        SourcePosition position = _text.Here;
        SourceNode? key = IsAtDash ? null : ReadInLine(indent, depth + 1, isInFlow: false);
        _text.SkipBlanks();
        return key is not null && IsAtColon && _text.Line == position.Line
            ? key
            : throw YamlText.Error(position, "a key is expected here. Write it in one line, with a ':' and a space after it.");
    }

    /// <summary>Reads the node after the dash of an item or the colon of a key. Without a node, returns an empty scalar.</summary>
    private SourceNode ReadChild(int indent, int depth, bool isItem)
    {
        SourcePosition after = _text.Here;
        int line = _text.Line;
        bool isAfterTab = _text.Current == '\t';
        _text.SkipToBlockToken();
        bool isSameLine = _text.Line == line;

        // The list of a key may be indented as much as the key.
        bool isHere = isSameLine || _text.Indent > indent || (!isItem && _text.Indent == indent && IsAtDash);
        return IsAtEndOfDocument || !isHere
            ? new ScalarNode(after, "")
            : ReadNode(indent, depth + 1, isSameLine ? isItem && !isAfterTab : true);
    }

    private void CheckNode(int depth)
    {
        CheckDepth(depth, _text.Here);
        if (_text.Current is '&' or '*' or '!')
        {
            throw new YamlErrorException(DiagnosticCodes.UnsupportedYaml, _text.Here, Messages.AnchorOrTag());
        }
    }

    private static void CheckDepth(int depth, SourcePosition position)
    {
        if (depth > MaxYamlDepth)
        {
            throw new YamlErrorException(DiagnosticCodes.Limit, position, Messages.YamlTooDeep(MaxYamlDepth));
        }
    }

    private YamlErrorException WrongIndent() =>
        _text.Error("this line is indented neither like the lines before it nor like a key around them.");
}
