using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Estream.Modbus;
using Estream.Wire.Modbus.Polling;

namespace Estream.Wire.Modbus.Translation;

/// <summary>Translates the registers of a point into a ModbusValue: number or text, scaled as configured. Thread-safe.</summary>
internal sealed class ValueTranslator : IPayloadTranslator
{
    private const int HeaderBytes = 20;

    // The length of the longest message without its texts: the limits of device_id, point, text and unit.
    private const int MaxTextBytes = 64 + 64 + 250 + 16;
    private const int LengthWithoutTexts = ModbusValue.MaxLength - MaxTextBytes;

    private readonly Point[] _points;

    /// <param name="devices">The devices.</param>
    /// <param name="points">The points, by index.</param>
    public ValueTranslator(IReadOnlyList<ModbusDeviceOptions> devices, IReadOnlyList<PlannedPoint> points)
    {
        _points = [.. points.Select(point => new Point(
            point.Options,
            Encoding.UTF8.GetBytes(devices[point.Device].Name),
            devices[point.Device].Unit,
            Encoding.UTF8.GetBytes(point.Options.Name),
            point.Options.UnitOfMeasurement is { } unit ? Encoding.UTF8.GetBytes(unit) : []))];
    }

    /// <summary>The length of the payload of a point in bytes.</summary>
    public static int PayloadBytes(ModbusPointOptions point) => HeaderBytes + (point.Table.IsBits() ? 1 : 2 * point.Length);

    /// <summary>Writes the payload of a point: index, time, poll number, and its registers, or 1 or 0 for a bit of a table.</summary>
    /// <param name="point">The point.</param>
    /// <param name="readAt">When the response arrived.</param>
    /// <param name="sequence">The number of the poll.</param>
    /// <param name="data">The data of the response.</param>
    /// <param name="first">The first address of the response.</param>
    /// <param name="destination">Receives the payload.</param>
    /// <returns>The bytes written.</returns>
    public static int WritePayload(
        PlannedPoint point, long readAt, long sequence, ReadOnlySpan<byte> data, int first, Span<byte> destination)
    {
        ModbusPointOptions options = point.Options;
        BinaryPrimitives.WriteInt32LittleEndian(destination, point.Index);
        BinaryPrimitives.WriteInt64LittleEndian(destination[4..], readAt);
        BinaryPrimitives.WriteInt64LittleEndian(destination[12..], sequence);
        int offset = options.Address - first;
        if (options.Table.IsBits())
        {
            destination[HeaderBytes] = ModbusBits.Get(data, offset) ? (byte)1 : (byte)0;
            return HeaderBytes + 1;
        }

        data.Slice(2 * offset, 2 * options.Length).CopyTo(destination[HeaderBytes..]);
        return HeaderBytes + (2 * options.Length);
    }

    /// <inheritdoc/>
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> payload = message.Payload;
        if (payload.Length <= HeaderBytes || BinaryPrimitives.ReadInt32LittleEndian(payload) is var index
            && ((uint)index >= (uint)_points.Length || payload.Length != PayloadBytes(_points[index].Options)))
        {
            return TranslateStatus.Unfit("the payload is not the value of a point");
        }

        Point point = _points[BinaryPrimitives.ReadInt32LittleEndian(payload)];
        if (destination.Length < LengthWithoutTexts + point.TextBytes)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ModbusValue.Writer writer = ModbusValue.Write(destination);
        writer.DeviceId = point.Device;
        writer.UnitId = point.UnitId;
        writer.Point = point.Name;
        writer.ReadAt = BinaryPrimitives.ReadInt64LittleEndian(payload[4..]);
        writer.PollSequence = BinaryPrimitives.ReadUInt64LittleEndian(payload[12..]);
        if (point.UnitOfMeasurement.Length > 0)
        {
            writer.Unit = point.UnitOfMeasurement;
        }

        if (!TrySetValue(point.Options, payload[HeaderBytes..], ref writer))
        {
            return TranslateStatus.Unfit($"the registers are not a value of type {point.Options.Type}");
        }

        length = writer.Length;
        return TranslateStatus.Ok;
    }

    private static bool TrySetValue(ModbusPointOptions point, ReadOnlySpan<byte> data, ref ModbusValue.Writer writer)
    {
        if (point.Type == PointType.Text && !point.Table.IsBits())
        {
            ReadOnlySpan<byte> text = data.TrimEnd("\0 "u8);
            if (!Utf8.IsValid(text))
            {
                return false;
            }

            writer.Text = text;
            return true;
        }

        PointValue value = Read(point, data);
        double scaled = (value.Number * point.Scale) + point.Offset;
        if (!double.IsFinite(scaled))
        {
            return false;
        }

        writer.Value = scaled;
        if (value.Kind == PointValueKind.SignedInteger)
        {
            writer.Signed = value.AsSigned;
        }
        else if (value.Kind == PointValueKind.UnsignedInteger)
        {
            writer.Unsigned = value.AsUnsigned;
        }

        return true;
    }

    private static PointValue Read(ModbusPointOptions point, ReadOnlySpan<byte> data)
    {
        if (point.Table.IsBits())
        {
            return PointValue.Of((ulong)(data[0] & 1));
        }

        return point.Type == PointType.Bit
            ? PointValue.Of((ulong)((BinaryPrimitives.ReadUInt16BigEndian(data) >> point.Bit) & 1))
            : RegisterCodec.Read(point.Type, point.Order, data);
    }

    private sealed record Point(
        ModbusPointOptions Options, byte[] Device, byte UnitId, byte[] Name, byte[] UnitOfMeasurement)
    {
        /// <summary>The longest texts of a message of this point.</summary>
        public int TextBytes { get; } = Device.Length + Name.Length + UnitOfMeasurement.Length
            + (Options.Type == PointType.Text ? 2 * Options.Length : 0);
    }
}
