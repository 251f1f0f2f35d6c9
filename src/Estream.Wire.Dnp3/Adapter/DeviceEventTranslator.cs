using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Estream.Dnp3;

namespace Estream.Wire.Dnp3.Adapter;

/// <summary>Translates the payload of an event of a device into a Dnp3DeviceEvent. Thread-safe.</summary>
internal sealed class DeviceEventTranslator(DeviceNames names) : IPayloadTranslator
{
    public const int MaxPayloadBytes = HeaderBytes + MaxReasonBytes;

    private const int HeaderBytes = 16;
    private const int MaxReasonBytes = 256;

    /// <summary>Writes the payload of an event. A reason that is too long is cut.</summary>
    /// <returns>The octets written.</returns>
    public static int WritePayload(
        int device, Dnp3DeviceEventKind kind, ushort? indications, long occurredAt, string reason, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, device);
        destination[4] = (byte)kind;
        destination[5] = indications is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], indications ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], occurredAt);
        Utf8.FromUtf16(reason, destination.Slice(HeaderBytes, MaxReasonBytes), out _, out int written);
        return HeaderBytes + written;
    }

    /// <inheritdoc/>
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> payload = message.Payload;
        if (payload.Length is < HeaderBytes or > MaxPayloadBytes
            || (uint)BinaryPrimitives.ReadInt32LittleEndian(payload) >= (uint)names.Devices
            || payload[4] > (byte)Dnp3DeviceEventKind.BadFrame || !Utf8.IsValid(payload[HeaderBytes..]))
        {
            return TranslateStatus.Unfit("the payload is not an event of a device");
        }

        if (destination.Length < Dnp3DeviceEvent.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        Dnp3DeviceEvent.Writer writer = Dnp3DeviceEvent.Write(destination);
        writer.DeviceId = names.Device(BinaryPrimitives.ReadInt32LittleEndian(payload));
        writer.Kind = (Dnp3DeviceEventKind)payload[4];
        if (payload[5] != 0)
        {
            writer.Indications = BinaryPrimitives.ReadUInt16LittleEndian(payload[6..]);
        }

        if (payload.Length > HeaderBytes)
        {
            writer.Reason = payload[HeaderBytes..];
        }

        writer.OccurredAt = BinaryPrimitives.ReadInt64LittleEndian(payload[8..]);
        length = writer.Length;
        return TranslateStatus.Ok;
    }
}
