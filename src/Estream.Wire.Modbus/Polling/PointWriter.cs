using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Modbus;
using Estream.Wire.Modbus.Translation;

namespace Estream.Wire.Modbus.Polling;

/// <summary>Writes points that ModbusWrite messages name, and reads them back. Thread-safe.</summary>
internal sealed class PointWriter(
    ModbusPollerOptions options, IReadOnlyList<PlannedPoint> points, IClock clock, DeviceState[] devices,
    Func<int, DeviceLine> lineOf, EgressRecords? records)
{
    private const int ReadBackAttempts = 3;
    private const int ReadBackPauseMs = 200;

    // The index of the point, and requested_at.
    private const int PrefixBytes = 4 + sizeof(long);

    private readonly Dictionary<(string Device, string Point), PlannedPoint> _points =
        points.ToDictionary(point => (options.Devices[point.Device].Name, point.Options.Name));

    /// <summary>Translates a message into the index of its point, its time and the PDU of the write.</summary>
    public TranslateStatus Translate(in EsfMessage message, EgressMessage destination)
    {
        destination.Clear();
        if (!ModbusWrite.View.TryOf(message.Bytes, out ModbusWrite.View write))
        {
            return TranslateStatus.NotMapped("the message is not a ModbusWrite of a supported version");
        }

        string device = Encoding.UTF8.GetString(write.DeviceId);
        string name = Encoding.UTF8.GetString(write.Point);
        if (!_points.TryGetValue((device, name), out PlannedPoint? point) || !point.Options.IsWritable)
        {
            return TranslateStatus.Unfit($"device '{device}' has no writable point '{name}'");
        }

        long requestedAt = write.RequestedAt;
        if (IsExpired(requestedAt))
        {
            return TranslateStatus.Unfit(ExpiredMessage(point, requestedAt));
        }

        Span<byte> pdu = stackalloc byte[ModbusLimits.MaxPduBytes];
        if (!TryWritePdu(point.Options, write, pdu, out int length))
        {
            return TranslateStatus.Unfit(
                $"the value does not fit point '{name}' of device '{device}', which is a {point.Options.Type}; exactly one value is "
                + "needed");
        }

        destination.Topic.Write(Encoding.UTF8.GetBytes($"writes/{device}/{name}"));
        Span<byte> prefix = destination.Payload.GetSpan(PrefixBytes);
        BinaryPrimitives.WriteInt32LittleEndian(prefix, point.Index);
        BinaryPrimitives.WriteInt64LittleEndian(prefix[4..], requestedAt);
        destination.Payload.Advance(PrefixBytes);
        destination.Payload.Write(pdu[..length]);
        return TranslateStatus.Ok;
    }

    /// <summary>Sends a translated write, stores its response, reads the point back, and compares.</summary>
    public async ValueTask<EmitStatus> WriteAsync(EgressMessage message, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> payload = message.Payload.WrittenMemory;
        if (payload.Length <= PrefixBytes
            || BinaryPrimitives.ReadInt32LittleEndian(payload.Span) is var index && (uint)index >= (uint)points.Count)
        {
            return new EmitStatus(EmitCode.Refused, "the message was not translated by this adapter");
        }

        PlannedPoint point = points[BinaryPrimitives.ReadInt32LittleEndian(payload.Span)];
        long requestedAt = BinaryPrimitives.ReadInt64LittleEndian(payload.Span[4..]);
        if (IsExpired(requestedAt))
        {
            return new EmitStatus(EmitCode.Refused, ExpiredMessage(point, requestedAt));
        }

        if (records is not null && await records.FailureAsync(point.Device, cancellation).ConfigureAwait(false) is { } failure)
        {
            return new EmitStatus(EmitCode.Deferred, $"the response to a write could not be stored: {failure.Message}");
        }

        WriteExchange write = Create(point);
        write.IsExpired = () => IsExpired(requestedAt);
        payload.Span[PrefixBytes..].CopyTo(write.RequestBuffer);
        write.RequestLength = payload.Length - PrefixBytes;
        DeviceLine line = lineOf(point.Device);
        if (!line.TryWrite(write))
        {
            return new EmitStatus(EmitCode.NotConnected, $"{line.Name} is not connected, or too many writes wait");
        }

        (ModbusStatus status, byte[] response) = await write.End.WaitAsync(cancellation).ConfigureAwait(false);
        if (write.WasDropped)
        {
            return new EmitStatus(EmitCode.Refused, ExpiredMessage(point, requestedAt));
        }

        if (status is ModbusStatus.Ok or ModbusStatus.Exception)
        {
            await StoreAsync(point, write, response, cancellation).ConfigureAwait(false);
        }

        // The device has the request. To send it again could perform it twice, so the value decides.
        bool isAccepted = status == ModbusStatus.Exception && response[1] == (byte)ModbusExceptionCode.Acknowledge;
        return isAccepted || status is ModbusStatus.Ok or ModbusStatus.InvalidResponse
            ? await ReadBackAsync(point, write, line, isAccepted, cancellation).ConfigureAwait(false)
            : Failed(point, status, response);
    }

    /// <summary>Reads the point until the device answers, and compares. Repeats the read a few times, and never the write.</summary>
    /// <remarks>If isUnderWay, the device may still perform the write, so another value is not final.</remarks>
    private async ValueTask<EmitStatus> ReadBackAsync(
        PlannedPoint point, WriteExchange write, DeviceLine line, bool isUnderWay, CancellationToken cancellation)
    {
        string failure = "";
        for (int attempt = 0; attempt < ReadBackAttempts; attempt++)
        {
            if (attempt > 0)
            {
                await Task.Delay(ReadBackPauseMs, cancellation).ConfigureAwait(false);
            }

            WriteExchange read = Create(point);
            read.RequestLength = ModbusRequest.Read(
                point.Options.Table.ReadFunction(), point.Options.Address, point.Options.Length, read.RequestBuffer);
            if (!line.TryWrite(read))
            {
                failure = $"{line.Name} is not connected";
                continue;
            }

            (ModbusStatus status, byte[] response) = await read.End.WaitAsync(cancellation).ConfigureAwait(false);
            if (status == ModbusStatus.Ok && IsWritten(point.Options, write.Request, response.AsSpan(2)))
            {
                return EmitStatus.Ok;
            }

            failure = status == ModbusStatus.Ok
                ? $"it has another value after the write: 0x{Convert.ToHexString(response.AsSpan(2))}"
                : "it could not be read back: " + new ModbusResult(
                    status, status == ModbusStatus.Exception ? (ModbusExceptionCode)response[1] : default, 0).Describe();
            if (status == ModbusStatus.Ok && !isUnderWay)
            {
                break;
            }
        }

        return new EmitStatus(
            EmitCode.Refused, $"point '{point.Options.Name}' was sent a value, and {failure}. The write is not repeated; check the device");
    }

    private static bool IsWritten(ModbusPointOptions point, ReadOnlySpan<byte> request, ReadOnlySpan<byte> data)
    {
        switch ((ModbusFunctionCode)request[0])
        {
            case ModbusFunctionCode.WriteSingleCoil:
                return (request[3] != 0) == ModbusBits.Get(data, 0);
            case ModbusFunctionCode.WriteSingleRegister:
                return request[3..5].SequenceEqual(data);
            case ModbusFunctionCode.MaskWriteRegister:
                int wanted = (BinaryPrimitives.ReadUInt16BigEndian(request[5..]) >> point.Bit) & 1;
                return wanted == ((BinaryPrimitives.ReadUInt16BigEndian(data) >> point.Bit) & 1);
            default:
                return request[6..].SequenceEqual(data);
        }
    }

    private static bool TryWritePdu(ModbusPointOptions point, in ModbusWrite.View write, Span<byte> pdu, out int length)
    {
        length = 0;
        int values = (write.Value is null ? 0 : 1) + (write.Signed is null ? 0 : 1) + (write.Unsigned is null ? 0 : 1)
            + (write.HasText ? 1 : 0);
        if (values != 1 || write.HasText != (point.Type == PointType.Text && !point.Table.IsBits()))
        {
            return false;
        }

        if (write.HasText)
        {
            return TryWriteText(point, write.Text, pdu, out length);
        }

        PointValue value = write.Signed is { } signed ? PointValue.Of(signed)
            : write.Unsigned is { } unsigned ? PointValue.Of(unsigned)
            : PointValue.Of((write.Value!.Value - point.Offset) / point.Scale);
        if (point.Table.IsBits() || point.Type == PointType.Bit)
        {
            return TryWriteBit(point, value.Number, pdu, out length);
        }

        Span<byte> words = stackalloc byte[8];
        words = words[..(2 * point.Length)];
        if (!RegisterCodec.TryWrite(point.Type, point.Order, value, words))
        {
            return false;
        }

        Span<ushort> registers = stackalloc ushort[4];
        registers = registers[..point.Length];
        ModbusBits.Read(words, registers);
        length = registers.Length == 1
            ? ModbusRequest.WriteRegister(point.Address, registers[0], pdu)
            : ModbusRequest.WriteRegisters(point.Address, registers, pdu);
        return true;
    }

    private static bool TryWriteBit(ModbusPointOptions point, double number, Span<byte> pdu, out int length)
    {
        length = 0;
        if (number is not (0 or 1))
        {
            return false;
        }

        ushort mask = (ushort)(1 << point.Bit);
        length = point.Table.IsBits()
            ? ModbusRequest.WriteCoil(point.Address, number != 0, pdu)
            : ModbusRequest.MaskWrite(point.Address, (ushort)~mask, number != 0 ? mask : (ushort)0, pdu);
        return true;
    }

    private static bool TryWriteText(ModbusPointOptions point, ReadOnlySpan<byte> text, Span<byte> pdu, out int length)
    {
        length = 0;
        if (text.Length > 2 * point.Registers)
        {
            return false;
        }

        byte[] words = new byte[2 * point.Registers];
        text.CopyTo(words);
        ushort[] registers = new ushort[point.Registers];
        ModbusBits.Read(words, registers);
        length = ModbusRequest.WriteRegisters(point.Address, registers, pdu);
        return true;
    }

    private static EmitStatus Failed(PlannedPoint point, ModbusStatus status, byte[] response)
    {
        ModbusExceptionCode exception = status == ModbusStatus.Exception ? (ModbusExceptionCode)response[1] : default;
        EmitCode code = status switch
        {
            ModbusStatus.Exception when exception is ModbusExceptionCode.ServerDeviceBusy
                or ModbusExceptionCode.GatewayTargetFailedToRespond or ModbusExceptionCode.GatewayPathUnavailable => EmitCode.Deferred,
            ModbusStatus.Exception => EmitCode.Refused,
            ModbusStatus.NotConnected => EmitCode.NotConnected,
            _ => EmitCode.Deferred,
        };
        return new EmitStatus(code, $"point '{point.Options.Name}': {new ModbusResult(status, exception, 0).Describe()}");
    }

    /// <summary>Whether a write is older than the limit, or so far in the future that its age is unknown.</summary>
    private bool IsExpired(long requestedAt)
    {
        // In 128 bits, because requested_at is any number that a client sends.
        Int128 age = (Int128)clock.UtcNanos - requestedAt;
        return options.MaxWriteAge > TimeSpan.Zero && Int128.Abs(age) > (Int128)options.MaxWriteAge.Ticks * TimeSpan.NanosecondsPerTick;
    }

    private string ExpiredMessage(PlannedPoint point, long requestedAt)
    {
        Int128 age = (Int128)clock.UtcNanos - requestedAt;
        return string.Create(CultureInfo.InvariantCulture,
            $"the write of point '{point.Options.Name}' has expired: requested_at is {Int128.Abs(age) / 1_000_000} ms "
            + $"{(age < 0 ? "in the future" : "ago")}, and MaxWriteAgeMs is {options.MaxWriteAge.TotalMilliseconds}. Send it again, or "
            + $"compare the clocks of the sender and this host");
    }

    private WriteExchange Create(PlannedPoint point) => new(devices[point.Device], lineOf(point.Device));

    private ValueTask StoreAsync(PlannedPoint point, WriteExchange write, byte[] response, CancellationToken cancellation)
    {
        if (records is null)
        {
            return default;
        }

        byte[] record = new byte[ModbusRecord.MaxBytes];
        int length = ModbusRecord.Write(
            point.Device, write.RequestedAt, write.AnsweredAt, write.TransactionId, write.Unit, sequence: 0, write.Request, response,
            record);
        return records.StoreAsync(point.Device, record.AsMemory(0, length), cancellation);
    }
}
