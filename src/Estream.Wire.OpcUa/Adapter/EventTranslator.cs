using System.Buffers.Binary;
using System.Text.Unicode;
using Estream.Opcua;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>Something that happened to a server or an item.</summary>
/// <param name="Server">The index of the server.</param>
/// <param name="OccurredAt">Nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Item">The index of the item; -1 for none.</param>
internal readonly record struct ServerEvent(int Server, long OccurredAt, OpcUaEventKind Kind, int Item = -1)
{
    public uint Subscription { get; init; }

    public uint FirstMissing { get; init; }

    public uint LastMissing { get; init; }

    public long LastReceivedAt { get; init; }

    public UaStatus Status { get; init; }

    public string Reason { get; init; } = "";
}

/// <summary>Translates the payload of an event into an OpcUaEvent. Thread-safe.</summary>
internal sealed class EventTranslator(byte[][] servers, IReadOnlyList<AdapterItem> items) : IPayloadTranslator
{
    public const int MaxPayloadBytes = HeaderBytes + MaxReasonBytes;

    private const int HeaderBytes = 41;
    private const int MaxReasonBytes = 512;

    /// <summary>Writes the payload of an event; a reason that is too long is cut.</summary>
    /// <returns>The bytes written.</returns>
    public static int WritePayload(in ServerEvent one, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, one.Server);
        BinaryPrimitives.WriteInt64LittleEndian(destination[4..], one.OccurredAt);
        destination[12] = (byte)one.Kind;
        BinaryPrimitives.WriteInt32LittleEndian(destination[13..], one.Item);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[17..], one.Subscription);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[21..], one.FirstMissing);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[25..], one.LastMissing);
        BinaryPrimitives.WriteInt64LittleEndian(destination[29..], one.LastReceivedAt);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[37..], one.Status.Code);
        Utf8.FromUtf16(one.Reason, destination.Slice(HeaderBytes, MaxReasonBytes), out _, out int written);
        return HeaderBytes + written;
    }

    /// <inheritdoc/>
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> payload = message.Payload;
        if (payload.Length is < HeaderBytes or > MaxPayloadBytes
            || (uint)BinaryPrimitives.ReadInt32LittleEndian(payload) >= (uint)servers.Length
            || payload[12] > (byte)OpcUaEventKind.WriteFailed || !Utf8.IsValid(payload[HeaderBytes..])
            || BinaryPrimitives.ReadInt32LittleEndian(payload[13..]) is var item && (item < -1 || item >= items.Count))
        {
            return TranslateStatus.Unfit("the payload is not an event of a server");
        }

        if (destination.Length < OpcUaEvent.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        OpcUaEvent.Writer writer = OpcUaEvent.Write(destination);
        writer.Server = servers[BinaryPrimitives.ReadInt32LittleEndian(payload)];
        writer.OccurredAt = BinaryPrimitives.ReadInt64LittleEndian(payload[4..]);
        writer.Kind = (OpcUaEventKind)payload[12];
        WriteOptional(payload, ref writer);
        length = writer.Length;
        return TranslateStatus.Ok;
    }

    private void WriteOptional(ReadOnlySpan<byte> payload, ref OpcUaEvent.Writer writer)
    {
        if (BinaryPrimitives.ReadInt32LittleEndian(payload[13..]) is var item and >= 0)
        {
            writer.Item = items[item].Name;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(payload[17..]) is var subscription and not 0)
        {
            writer.SubscriptionId = subscription;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(payload[21..]) is var first and not 0)
        {
            writer.FirstMissing = first;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(payload[25..]) is var last and not 0)
        {
            writer.LastMissing = last;
        }

        if (BinaryPrimitives.ReadInt64LittleEndian(payload[29..]) is var received and not 0)
        {
            writer.LastReceivedAt = received;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(payload[37..]) is var status and not 0)
        {
            writer.StatusCode = status;
        }

        if (payload.Length > HeaderBytes)
        {
            writer.Reason = payload[HeaderBytes..];
        }
    }
}
