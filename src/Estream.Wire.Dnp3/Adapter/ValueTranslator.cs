using System.Buffers.Binary;
using Estream.Dnp3;
using ValueKind = Estream.Dnp3.Dnp3PointKind;

namespace Estream.Wire.Dnp3.Adapter;

/// <summary>Translates the payload of a measurement into a Dnp3Value. Thread-safe; allocates nothing.</summary>
internal sealed class ValueTranslator(DeviceNames names) : IPayloadTranslator
{
    /// <summary>The length of each payload.</summary>
    public const int PayloadBytes = 36;

    // The limits of device_id, point, key and unit.
    private const int MaxTextBytes = 64 + 64 + 64 + 16;
    private const int LengthWithoutTexts = Dnp3Value.MaxLength - MaxTextBytes;

    private const long NanosPerMilli = 1_000_000;
    private const int HasFlags = 1;
    private const int IsEvent = 2;
    private const int IsInteger = 4;
    private const int HasTime = 8;
    private const int IsSynchronized = 16;

    /// <summary>Writes the payload of a measurement.</summary>
    public static void WritePayload(int device, in Dnp3Measurement one, long receivedAt, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, device);
        destination[4] = (byte)one.Kind;
        destination[5] = (byte)((one.Flags is null ? 0 : HasFlags) | (one.IsEvent ? IsEvent : 0) | (one.IsInteger ? IsInteger : 0)
            | (one.TimeMs is null ? 0 : HasTime) | (one.IsSynchronized ? IsSynchronized : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], one.Index);
        BinaryPrimitives.WriteDoubleLittleEndian(destination[8..], one.Value);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], one.TimeMs ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], receivedAt);
        BinaryPrimitives.WriteInt32LittleEndian(destination[32..], one.Flags ?? 0);
    }

    /// <inheritdoc/>
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> payload = message.Payload;
        if (payload.Length != PayloadBytes || (uint)BinaryPrimitives.ReadInt32LittleEndian(payload) >= (uint)names.Devices
            || payload[4] > (byte)Dnp3PointKind.AnalogOutput)
        {
            return TranslateStatus.Unfit("the payload is not a measurement");
        }

        int device = BinaryPrimitives.ReadInt32LittleEndian(payload);
        Dnp3PointKind kind = (Dnp3PointKind)payload[4];
        ushort index = BinaryPrimitives.ReadUInt16LittleEndian(payload[6..]);
        NamedPoint? point = names.Find(device, kind, index);
        double raw = BinaryPrimitives.ReadDoubleLittleEndian(payload[8..]);
        double scaled = point is null ? raw : (raw * point.Options.Scale) + point.Options.Offset;
        if (!double.IsFinite(scaled))
        {
            return TranslateStatus.Unfit($"the value of {kind} {index} is not a finite number");
        }

        ReadOnlySpan<byte> key = names.Key(device, kind, index, point);

        // The device and the point, the key with a slash between them, and the unit.
        if (destination.Length < LengthWithoutTexts + (2 * key.Length) - 1 + (point?.Unit.Length ?? 0))
        {
            return TranslateStatus.DestinationTooSmall;
        }

        Dnp3Value.Writer writer = Dnp3Value.Write(destination);
        writer.DeviceId = names.Device(device);
        writer.Point = key[(names.Device(device).Length + 1)..];
        writer.Key = key;
        writer.Kind = (ValueKind)kind;
        writer.Index = index;
        writer.Value = scaled;
        if (point is { Unit.Length: > 0 })
        {
            writer.Unit = point.Unit;
        }

        WriteRest(payload, kind, raw, ref writer);
        length = writer.Length;
        return TranslateStatus.Ok;
    }

    private static void WriteRest(ReadOnlySpan<byte> payload, Dnp3PointKind kind, double raw, ref Dnp3Value.Writer writer)
    {
        int bits = payload[5];
        if ((bits & IsInteger) != 0 && kind is Dnp3PointKind.Counter or Dnp3PointKind.FrozenCounter)
        {
            writer.Unsigned = (ulong)raw;
        }
        else if ((bits & IsInteger) != 0 && kind >= Dnp3PointKind.AnalogInput)
        {
            writer.Signed = (long)raw;
        }

        byte flags = payload[32];
        bool hasFlags = (bits & HasFlags) != 0;
        writer.IsEvent = (bits & IsEvent) != 0;
        writer.IsOnline = !hasFlags || (flags & Dnp3Measurement.OnlineFlag) != 0;
        if (hasFlags)
        {
            writer.Flags = flags;
        }

        // A time after the year 2262 does not fit nanoseconds.
        long time = BinaryPrimitives.ReadInt64LittleEndian(payload[16..]);
        if ((bits & HasTime) != 0 && (ulong)time <= long.MaxValue / NanosPerMilli)
        {
            writer.OccurredAt = time * NanosPerMilli;
            writer.IsSynchronized = (bits & IsSynchronized) != 0;
        }

        writer.ReceivedAt = BinaryPrimitives.ReadInt64LittleEndian(payload[24..]);
    }
}
