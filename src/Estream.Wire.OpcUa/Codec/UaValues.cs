using System.Globalization;

namespace Estream.Wire.OpcUa;

/// <summary>The identifier of a node that may be in another server (Part 4, 7.16).</summary>
/// <param name="NodeId">The identifier.</param>
/// <param name="NamespaceUri">The namespace in place of its index; null if the index is used.</param>
/// <param name="ServerIndex">The index of the server; 0 for the same server.</param>
public readonly record struct UaExpandedNodeId(UaNodeId NodeId, string? NamespaceUri, uint ServerIndex)
{
    /// <summary>The text form of Part 6, 5.3.1.11.</summary>
    public override string ToString()
    {
        string server = ServerIndex == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"svr={ServerIndex};");
        string node = NodeId.ToString();
        string identifier = node[(node.IndexOf(';', StringComparison.Ordinal) + 1)..];
        return NamespaceUri is null ? server + node : $"{server}nsu={NamespaceUri};{identifier}";
    }
}

/// <summary>A name with the index of its namespace (Part 3, 8.3).</summary>
/// <param name="NamespaceIndex">The index of the namespace.</param>
/// <param name="Name">The name.</param>
public readonly record struct UaQualifiedName(ushort NamespaceIndex, string Name)
{
    /// <summary>The name, after its namespace index and a colon unless that is 0.</summary>
    public override string ToString() =>
        NamespaceIndex == 0 ? Name : string.Create(CultureInfo.InvariantCulture, $"{NamespaceIndex}:{Name}");
}

/// <summary>Text with its locale (Part 3, 8.5).</summary>
/// <param name="Locale">The locale, such as en-US; null if unknown.</param>
/// <param name="Text">The text; null if there is none.</param>
public readonly record struct UaLocalizedText(string? Locale, string? Text)
{
    /// <summary>The text.</summary>
    public override string ToString() => Text ?? "";
}

/// <summary>A structure in its encoding (Part 6, 5.2.2.15).</summary>
/// <param name="TypeId">The identifier of the encoding.</param>
/// <param name="Body">The encoded structure.</param>
/// <param name="IsXml">Whether the body is XML.</param>
public sealed record UaExtensionObject(UaNodeId TypeId, ReadOnlyMemory<byte> Body, bool IsXml)
{
    /// <summary>The type and the length of the body.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{TypeId} ({Body.Length} bytes)");
}

/// <summary>A value with its status and timestamps (Part 4, 7.11). Timestamps are UTC; null if the server gave none.</summary>
/// <param name="Value">The value.</param>
/// <param name="Status">The quality of the value.</param>
/// <param name="SourceTimestamp">When the source changed the value.</param>
/// <param name="ServerTimestamp">When the server received the value.</param>
public readonly record struct UaDataValue(UaVariant Value, UaStatus Status, DateTime? SourceTimestamp, DateTime? ServerTimestamp);
