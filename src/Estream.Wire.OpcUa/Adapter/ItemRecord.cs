using System.Buffers.Binary;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>A value of an item as the payload of a <see cref="WireMessage"/>: item, time of receipt, and the encoded DataValue. Dead
/// letters keep it, so its layout is in docs/guides/protocols/opcua.md. Little-endian.</summary>
internal readonly ref struct ItemRecord
{
    public const int HeaderBytes = 12;

    private readonly ReadOnlySpan<byte> _bytes;

    private ItemRecord(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public int Item => BinaryPrimitives.ReadInt32LittleEndian(_bytes);

    public long ReceivedAt => BinaryPrimitives.ReadInt64LittleEndian(_bytes[4..]);

    public ReadOnlySpan<byte> Value => _bytes[HeaderBytes..];

    public static bool TryRead(ReadOnlySpan<byte> bytes, out ItemRecord record)
    {
        record = new ItemRecord(bytes);
        return bytes.Length > HeaderBytes;
    }

    public static void WriteHeader(Span<byte> destination, int item, long receivedAt)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, item);
        BinaryPrimitives.WriteInt64LittleEndian(destination[4..], receivedAt);
    }
}

/// <summary>An item of the adapter, with its names in UTF-8.</summary>
/// <param name="Index">The index among all items of the adapter.</param>
/// <param name="Server">The index of the server.</param>
/// <param name="Handle">The index among the items of the server.</param>
/// <param name="Options">The options.</param>
/// <param name="ServerName">The name of the server.</param>
/// <param name="Name">The name of the item.</param>
internal sealed record AdapterItem(int Index, int Server, int Handle, OpcUaItemOptions Options, byte[] ServerName, byte[] Name)
{
    /// <summary>The identifier without the URI of its namespace.</summary>
    public UaNodeId Node { get; } = ParseNode(Options.Node);

    /// <summary>The URI of the namespace; empty if the configuration has its index.</summary>
    public byte[] NamespaceUri { get; } = ParseUri(Options.Node);

    /// <summary>The index of the namespace in the present session.</summary>
    public ushort NamespaceIndex { get; set; } = ParseNode(Options.Node).NamespaceIndex;

    private static UaNodeId ParseNode(string text)
    {
        int start = text.StartsWith("nsu=", StringComparison.Ordinal) ? text.IndexOf(';', StringComparison.Ordinal) + 1 : 0;
        return UaNodeId.TryParse(text[start..], out UaNodeId node) ? node : default;
    }

    private static byte[] ParseUri(string text) => text.StartsWith("nsu=", StringComparison.Ordinal)
        ? System.Text.Encoding.UTF8.GetBytes(text[4..text.IndexOf(';', StringComparison.Ordinal)])
        : [];
}
