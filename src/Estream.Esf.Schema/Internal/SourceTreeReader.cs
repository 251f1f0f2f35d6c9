using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Estream.Esf.Schema.Internal;

/// <summary>
/// Reads YAML into nodes with positions. Supports the subset that a schema needs. Rejects anchors, aliases and tags, because aliases let a
/// short file expand to unlimited size.
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

    /// <summary>Returns the root of the file, or null after reporting an error.</summary>
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
            // For some colons that do not end a key, YamlDotNet's scanner throws this exception instead of reporting a syntax error.
            sink.Report(DiagnosticCodes.Syntax, reader.LastPosition(),
                Messages.NotYaml("a value after this position cannot be read. Write a space after a ':' that ends a key."));
            return null;
        }
        catch (EndOfStreamException)
        {
            // YamlDotNet treats a NUL as the end of the file, even in the middle of it.
            sink.Report(DiagnosticCodes.Syntax, reader.LastPosition(),
                Messages.NotYaml("the file ends inside a value. Remove the NUL character after this position."));
            return null;
        }
        catch (ArgumentException)
        {
            // YamlDotNet parses tags before this reader can reject them, and throws this exception for an invalid one (!![x]).
            sink.Report(DiagnosticCodes.UnsupportedYaml, reader.LastPosition(), Messages.AnchorOrTag());
            return null;
        }
        catch (YamlException e)
        {
            // The parser reports the position of the mapping that contains the tab, which may be far above.
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
