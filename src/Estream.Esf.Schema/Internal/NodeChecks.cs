namespace Estream.Esf.Schema.Internal;

/// <summary>Checks of nodes shared by several readers. Each method reports an error and returns null if the node is invalid.</summary>
internal static class NodeChecks
{
    public static MapNode? AsMap(this DiagnosticSink sink, SourceNode node, string what, string example)
    {
        if (node is MapNode map)
        {
            return map;
        }

        sink.Report(DiagnosticCodes.WrongShape, node, Messages.WrongShape(what, "a mapping", node, example));
        return null;
    }

    public static ListNode? AsList(this DiagnosticSink sink, SourceNode node, string what, string example)
    {
        if (node is ListNode list)
        {
            return list;
        }

        sink.Report(DiagnosticCodes.WrongShape, node, Messages.WrongShape(what, "a list", node, example));
        return null;
    }

    public static ScalarNode? AsScalar(this DiagnosticSink sink, SourceNode node, string what, string example)
    {
        if (node is ScalarNode { Value.Length: > 0 } scalar)
        {
            return scalar;
        }

        sink.Report(DiagnosticCodes.WrongShape, node, Messages.WrongShape(what, "a single value", node, example));
        return null;
    }

    /// <summary>Reports every key that is not accepted; returns true if there is none.</summary>
    public static bool OnlyKeys(this DiagnosticSink sink, MapNode map, string where, params string[] accepted)
    {
        bool good = true;
        foreach (KeyValuePair<ScalarNode, SourceNode> entry in map.Entries)
        {
            if (Array.IndexOf(accepted, entry.Key.Value) < 0)
            {
                sink.Report(DiagnosticCodes.UnknownKey, entry.Key, Messages.UnknownKey(where, entry.Key.Value, accepted));
                good = false;
            }
        }

        return good;
    }

    /// <summary>Returns the text of an optional key; null if the key is absent or its value is not a single value.</summary>
    public static string? Text(this DiagnosticSink sink, MapNode map, string key, string example)
    {
        SourceNode? node = map.Find(key);
        return node is null ? null : sink.AsScalar(node, $"'{key}'", example)?.Value;
    }
}
