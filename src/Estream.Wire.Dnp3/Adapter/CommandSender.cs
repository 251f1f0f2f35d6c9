using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Dnp3;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Commands;
using Estream.Wire.Dnp3.Session;

namespace Estream.Wire.Dnp3.Adapter;

/// <summary>Operates the points that Dnp3Command messages name. Thread-safe.</summary>
internal sealed class CommandSender(
    Dnp3MasterOptions options, IClock clock, Func<int, (MasterChannel Channel, MasterSession Session)> find, EgressRecords? records)
{
    // The index of the device, that of the point in its options, and requested_at. The object of the command follows.
    private const int PrefixBytes = 4 + 4 + sizeof(long);
    private const int MaxHeaderBytes = 7;
    private const uint DefaultPulseMs = 100;

    private readonly Dictionary<(string Device, string Point), (int Device, int Point)> _points = options.Devices
        .SelectMany((device, one) => device.Points.Select((point, other) => (Key: (device.Name, point.Name), Place: (one, other))))
        .ToDictionary(entry => entry.Key, entry => entry.Place);

    /// <summary>Translates a message into its point, its time and the object of the command.</summary>
    public TranslateStatus Translate(in EsfMessage message, EgressMessage destination)
    {
        destination.Clear();
        if (!Dnp3Command.View.TryOf(message.Bytes, out Dnp3Command.View command))
        {
            return TranslateStatus.NotMapped("the message is not a Dnp3Command of a supported version");
        }

        string device = Encoding.UTF8.GetString(command.DeviceId);
        string name = Encoding.UTF8.GetString(command.Point);
        if (!_points.TryGetValue((device, name), out (int Device, int Point) place) || !PointAt(place).IsWritable)
        {
            return TranslateStatus.Unfit($"device '{device}' has no writable point '{name}'");
        }

        Dnp3PointOptions point = PointAt(place);
        long requestedAt = command.RequestedAt;
        if (IsExpired(requestedAt))
        {
            return TranslateStatus.Unfit(ExpiredMessage(point, requestedAt));
        }

        if (!TryCreate(point, command, out CommandObject one))
        {
            return TranslateStatus.Unfit(
                $"the command does not fit point '{name}' of device '{device}', which is a {point.Kind}. A binary output needs operation; "
                + $"an analog output needs one of value and signed in the range of {point.Type}");
        }

        destination.Topic.Write(Encoding.UTF8.GetBytes($"results/{device}"));
        Span<byte> payload = destination.Payload.GetSpan(PrefixBytes + MaxHeaderBytes + CommandObject.MaxBytes);
        BinaryPrimitives.WriteInt32LittleEndian(payload, place.Device);
        BinaryPrimitives.WriteInt32LittleEndian(payload[4..], place.Point);
        BinaryPrimitives.WriteInt64LittleEndian(payload[8..], requestedAt);
        destination.Payload.Advance(PrefixBytes + one.Write(payload[PrefixBytes..]));
        return TranslateStatus.Ok;
    }

    /// <summary>Sends a translated command, and stores its outcome.</summary>
    public async ValueTask<EmitStatus> SendAsync(EgressMessage message, CancellationToken cancellation)
    {
        if (!TryRead(message.Payload.WrittenSpan, out (int Device, int Point) place, out long requestedAt, out CommandObject command))
        {
            return new EmitStatus(EmitCode.Refused, "the message was not translated by this adapter");
        }

        Dnp3PointOptions point = PointAt(place);
        if (IsExpired(requestedAt))
        {
            return new EmitStatus(EmitCode.Refused, ExpiredMessage(point, requestedAt));
        }

        if (records is not null && await records.FailureAsync(place.Device, cancellation).ConfigureAwait(false) is { } failure)
        {
            return new EmitStatus(EmitCode.Deferred, $"the outcome of a command could not be stored: {failure.Message}");
        }

        (MasterChannel channel, MasterSession session) = find(place.Device);
        PendingCommand pending = new(command, point.IsDirect, () => IsExpired(requestedAt));
        channel.Execute(session, pending);
        CommandEnd end = await pending.End.WaitAsync(cancellation).ConfigureAwait(false);
        if (end.Outcome == CommandOutcome.NotSent)
        {
            return IsExpired(requestedAt)
                ? new EmitStatus(EmitCode.Refused, ExpiredMessage(point, requestedAt))
                : new EmitStatus(channel.IsConnected ? EmitCode.Deferred : EmitCode.NotConnected, $"point '{point.Name}': {end.Reason}");
        }

        if (records is not null)
        {
            byte[] record = new byte[ResultTranslator.MaxPayloadBytes];
            int length = ResultTranslator.WritePayload(
                place.Device, command, !point.IsDirect, end, requestedAt, clock.UtcNanos, record);
            await records.StoreAsync(place.Device, record.AsMemory(0, length), cancellation).ConfigureAwait(false);
        }

        return end.Outcome switch
        {
            CommandOutcome.Success => EmitStatus.Ok,
            CommandOutcome.Refused => new EmitStatus(EmitCode.Refused, $"point '{point.Name}' was refused: {end.Reason}"),
            _ => new EmitStatus(EmitCode.Refused,
                $"point '{point.Name}' was sent a command, and the outcome is unknown: {end.Reason}. The command is not repeated; "
                + "check the device"),
        };
    }

    private Dnp3PointOptions PointAt((int Device, int Point) place) => options.Devices[place.Device].Points[place.Point];

    private bool TryRead(
        ReadOnlySpan<byte> payload, out (int Device, int Point) place, out long requestedAt, out CommandObject command)
    {
        (place, requestedAt, command) = (default, 0, default);
        if (payload.Length <= PrefixBytes)
        {
            return false;
        }

        place = (BinaryPrimitives.ReadInt32LittleEndian(payload), BinaryPrimitives.ReadInt32LittleEndian(payload[4..]));
        requestedAt = BinaryPrimitives.ReadInt64LittleEndian(payload[8..]);
        return (uint)place.Device < (uint)options.Devices.Count
            && (uint)place.Point < (uint)options.Devices[place.Device].Points.Count
            && CommandObject.TryRead(payload[PrefixBytes..], out command);
    }

    private static bool TryCreate(Dnp3PointOptions point, in Dnp3Command.View command, out CommandObject one)
    {
        one = default;
        int values = (command.Operation is null ? 0 : 1) + (command.Value is null ? 0 : 1) + (command.Signed is null ? 0 : 1);
        if (values != 1 || (command.Operation is not null) != (point.Kind == Dnp3PointKind.BinaryOutput))
        {
            return false;
        }

        if (command.Operation is { } operation)
        {
            one = CommandObject.Relay(
                point.Index, ControlCodes.Of(operation), command.Count ?? 1, command.OnMs ?? DefaultPulseMs,
                command.OffMs ?? DefaultPulseMs);
            return command.Count is not 0;
        }

        bool isInteger = point.Type is Dnp3AnalogType.Integer32 or Dnp3AnalogType.Integer16;
        double value = command.Signed is { } signed ? signed : (command.Value!.Value - point.Offset) / point.Scale;
        value = isInteger ? Math.Round(value, MidpointRounding.AwayFromZero) : value;
        one = CommandObject.Analog(point.Index, (byte)point.Type, value);
        return double.IsFinite(one.Value) && point.Type switch
        {
            Dnp3AnalogType.Integer32 => value is >= int.MinValue and <= int.MaxValue,
            Dnp3AnalogType.Integer16 => value is >= short.MinValue and <= short.MaxValue,
            _ => true,
        };
    }

    /// <summary>Whether a command is older than the limit, or so far in the future that its age is unknown.</summary>
    private bool IsExpired(long requestedAt)
    {
        // In 128 bits, because requested_at is any number that a client sends.
        Int128 age = (Int128)clock.UtcNanos - requestedAt;
        return options.MaxCommandAge > TimeSpan.Zero
            && Int128.Abs(age) > (Int128)options.MaxCommandAge.Ticks * TimeSpan.NanosecondsPerTick;
    }

    private string ExpiredMessage(Dnp3PointOptions point, long requestedAt)
    {
        Int128 age = (Int128)clock.UtcNanos - requestedAt;
        return string.Create(CultureInfo.InvariantCulture,
            $"the command for point '{point.Name}' has expired: requested_at is {Int128.Abs(age) / 1_000_000} ms "
            + $"{(age < 0 ? "in the future" : "ago")}, and MaxCommandAgeMs is {options.MaxCommandAge.TotalMilliseconds}. Send it again, or "
            + $"compare the clocks of the sender and this host");
    }
}
