using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Estream.Esf.Schema.Internal;

/// <summary>
/// Reads YAML into nodes with positions. It takes the subset that a schema needs and refuses anchors, aliases and
/// tags: an alias can make a short file stand for an endless one.
/// </summary>
internal sealed class SourceTreeReader
{
    private const int MaxYamlDepth = 64;

    private readonly DiagnosticSink _sink;
    private readonly Parser _parser;

    private SourceTreeReader(string text, DiagnosticSink sink)
    {
        _parser = new Parser(new StringReader(text));
        _sink = sink;
    }

    /// <summary>The root of the file, or null after reporting why there is none.</summary>
    public static SourceNode? Read(string text, DiagnosticSink sink)
    {
        if (text.Length > EsfLimits.MaxSchemaFileChars)
        {
            sink.Report(DiagnosticCodes.Limit, new SourcePosition(1, 1), Messages.FileTooLong());
            return null;
        }

        SourceTreeReader reader = new(text, sink);
        try
        {
            return reader.ReadFile();
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner trips over some colons that end no key instead of refusing them.
            sink.Report(DiagnosticCodes.Syntax, reader.LastPosition(),
                Messages.NotYaml("a value after this place cannot be read; a ':' ends a key only with a space behind it"));
            return null;
        }
        catch (EndOfStreamException)
        {
            // YamlDotNet takes a NUL for the end of the file, also in the middle of one.
            sink.Report(DiagnosticCodes.Syntax, reader.LastPosition(),
                Messages.NotYaml("the file ends inside a value; remove the NUL character behind this place"));
            return null;
        }
        catch (ArgumentException)
        {
            // YamlDotNet makes names of tags before anybody can refuse them, and takes one that is none (!![x]) for its caller's mistake.
            sink.Report(DiagnosticCodes.UnsupportedYaml, reader.LastPosition(), Messages.AnchorOrTag());
            return null;
        }
        catch (YamlException e)
        {
            // The parser names the mapping a tab stands in, which may begin far above.
            if (FindTab(text) is SourcePosition tab)
            {
                sink.Report(DiagnosticCodes.Syntax, tab, Messages.Tab());
                return null;
            }

            sink.Report(DiagnosticCodes.Syntax, PositionOf(e.Start), Messages.NotYaml(e.InnerException?.Message ?? e.Message));
            return null;
        }
    }

    private SourcePosition LastPosition() => _parser.Current is { } last ? PositionOf(last.End) : new SourcePosition(1, 1);

    private static SourcePosition? FindTab(string text)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int indent = lines[i].Length - lines[i].TrimStart(' ', '\t').Length;
            int tab = lines[i].IndexOf('\t', 0, indent);
            if (tab >= 0)
            {
                return new SourcePosition(i + 1, tab + 1);
            }
        }

        return null;
    }

    private SourceNode? ReadFile()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            return new ScalarNode(new SourcePosition(1, 1), "");
        }

        _parser.Consume<DocumentStart>();
        SourceNode? root = ReadNode(0);
        if (root is null)
        {
            return null;
        }

        _parser.Consume<DocumentEnd>();
        if (_parser.Current is not DocumentStart second)
        {
            return root;
        }

        _sink.Report(DiagnosticCodes.UnsupportedYaml, PositionOf(second.Start), Messages.SecondDocument());
        return null;
    }

    private SourceNode? ReadNode(int depth)
    {
        ParsingEvent current = _parser.Current!;
        SourcePosition position = PositionOf(current.Start);
        if (depth > MaxYamlDepth)
        {
            _sink.Report(DiagnosticCodes.Limit, position, Messages.YamlTooDeep(MaxYamlDepth));
            return null;
        }

        if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false } || current is NodeEvent { Tag.IsEmpty: false })
        {
            _sink.Report(DiagnosticCodes.UnsupportedYaml, position, Messages.AnchorOrTag());
            return null;
        }

        _parser.MoveNext();
        return current switch
        {
            Scalar scalar => new ScalarNode(position, scalar.Value),
            SequenceStart => ReadList(position, depth),
            _ => ReadMap(position, depth),
        };
    }

    private ListNode? ReadList(SourcePosition position, int depth)
    {
        List<SourceNode> items = [];
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            if (ReadNode(depth + 1) is not SourceNode item)
            {
                return null;
            }

            items.Add(item);
        }

        return new ListNode(position, items);
    }

    private MapNode? ReadMap(SourcePosition position, int depth)
    {
        List<KeyValuePair<ScalarNode, SourceNode>> entries = [];
        Dictionary<string, SourcePosition> seen = new(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            SourceNode? key = ReadNode(depth + 1);
            if (key is null || ReadNode(depth + 1) is not SourceNode value)
            {
                return null;
            }

            if (key is not ScalarNode name)
            {
                _sink.Report(DiagnosticCodes.WrongShape, key.Position, Messages.KeyNotAWord(key));
            }
            else if (seen.TryGetValue(name.Value, out SourcePosition first))
            {
                _sink.Report(DiagnosticCodes.DuplicateKey, name.Position, Messages.Duplicate(name.Value, first));
            }
            else
            {
                seen.Add(name.Value, name.Position);
                entries.Add(new KeyValuePair<ScalarNode, SourceNode>(name, value));
            }
        }

        return new MapNode(position, entries);
    }

    private static SourcePosition PositionOf(Mark mark) => new((int)mark.Line, (int)mark.Column);
}
