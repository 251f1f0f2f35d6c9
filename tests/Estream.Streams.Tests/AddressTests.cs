using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Iot;
using Estream.Queue;

namespace Estream.Streams.Tests;

/// <summary>Subscriptions by lattice and address yield exactly the matching messages, in order.</summary>
public sealed class AddressTests : StreamCase
{
    private static readonly EsfMessageFilter s_pump7 = At("/devices/pump-7/**");

    [Fact]
    public async Task Tailer_reads_messages_of_its_addresses_and_skips_others()
    {
        AppendAll();
        using QueueTailer tailer = Queue.CreateTailer();
        EsfTailer<IoTTelemetry.View> readings = new(tailer, s_pump7);
        Assert.Equal([1, 3], Read(readings));
        Assert.Equal(3, readings.Passed);

        // Skipped messages are consumed, like messages that were returned.
        AppendAll();
        Assert.Equal([1, 3], Read(readings));
        Assert.Equal(6, readings.Passed);

        tailer.SeekToStart();
        List<double> awaited = [];
        await foreach (EsfEntry<IoTTelemetry.View> entry in readings.ReadAllAsync())
        {
            awaited.Add(entry.View.Value);
            if (awaited.Count == 4)
            {
                break;
            }
        }

        Assert.Equal([1, 3, 1, 3], awaited);
    }

    [Theory]
    [InlineData("estream.iot.telemetry", null, "1 2 3 4")]
    [InlineData("estream.**", "/devices/*/telemetry", "1 2 3 4")]
    [InlineData(null, "/devices/pump-7%2F8/telemetry", "4")]
    [InlineData("estream.**", "/devices/pump-9/telemetry", "")]
    public void Filter_selects_by_lattice_and_address(string? lattice, string? path, string expected)
    {
        AppendAll();
        using QueueTailer tailer = Queue.CreateTailer();
        EsfMessageFilter filter = new([IoTTelemetry.Schema], Pattern(lattice), Pattern(path));
        Assert.Equal(expected, string.Join(' ', Read(new EsfTailer<IoTTelemetry.View>(tailer, filter))));
    }

    [Fact]
    public void Filter_that_matches_no_message_of_the_schema_throws()
    {
        using QueueTailer tailer = Queue.CreateTailer();
        EsfMessageFilter[] filters =
        [
            At("/devices/*/weather"), new([IoTTelemetry.Schema], Pattern("estream.trading.**"), null),
            new([IoTAlert.Schema], null, Pattern("/devices/**")),
        ];
        foreach (EsfMessageFilter filter in filters)
        {
            Assert.Equal("filter", Assert.Throws<ArgumentException>(() => new EsfTailer<IoTTelemetry.View>(tailer, filter)).ParamName);
            Assert.Equal("filter",
                Assert.Throws<ArgumentException>(() => new EsfModeratedTailer<IoTTelemetry.View>(tailer, filter)).ParamName);
            Assert.Equal("filter",
                Assert.Throws<ArgumentException>(() => new EsfTransactionalTailer<IoTTelemetry.View>(tailer, Queue, filter)).ParamName);
            Assert.Equal("filter", Assert.Throws<ArgumentException>(() => EsfStream.From<IoTTelemetry.View>(Queue, filter)).ParamName);
        }
    }

    [Fact]
    public void Message_with_an_unreadable_address_throws_once_and_is_then_skipped()
    {
        long position;
        using (QueueAppender appender = Queue.CreateAppender())
        {
            // The fixed block is complete, but the data it refers to is missing.
            position = appender.Append(Reading("pump-7", 1).AsSpan(0, IoTTelemetry.FixedLength));
            appender.Append(Reading("pump-7", 2));
        }

        using QueueTailer tailer = Queue.CreateTailer();
        EsfTailer<IoTTelemetry.View> readings = new(tailer, s_pump7);
        string refused = Assert.Throws<EstreamFormatException>(() => readings.TryRead(out _)).Message;
        Assert.Contains($"At position {position}: the address of the message of estream.iot.IoTTelemetry cannot be determined: "
            + "field 'device_id'",
            refused, StringComparison.Ordinal);
        Assert.Equal([2], Read(readings));
        Assert.Equal(0, readings.Passed);

        using EstreamQueue copies = Open("copies");
        using EsfPipeline pipeline = EsfStream.From<IoTTelemetry.View>(Queue, s_pump7).AppendTo("copy", copies, 200);
        Assert.Contains("cannot be determined", Assert.Throws<EstreamFormatException>(() => pipeline.RunToEnd()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_at_other_addresses_are_not_unsealed()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using EsfKeyRing ring = new(key);
        using EsfUnsealer reader = new(Finding.Schema, ring);
        using EsfSealer sealer = new(Finding.Schema, EsfAudienceKeys.None.With("owner", key.PublicKey).With("auditor", key.PublicKey));
        using (QueueAppender appender = Queue.CreateAppender())
        {
            // Unsealing the first message would throw: a byte of its sealed value was changed.
            byte[] changed = Seal(sealer, """{"number":1,"owned":"o1"}""");
            Assert.True(EsfMessageHeader.TryRead(changed, out EsfMessageHeader header));
            changed[header.FixedLength + 5] ^= 1;
            appender.Append(changed);
            appender.Append(Seal(sealer, """{"number":2,"owned":"o2"}"""));
        }

        EsfMessageFilter second = new([Finding.Schema], null, Pattern("/findings/2"));
        using QueueTailer tailer = Queue.CreateTailer();
        EsfTailer<Finding.View> findings = new(tailer, reader, second);
        Assert.True(findings.TryRead(out EsfMessage<Finding.View> message));
        Assert.True(message.View.Owned.TryGet(out ReadOnlySpan<byte> owned) && owned.SequenceEqual("o2"u8));
        Assert.False(findings.TryRead(out _));
        Assert.Equal(1, findings.Passed);

        using EstreamQueue copies = Open("copies");
        using EsfPipeline pipeline = EsfStream.From<Finding.View>(Queue, reader, second).AppendTo("copy", copies, 9_000, sealer);
        Assert.Equal(2, pipeline.RunToEnd());
        Assert.Equal(1, pipeline.Passed);
    }

    [Fact]
    public void Pipeline_processes_each_message_of_its_addresses_once()
    {
        using EstreamQueue copies = Open("copies");
        for (int round = 1; round <= 2; round++)
        {
            AppendAll();
            using EsfPipeline pipeline = EsfStream.From<IoTTelemetry.View>(Queue, s_pump7).AppendTo("copy", copies, 200);
            Assert.Equal(5, pipeline.RunToEnd());
            Assert.Equal(3, pipeline.Passed);
            using QueueTailer tailer = copies.CreateTailer();
            Assert.Equal(Enumerable.Repeat<double[]>([1, 3], round).SelectMany(values => values),
                Read(new EsfTailer<IoTTelemetry.View>(tailer)));
        }
    }

    [Fact]
    public void Filter_applies_to_approved_items_and_transaction_messages()
    {
        AppendAll();
        using EstreamQueue approved = Open("approved");
        using (EsfApprover<IoTTelemetry.View> approver = new(Queue, approved, "a"))
        {
            while (approver.TryRead(out EsfMessage<IoTTelemetry.View> proposal))
            {
                approver.Approve(proposal.Position);
            }
        }

        using QueueTailer visitor = approved.CreateTailer();
        EsfModeratedTailer<IoTTelemetry.View> items = new(visitor, s_pump7);
        List<double> seen = [];
        while (items.TryRead(out EsfModerated<IoTTelemetry.View> item))
        {
            seen.Add(item.View.Value);
        }

        Assert.Equal([1, 3], seen);
        Assert.Equal(2, items.Passed);

        using EstreamQueue log = Open("log");
        using EstreamQueue left = Open("left");
        using (EsfTransactions transactions = new(log))
        using (QueueAppender appender = left.CreateAppender())
        using (EsfTransaction transaction = transactions.Begin())
        {
            transaction.Append(appender, Reading("pump-8", 5));
            transaction.Append(appender, Reading("pump-7", 6));
            transaction.Commit();
        }

        using QueueTailer parts = left.CreateTailer();
        using EsfTransactionalTailer<IoTTelemetry.View> committed = new(parts, log, s_pump7);
        Assert.True(committed.TryRead(out EsfMessage<IoTTelemetry.View> only));
        Assert.Equal(6, only.View.Value);
        Assert.False(committed.TryRead(out _));
        Assert.Equal(1, committed.Passed);
    }

    private static List<double> Read(EsfTailer<IoTTelemetry.View> readings)
    {
        List<double> values = [];
        while (readings.TryRead(out EsfMessage<IoTTelemetry.View> message))
        {
            values.Add(message.View.Value);
        }

        return values;
    }

    /// <summary>Appends two readings of pump-7, two of other devices, and an alert.</summary>
    private void AppendAll()
    {
        using QueueAppender appender = Queue.CreateAppender();
        appender.Append(Reading("pump-7", 1));
        appender.Append(Reading("pump-8", 2));
        appender.Append(Alert());
        appender.Append(Reading("pump-7", 3));
        appender.Append(Reading("pump-7/8", 4));
    }

    private static byte[] Reading(string device, int value) =>
        Encode(IoTTelemetry.Schema, $$"""{"device_id":"{{device}}","timestamp":1,"metric_name":"flow","value":{{value}},"unit":"l"}""");

    private static byte[] Seal(EsfSealer sealer, string json)
    {
        byte[] message = Encode(Finding.Schema, json);
        byte[] destination = new byte[sealer.MaxSealedLength(message.Length)];
        EsfStatus status = sealer.Seal(message, destination, out int written);
        Assert.True(status.IsOk, status.ToString());
        return destination[..written];
    }

    private static EsfMessageFilter At(string path) => new([IoTTelemetry.Schema], null, EsfAddressPattern.Parse(path));

    private static EsfAddressPattern? Pattern(string? text) => text is null ? null : EsfAddressPattern.Parse(text);
}
