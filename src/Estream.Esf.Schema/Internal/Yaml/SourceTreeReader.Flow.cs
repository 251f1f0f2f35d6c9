namespace Estream.Esf.Schema.Internal;

internal sealed partial class SourceTreeReader
{
    private ListNode ReadFlowList(int depth)
    {
        SourcePosition position = _text.Here;
        List<SourceNode> items = [];
        _text.Advance();
        while (!TryEndFlow(']'))
        {
            SourceNode item = ReadFlowNode(depth + 1);
            SkipInFlow();
            if (_text.Current == ':' && _text.Line == item.Position.Line)
            {
                MapEntries pair = new(_sink);   // [key: value] is a list with a mapping
                CheckDepth(depth + 2, item.Position);
                pair.Add(item, ReadFlowValue(depth + 1));
                item = new MapNode(item.Position, pair.Entries);
            }

            items.Add(item);
            SkipComma(']');
        }

        return new ListNode(position, items);
    }

    private MapNode ReadFlowMap(int depth)
    {
        SourcePosition position = _text.Here;
        MapEntries entries = new(_sink);
        _text.Advance();
        while (!TryEndFlow('}'))
        {
            SourceNode key = ReadFlowNode(depth + 1);
            SkipInFlow();
            entries.Add(key, _text.Current == ':' ? ReadFlowValue(depth) : new ScalarNode(_text.Here, ""));
            SkipComma('}');
        }

        return new MapNode(position, entries.Entries);
    }

    private SourceNode ReadFlowValue(int depth)
    {
        _text.Advance();
        SourcePosition after = _text.Here;
        SkipInFlow();
        return _text.Current is ',' or ']' or '}' ? new ScalarNode(after, "") : ReadFlowNode(depth + 1);
    }

    private SourceNode ReadFlowNode(int depth)
    {
        CheckNode(depth);
        bool isPlain = PlainScalar.CanStart(_text, isInFlow: true);
        SourceNode node = ReadInLine(parentIndent: -1, depth, isInFlow: true);
        return isPlain
            ? new ScalarNode(node.Position, PlainScalar.ReadRest(_text, ((ScalarNode)node).Value, parentIndent: -1, isInFlow: true))
            : node;
    }

    private bool TryEndFlow(char bracket)
    {
        SkipInFlow();
        if (_text.Current != bracket)
        {
            return false;
        }

        _text.Advance();
        return true;
    }

    private void SkipComma(char bracket)
    {
        SkipInFlow();
        if (_text.Current == ',')
        {
            _text.Advance();
        }
        else if (_text.Current != bracket)
        {
            throw MissingBracket();
        }
    }

    private void SkipInFlow()
    {
        _text.SkipToToken();
        if (IsAtEndOfDocument)
        {
            throw MissingBracket();
        }
    }

    private YamlErrorException MissingBracket() => _text.Error("a ',' or the closing bracket is missing before this position.");
}
