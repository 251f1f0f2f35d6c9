using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Estream.Modbus;
using Estream.Wire.Modbus.Translation;

namespace Estream.Wire.Modbus.Polling;

/// <summary>Writes points that ModbusWrite messages name, and reads them back. Thread-safe.</summary>
internal sealed class PointWriter(
    ModbusPollerOptions options, IReadOnlyList<PlannedPoint> points, Func<int, DeviceLine> lineOf, Func<int, byte[], bool> tryStore)
{
    private const int IndexBytes = 4;

    private readonly Dictionary<(string Device, string Point), PlannedPoint> _points =
        points.ToDictionary(point => (options.Devices[point.Device].Name, point.Options.Name));

    /// <summary>Translates a message into the index of its point and the PDU of the write.</summary>
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

        Span<byte> pdu = stackalloc byte[ModbusLimits.MaxPduBytes];
        if (!TryWritePdu(point.Options, write, pdu, out int length))
        {
            return TranslateStatus.Unfit(
                $"the value does not fit point '{name}' of device '{device}', which is a {point.Options.Type}; exactly one value is "
                + "needed");
        }

        destination.Topic.Write(Encoding.UTF8.GetBytes($"writes/{device}/{name}"));
        BinaryPrimitives.WriteInt32LittleEndian(destination.Payload.GetSpan(IndexBytes), point.Index);
        destination.Payload.Advance(IndexBytes);
        destination.Payload.Write(pdu[..length]);
        return TranslateStatus.Ok;
    }

    /// <summary>Sends a translated write, stores its response, reads the point back, and compares.</summary>
    public async ValueTask<EmitStatus> WriteAsync(EgressMessage message, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> payload = message.Payload.WrittenMemory;
        if (payload.Length <= IndexBytes
            || BinaryPrimitives.ReadInt32LittleEndian(payload.Span) is var index && (uint)index >= (uint)points.Count)
        {
            return new EmitStatus(EmitCode.Refused, "the message was not translated by this adapter");
        }

        PlannedPoint point = points[BinaryPrimitives.ReadInt32LittleEndian(payload.Span)];
        WriteExchange write = Create(point);
        payload.Span[IndexBytes..].CopyTo(write.RequestBuffer);
        write.RequestLength = payload.Length - IndexBytes;
        DeviceLine line = lineOf(point.Device);
        if (!line.TryWrite(write))
        {
            return new EmitStatus(EmitCode.NotConnected, $"{line.Name} is not connected, or too many writes wait");
        }

        (ModbusStatus status, byte[] response) = await write.End.WaitAsync(cancellation).ConfigureAwait(false);
        if (status is ModbusStatus.Ok or ModbusStatus.Exception)
        {
            Store(point, write, response);
        }

        return status == ModbusStatus.Ok
            ? await ReadBackAsync(point, write, line, cancellation).ConfigureAwait(false)
            : Failed(point, status, response);
    }

    private async ValueTask<EmitStatus> ReadBackAsync(
        PlannedPoint point, WriteExchange write, DeviceLine line, CancellationToken cancellation)
    {
        WriteExchange read = Create(point);
        read.RequestLength = ModbusRequest.Read(
            point.Options.Table.ReadFunction(), point.Options.Address, point.Options.Length, read.RequestBuffer);
        if (!line.TryWrite(read))
        {
            return new EmitStatus(EmitCode.Deferred, $"{line.Name} was lost before the value was read back");
        }

        (ModbusStatus status, byte[] response) = await read.End.WaitAsync(cancellation).ConfigureAwait(false);
        if (status != ModbusStatus.Ok)
        {
            return status == ModbusStatus.Exception
                ? Failed(point, status, response)
                : new EmitStatus(EmitCode.Deferred, "the value was written and could not be read back");
        }

        return IsWritten(point.Options, write.Request, response.AsSpan(2))
            ? EmitStatus.Ok
            : new EmitStatus(
                EmitCode.Refused,
                $"point '{point.Options.Name}' has another value after the write: 0x{Convert.ToHexString(response.AsSpan(2))}");
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
            ModbusStatus.Exception when exception is ModbusExceptionCode.ServerDeviceBusy or ModbusExceptionCode.Acknowledge
                or ModbusExceptionCode.GatewayTargetFailedToRespond or ModbusExceptionCode.GatewayPathUnavailable => EmitCode.Deferred,
            ModbusStatus.Exception => EmitCode.Refused,
            ModbusStatus.NotConnected => EmitCode.NotConnected,
            _ => EmitCode.Deferred,
        };
        return new EmitStatus(code, $"point '{point.Options.Name}': {new ModbusResult(status, exception, 0).Describe()}");
    }

    private WriteExchange Create(PlannedPoint point) => new(options.Devices[point.Device], lineOf(point.Device));

    private void Store(PlannedPoint point, WriteExchange write, byte[] response)
    {
        byte[] record = new byte[ModbusRecord.MaxBytes];
        int length = ModbusRecord.Write(
            point.Device, write.RequestedAt, Core.SystemClock.Instance.UtcNanos, write.TransactionId, write.Unit, write.Request, response,
            record);
        tryStore(point.Device, record[..length]);
    }
}
