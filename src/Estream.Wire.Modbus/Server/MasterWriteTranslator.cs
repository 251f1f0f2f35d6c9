using System.Buffers.Binary;
using System.Text.Unicode;
using Estream.Modbus;

namespace Estream.Wire.Modbus.Server;

/// <summary>Translates the write of a master into ModbusWrite. Thread-safe.</summary>
/// <param name="points">The points by index.</param>
internal sealed class MasterWriteTranslator(IReadOnlyList<ServedPoint> points) : IPayloadTranslator
{
    /// <summary>The kind of a text, after those of <see cref="PointValueKind"/>.</summary>
    public const byte Text = (byte)PointValueKind.Real + 1;

    /// <summary>The index of the point, requested_at, and the kind.</summary>
    public const int HeaderBytes = 13;

    private const int MaxTextBytes = 2 * ModbusLimits.MaxWriteRegisters;

    // The length of the longest message without its texts: the limits of device_id, point and text.
    private const int LengthWithoutTexts = ModbusWrite.MaxLength - (64 + 64 + 250);

    /// <inheritdoc/>
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> payload = message.Payload;
        if (payload.Length < HeaderBytes
            || (BinaryPrimitives.ReadInt32LittleEndian(payload) is var index && (uint)index >= (uint)points.Count)
            || !IsValue(payload[12], payload[HeaderBytes..]))
        {
            return TranslateStatus.Unfit("the payload is not a write of a point");
        }

        ServedPoint point = points[BinaryPrimitives.ReadInt32LittleEndian(payload)];
        ReadOnlySpan<byte> value = payload[HeaderBytes..];
        int textBytes = point.Unit.Length + point.Name.Length + (payload[12] == Text ? value.Length : 0);
        if (destination.Length < LengthWithoutTexts + textBytes)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ModbusWrite.Writer writer = ModbusWrite.Write(destination);
        writer.DeviceId = point.Unit;
        writer.Point = point.Name;
        writer.RequestedAt = BinaryPrimitives.ReadInt64LittleEndian(payload[4..]);
        switch (payload[12])
        {
            case Text:
                writer.Text = value;
                break;
            case (byte)PointValueKind.Real:
                writer.Value = BinaryPrimitives.ReadDoubleLittleEndian(value);
                break;
            case (byte)PointValueKind.SignedInteger:
                writer.Signed = BinaryPrimitives.ReadInt64LittleEndian(value);
                break;
            default:
                writer.Unsigned = BinaryPrimitives.ReadUInt64LittleEndian(value);
                break;
        }

        length = writer.Length;
        return TranslateStatus.Ok;
    }

    private static bool IsValue(byte kind, ReadOnlySpan<byte> value) => kind == Text
        ? value.Length <= MaxTextBytes && Utf8.IsValid(value)
        : kind is not (byte)PointValueKind.Invalid and < Text && value.Length == sizeof(long);
}
