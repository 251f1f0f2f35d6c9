using System.Buffers.Binary;
using System.Text.Unicode;
using Estream.Dnp3;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Commands;
using ValueKind = Estream.Dnp3.Dnp3PointKind;

namespace Estream.Wire.Dnp3.Adapter;

/// <summary>Translates the payload of the outcome of a command into a Dnp3CommandResult. Thread-safe.</summary>
internal sealed class ResultTranslator(DeviceNames names) : IPayloadTranslator
{
    public const int MaxPayloadBytes = HeaderBytes + MaxReasonBytes;

    private const int HeaderBytes = 40;
    private const int MaxReasonBytes = 256;

    /// <summary>Writes the payload of an outcome. A reason that is too long is cut.</summary>
    /// <returns>The octets written.</returns>
    public static int WritePayload(
        int device, in CommandObject command, bool isSelected, in CommandEnd end, long requestedAt, long answeredAt,
        Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, device);
        destination[4] = command.Group;
        destination[5] = command.ControlCode;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], command.Index);
        BinaryPrimitives.WriteDoubleLittleEndian(destination[8..], command.Value);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], requestedAt);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], answeredAt);
        destination[32] = isSelected ? (byte)1 : (byte)0;
        destination[33] = (byte)end.Outcome;
        BinaryPrimitives.WriteInt16LittleEndian(destination[34..], end.Status ?? (short)-1);
        destination[36..HeaderBytes].Clear();
        Utf8.FromUtf16(end.Reason, destination.Slice(HeaderBytes, MaxReasonBytes), out _, out int written);
        return HeaderBytes + written;
    }

    /// <inheritdoc/>
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> payload = message.Payload;
        if (payload.Length is < HeaderBytes or > MaxPayloadBytes
            || (uint)BinaryPrimitives.ReadInt32LittleEndian(payload) >= (uint)names.Devices || payload[4] is not (12 or 41)
            || payload[33] > (byte)Dnp3Outcome.Unknown || !Utf8.IsValid(payload[HeaderBytes..])
            || !double.IsFinite(BinaryPrimitives.ReadDoubleLittleEndian(payload[8..])))
        {
            return TranslateStatus.Unfit("the payload is not the outcome of a command");
        }

        int device = BinaryPrimitives.ReadInt32LittleEndian(payload);
        bool isRelay = payload[4] == 12;
        Dnp3PointKind kind = isRelay ? Dnp3PointKind.BinaryOutput : Dnp3PointKind.AnalogOutput;
        ushort index = BinaryPrimitives.ReadUInt16LittleEndian(payload[6..]);
        if (destination.Length < Dnp3CommandResult.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ReadOnlySpan<byte> key = names.Key(device, kind, index, names.Find(device, kind, index));
        Dnp3CommandResult.Writer writer = Dnp3CommandResult.Write(destination);
        writer.DeviceId = names.Device(device);
        writer.Point = key[(names.Device(device).Length + 1)..];
        writer.Kind = (ValueKind)kind;
        writer.Index = index;
        if (!isRelay)
        {
            writer.Value = BinaryPrimitives.ReadDoubleLittleEndian(payload[8..]);
        }
        else if (ControlCodes.TryRead(payload[5], out Dnp3Operation operation))
        {
            writer.Operation = operation;
        }

        WriteOutcome(payload, ref writer);
        length = writer.Length;
        return TranslateStatus.Ok;
    }

    private static void WriteOutcome(ReadOnlySpan<byte> payload, ref Dnp3CommandResult.Writer writer)
    {
        writer.IsSelected = payload[32] != 0;
        writer.Outcome = (Dnp3Outcome)payload[33];
        short status = BinaryPrimitives.ReadInt16LittleEndian(payload[34..]);
        if (status is >= 0 and <= byte.MaxValue)
        {
            writer.Status = (byte)status;
        }

        if (payload.Length > HeaderBytes)
        {
            writer.Reason = payload[HeaderBytes..];
        }

        writer.RequestedAt = BinaryPrimitives.ReadInt64LittleEndian(payload[16..]);
        writer.AnsweredAt = BinaryPrimitives.ReadInt64LittleEndian(payload[24..]);
    }
}
