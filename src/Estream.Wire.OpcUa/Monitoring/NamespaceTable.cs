using Estream.Wire.OpcUa.Services;

namespace Estream.Wire.OpcUa.Monitoring;

/// <summary>Resolves nodes that name their namespace by its URI, because indexes may differ after a restart of the server.</summary>
internal static class NamespaceTable
{
    private const string UriPrefix = "nsu=";
    private static readonly UaNodeId s_namespaceArray = new(0, 2_255u);

    /// <summary>Whether a text is a node, with an index or a URI.</summary>
    public static bool IsNode(string? text) => text is not null && (TrySplit(text, out _, out string? rest)
        ? UaNodeId.TryParse(rest, out UaNodeId node) && node.NamespaceIndex == 0
        : UaNodeId.TryParse(text, out _));

    /// <exception cref="OpcUaException">The table cannot be read.</exception>
    /// <exception cref="WireConnectionException">The server has no such namespace.</exception>
    public static async ValueTask<UaNodeId[]> ResolveAsync(
        ServiceCaller caller, IReadOnlyList<MonitoredNode> items, CancellationToken cancellation)
    {
        string?[] table = [];
        if (items.Any(item => item.Node.StartsWith(UriPrefix, StringComparison.Ordinal)))
        {
            UaDataValue[] read = await AttributeServices.ReadAsync(caller, [new UaReadItem(s_namespaceArray)], cancellation)
                .ConfigureAwait(false);
            table = read[0].Value.Value is object?[] uris ? [.. uris.Select(uri => uri as string)] : [];
        }

        return [.. items.Select(item => Resolve(item.Node, table))];
    }

    private static UaNodeId Resolve(string text, string?[] table)
    {
        if (!TrySplit(text, out string? uri, out string? rest))
        {
            return UaNodeId.TryParse(text, out UaNodeId node) ? node : throw new FormatException($"'{text}' is not a node.");
        }

        int index = Array.IndexOf(table, uri);
        if (index < 0 || !UaNodeId.TryParse($"ns={index};{rest}", out UaNodeId resolved))
        {
            throw new WireConnectionException(
                $"The server has no namespace '{uri}' for node '{text}'. Correct the URI, or the configuration of the server.",
                isTransient: true);
        }

        return resolved;
    }

    /// <summary>Splits nsu=URI;REST. A URI may contain semicolons; the identifier begins at the last one with a kind behind it.</summary>
    private static bool TrySplit(string text, out string? uri, out string? rest)
    {
        int end = text.StartsWith(UriPrefix, StringComparison.Ordinal) ? text.IndexOf(';', StringComparison.Ordinal) : -1;
        (uri, rest) = end < 0 ? (null, null) : (text[UriPrefix.Length..end], text[(end + 1)..]);
        return end >= 0;
    }
}
