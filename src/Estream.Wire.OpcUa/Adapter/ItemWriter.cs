using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Opcua;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>Writes items that OpcUaWrite messages name, and reads them back. Thread-safe.</summary>
internal sealed class ItemWriter(
    OpcUaAdapterOptions options, IReadOnlyList<AdapterItem> items, Func<int, ServerLine> lineOf, IClock clock, EgressRecords? records)
{
    private const int ReadBackAttempts = 3;
    private const int ReadBackPauseMs = 200;

    // The index of the item, requested_at, and which of the four values follows.
    private const int PrefixBytes = sizeof(int) + sizeof(long) + 1;

    private readonly Dictionary<(string Server, string Item), AdapterItem> _items =
        items.ToDictionary(item => (options.Servers[item.Server].Name, item.Options.Name));

    private enum Form : byte
    {
        Real,
        Signed,
        Unsigned,
        Text,
    }

    /// <summary>Translates a message into the index of its item, its time and its value. The type of the node is known only at the
    /// server.</summary>
    public TranslateStatus Translate(in EsfMessage message, EgressMessage destination)
    {
        destination.Clear();
        if (!OpcUaWrite.View.TryOf(message.Bytes, out OpcUaWrite.View write))
        {
            return TranslateStatus.NotMapped("the message is not an OpcUaWrite of a supported version");
        }

        string server = Encoding.UTF8.GetString(write.Server);
        string name = Encoding.UTF8.GetString(write.Item);
        if (!_items.TryGetValue((server, name), out AdapterItem? item) || !item.Options.IsWritable)
        {
            return TranslateStatus.Unfit($"server '{server}' has no writable item '{name}'");
        }

        if (IsExpired(write.RequestedAt))
        {
            return TranslateStatus.Unfit(ExpiredMessage(item, write.RequestedAt));
        }

        int values = (write.Value is null ? 0 : 1) + (write.Signed is null ? 0 : 1) + (write.Unsigned is null ? 0 : 1)
            + (write.HasText ? 1 : 0);
        if (values != 1)
        {
            return TranslateStatus.Unfit($"the write of item '{name}' has {values} values; exactly one is needed");
        }

        destination.Topic.Write(Encoding.UTF8.GetBytes($"writes/{server}/{name}"));
        Span<byte> prefix = destination.Payload.GetSpan(PrefixBytes + sizeof(long));
        BinaryPrimitives.WriteInt32LittleEndian(prefix, item.Index);
        BinaryPrimitives.WriteInt64LittleEndian(prefix[4..], write.RequestedAt);
        prefix[12] = (byte)(write.HasText ? Form.Text : write.Signed is not null ? Form.Signed
            : write.Unsigned is not null ? Form.Unsigned : Form.Real);
        destination.Payload.Advance(PrefixBytes);
        if (write.HasText)
        {
            destination.Payload.Write(write.Text);
            return TranslateStatus.Ok;
        }

        long bits = write.Signed ?? (long?)write.Unsigned ?? BitConverter.DoubleToInt64Bits(write.Value!.Value);
        BinaryPrimitives.WriteInt64LittleEndian(destination.Payload.GetSpan(sizeof(long)), bits);
        destination.Payload.Advance(sizeof(long));
        return TranslateStatus.Ok;
    }

    /// <summary>Sends a translated write, reads the item back, compares, and stores the outcome as an event.</summary>
    public async ValueTask<EmitStatus> WriteAsync(EgressMessage message, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> payload = message.Payload.WrittenMemory;
        if (payload.Length < PrefixBytes
            || BinaryPrimitives.ReadInt32LittleEndian(payload.Span) is var index && (uint)index >= (uint)items.Count)
        {
            return new EmitStatus(EmitCode.Refused, "the message was not translated by this adapter");
        }

        AdapterItem item = items[BinaryPrimitives.ReadInt32LittleEndian(payload.Span)];
        long requestedAt = BinaryPrimitives.ReadInt64LittleEndian(payload.Span[4..]);
        if (IsExpired(requestedAt))
        {
            return new EmitStatus(EmitCode.Refused, ExpiredMessage(item, requestedAt));
        }

        if (records is not null && await records.FailureAsync(item.Server, cancellation).ConfigureAwait(false) is { } failure)
        {
            return new EmitStatus(EmitCode.Deferred, $"the outcome of a write could not be stored: {failure.Message}");
        }

        ServerLine line = lineOf(item.Server);
        if (line.Connection.Caller is not { } caller)
        {
            return new EmitStatus(EmitCode.NotConnected, $"server '{line.Options.Name}' is not connected");
        }

        EmitStatus status = await WriteAsync(caller, line, item, payload[PrefixBytes..], (Form)payload.Span[12], cancellation)
            .ConfigureAwait(false);
        if (records is not null && (status.Code is EmitCode.Ok or EmitCode.Refused))
        {
            OpcUaEventKind kind = status.IsOk ? OpcUaEventKind.Written : OpcUaEventKind.WriteFailed;
            byte[] record = new byte[EventTranslator.MaxPayloadBytes];
            int length = EventTranslator.WritePayload(
                new ServerEvent(item.Server, clock.UtcNanos, kind, item.Index) { Reason = status.Detail }, record);
            await records.StoreAsync(item.Server, record.AsMemory(0, length), cancellation).ConfigureAwait(false);
        }

        return status;
    }

    private static async ValueTask<EmitStatus> WriteAsync(
        ServiceCaller caller, ServerLine line, AdapterItem item, ReadOnlyMemory<byte> value, Form form, CancellationToken cancellation)
    {
        UaNodeId node = line.Connection.NodeOf(item.Handle);
        UaVariant wanted;
        try
        {
            UaDataValue[] read = await AttributeServices.ReadAsync(caller, [new UaReadItem(node)], cancellation).ConfigureAwait(false);
            UaDataValue present = read[0];
            if (present.Value.Type == UaType.Null)
            {
                return new EmitStatus(EmitCode.Deferred, $"the type of item '{item.Options.Name}' is unknown: {present.Status}");
            }

            if (present.Value.IsArray || !TryConvert(form, value.Span, present.Value.Type, out wanted))
            {
                return new EmitStatus(
                    EmitCode.Refused, $"the value does not fit item '{item.Options.Name}', which is a {present.Value.Type}");
            }
        }
        catch (OpcUaException failure)
        {
            return new EmitStatus(EmitCode.NotConnected, failure.Message);
        }

        UaStatus written;
        try
        {
            written = (await AttributeServices.WriteAsync(caller, [new UaWriteItem(node, wanted)], cancellation).ConfigureAwait(false))[0];
        }
        catch (OpcUaException failure) when (failure.Status != UaStatus.BadTimeout && failure.Status != UaStatus.BadConnectionClosed)
        {
            return new EmitStatus(EmitCode.Refused, failure.Message);
        }
        catch (OpcUaException)
        {
            // The server may have the request. To send it again could perform it twice, so the value decides.
            written = UaStatus.Good;
        }

        return written.IsBad
            ? new EmitStatus(EmitCode.Refused, $"item '{item.Options.Name}': {written}")
            : await ReadBackAsync(line, item, wanted, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads the item until the server answers, and compares. Repeats the read a few times, and never the write.</summary>
    private static async ValueTask<EmitStatus> ReadBackAsync(
        ServerLine line, AdapterItem item, UaVariant wanted, CancellationToken cancellation)
    {
        string failure = "";
        for (int attempt = 0; attempt < ReadBackAttempts; attempt++)
        {
            if (attempt > 0)
            {
                await Task.Delay(ReadBackPauseMs, cancellation).ConfigureAwait(false);
            }

            if (line.Connection.Caller is not { } caller)
            {
                failure = "the server is not connected";
                continue;
            }

            try
            {
                UaReadItem read = new(line.Connection.NodeOf(item.Handle));
                UaDataValue found = (await AttributeServices.ReadAsync(caller, [read], cancellation).ConfigureAwait(false))[0];
                if (found.Value == wanted)
                {
                    return EmitStatus.Ok;
                }

                failure = $"it has another value after the write: {found.Value} ({found.Status})";
            }
            catch (OpcUaException unread)
            {
                failure = $"it could not be read back: {unread.Status}";
            }
        }

        return new EmitStatus(
            EmitCode.Refused,
            $"item '{item.Options.Name}' was sent a value, and {failure}. The write is not repeated; check the server");
    }

    /// <summary>Converts the value of a message to the type of the node. Numbers are never rounded, except to Float.</summary>
    private static bool TryConvert(Form form, ReadOnlySpan<byte> value, UaType type, out UaVariant converted)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (form == Form.Text)
        {
            bool isText = type is UaType.String or UaType.LocalizedText;
            converted = default;
            return isText && UaVariant.TryParse(type, Encoding.UTF8.GetString(value), out converted);
        }

        long bits = BinaryPrimitives.ReadInt64LittleEndian(value);
        string text = form switch
        {
            Form.Signed => bits.ToString(culture),
            Form.Unsigned => ((ulong)bits).ToString(culture),
            _ => BitConverter.Int64BitsToDouble(bits).ToString(
                type is UaType.Double or UaType.Float ? "R" : "0.#################", culture),
        };
        bool isNumber = type is >= UaType.Boolean and <= UaType.Double;
        converted = default;
        return isNumber && UaVariant.TryParse(type, text, out converted);
    }

    /// <summary>Whether a write is older than the limit, or so far in the future that its age is unknown.</summary>
    private bool IsExpired(long requestedAt)
    {
        // In 128 bits, because requested_at is any number that a client sends.
        Int128 age = (Int128)clock.UtcNanos - requestedAt;
        return options.MaxWriteAge > TimeSpan.Zero && Int128.Abs(age) > (Int128)options.MaxWriteAge.Ticks * TimeSpan.NanosecondsPerTick;
    }

    private string ExpiredMessage(AdapterItem item, long requestedAt)
    {
        Int128 age = (Int128)clock.UtcNanos - requestedAt;
        return string.Create(CultureInfo.InvariantCulture,
            $"the write of item '{item.Options.Name}' has expired: requested_at is {Int128.Abs(age) / 1_000_000} ms "
            + $"{(age < 0 ? "in the future" : "ago")}, and MaxWriteAgeMs is {options.MaxWriteAge.TotalMilliseconds}. Send it again, or "
            + $"compare the clocks of the sender and this host");
    }
}
