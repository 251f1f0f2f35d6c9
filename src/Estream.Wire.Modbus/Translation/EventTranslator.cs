using System.Buffers.Binary;
using System.Text.Unicode;
using Estream.Industrial;
using Estream.Wire.Modbus.Polling;

namespace Estream.Wire.Modbus.Translation;

/// <summary>Translates the payload of an event into a ModbusEvent. Thread-safe.</summary>
internal sealed class EventTranslator : IPayloadTranslator
{
    public const int MaxPayloadBytes = HeaderBytes + MaxReasonBytes;

    private const int HeaderBytes = 20;
    private const int ChangeBytes = 4;
    private const int MaxReasonBytes = 256;

    private readonly byte[][] _devices;

    /// <param name="devices">The names of the devices in UTF-8, by index.</param>
    public EventTranslator(byte[][] devices) => _devices = devices;

    /// <summary>Writes the payload of an event.</summary>
    /// <returns>The bytes written.</returns>
    public static int WritePayload(in DeviceEvent one, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, one.Device);
        BinaryPrimitives.WriteInt64LittleEndian(destination[4..], one.OccurredAt);
        destination[12] = (byte)one.Kind;
        destination[13] = one.Unit;
        destination[14] = (byte)one.Function;
        destination[15] = (byte)one.Exception;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[16..], one.Address);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[18..], one.Quantity);
        int length = System.Text.Encoding.UTF8.GetByteCount(one.Reason);
        if (length > MaxReasonBytes)
        {
            return HeaderBytes;
        }

        return HeaderBytes + System.Text.Encoding.UTF8.GetBytes(one.Reason, destination[HeaderBytes..]);
    }

    /// <summary>Writes the payload of a change: the previous value and the value follow instead of a reason.</summary>
    /// <returns>The bytes written.</returns>
    public static int WriteChange(PollExchange poll, in PointChange change, long occurredAt, Span<byte> destination)
    {
        int length = WritePayload(new DeviceEvent(
            poll.Read.Device, occurredAt, ModbusEventKind.Changed, poll.Unit, poll.Read.Table.ReadFunction(), change.Address, 1,
            ModbusExceptionCode.None, ""), destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[length..], change.Previous);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[(length + 2)..], change.Value);
        return length + ChangeBytes;
    }

    /// <inheritdoc/>
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> payload = message.Payload;
        if (payload.Length is < HeaderBytes or > MaxPayloadBytes
            || BinaryPrimitives.ReadInt32LittleEndian(payload) is var device && (uint)device >= (uint)_devices.Length
            || payload[12] > (byte)ModbusEventKind.Changed
            || (payload[12] == (byte)ModbusEventKind.Changed
                ? payload.Length != HeaderBytes + ChangeBytes
                : !Utf8.IsValid(payload[HeaderBytes..])))
        {
            return TranslateStatus.Unfit("the payload is not an event of a device");
        }

        if (destination.Length < ModbusEvent.MaxLength)
        {
            return TranslateStatus.DestinationTooSmall;
        }

        ModbusEvent.Writer writer = ModbusEvent.Write(destination);
        writer.DeviceId = _devices[BinaryPrimitives.ReadInt32LittleEndian(payload)];
        writer.OccurredAt = BinaryPrimitives.ReadInt64LittleEndian(payload[4..]);
        writer.Kind = (ModbusEventKind)payload[12];
        if (payload[14] != 0)
        {
            writer.UnitId = payload[13];
            writer.FunctionCode = payload[14];
            writer.Address = BinaryPrimitives.ReadUInt16LittleEndian(payload[16..]);
            writer.Quantity = BinaryPrimitives.ReadUInt16LittleEndian(payload[18..]);
        }

        if (payload[15] != 0)
        {
            writer.ExceptionCode = payload[15];
        }

        if (payload[12] == (byte)ModbusEventKind.Changed)
        {
            writer.PreviousValue = BinaryPrimitives.ReadUInt16LittleEndian(payload[HeaderBytes..]);
            writer.Value = BinaryPrimitives.ReadUInt16LittleEndian(payload[(HeaderBytes + 2)..]);
        }
        else if (payload.Length > HeaderBytes)
        {
            writer.Reason = payload[HeaderBytes..];
        }

        length = writer.Length;
        return TranslateStatus.Ok;
    }
}

/// <summary>Something that happened to a device.</summary>
/// <param name="Device">The index of the device.</param>
/// <param name="OccurredAt">Nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Function">The function of the request; none if it happened to the connection.</param>
/// <param name="Address">The first address of the request.</param>
/// <param name="Quantity">The quantity of the request.</param>
/// <param name="Exception">The exception of the device.</param>
/// <param name="Reason">One phrase.</param>
internal readonly record struct DeviceEvent(
    int Device, long OccurredAt, ModbusEventKind Kind, byte Unit, ModbusFunctionCode Function, ushort Address, ushort Quantity,
    ModbusExceptionCode Exception, string Reason);
