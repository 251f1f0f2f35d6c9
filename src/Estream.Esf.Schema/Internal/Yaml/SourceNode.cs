namespace Estream.Esf.Schema.Internal;

/// <summary>A node of a YAML file with its position.</summary>
internal abstract class SourceNode(SourcePosition position)
{
    public SourcePosition Position { get; } = position;

    /// <summary>The kind of node in words, for messages.</summary>
    public abstract string Shape { get; }
}

internal sealed class ScalarNode(SourcePosition position, string value) : SourceNode(position)
{
    public string Value { get; } = value;

    public override string Shape => Value.Length == 0 ? "nothing" : "a single value";
}

internal sealed class ListNode(SourcePosition position, IReadOnlyList<SourceNode> items) : SourceNode(position)
{
    public IReadOnlyList<SourceNode> Items { get; } = items;

    public override string Shape => "a list";
}

internal sealed class MapNode(SourcePosition position, IReadOnlyList<KeyValuePair<ScalarNode, SourceNode>> entries) : SourceNode(position)
{
    public IReadOnlyList<KeyValuePair<ScalarNode, SourceNode>> Entries { get; } = entries;

    public override string Shape => "a mapping";

    public SourceNode? Find(string key)
    {
        foreach (KeyValuePair<ScalarNode, SourceNode> entry in Entries)
        {
            if (entry.Key.Value == key)
            {
                return entry.Value;
            }
        }

        return null;
    }
}
