using Estream.Industrial;

namespace Estream.Scenarios.Codecs.Industrial;

/// <summary>OpcUaNode of a message of esf-industrial.</summary>
internal sealed record OpcUaNode
{
    public ushort NamespaceIndex { get; init; }
    public uint? Numeric { get; init; }
    public Text Text { get; init; }
    public Text Guid { get; init; }
    public byte[]? Opaque { get; init; }
}

/// <summary>OpcUaVariant of a message of esf-industrial.</summary>
internal sealed record OpcUaVariant
{
    public bool? Boolean { get; init; }
    public long? Signed { get; init; }
    public ulong? Unsigned { get; init; }
    public float? Single { get; init; }
    public double? Double { get; init; }
    public long? Time { get; init; }
    public Text Text { get; init; }
    public Text Locale { get; init; }
    public ushort? NamespaceIndex { get; init; }
    public byte[]? Binary { get; init; }
}
