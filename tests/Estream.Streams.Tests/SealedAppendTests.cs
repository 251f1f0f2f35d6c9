using Estream.Crypto;
using Estream.Esf;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;
using Estream.Trading;

namespace Estream.Streams.Tests;

/// <summary>Messages of a schema with private fields cannot enter a queue as plaintext on any path.</summary>
public sealed class SealedAppendTests : StreamCase
{
    private static readonly byte[] s_submitter = [.. Enumerable.Range(100, 32).Select(i => (byte)(i * 7))];

    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();
    private readonly EsfSealer _sealer;
    private readonly EsfKeyRing _ring;

    public SealedAppendTests()
    {
        _sealer = new EsfSealer(EStreamOrder.Schema, EsfAudienceKeys.None.With("default", _key.PublicKey));
        _ring = new EsfKeyRing(_key);
    }

    public override void Dispose()
    {
        _sealer.Dispose();
        _ring.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Constructor_throws_without_a_sealer_for_private_fields()
    {
        using QueueAppender appender = Queue.CreateAppender();
        string error = Assert.Throws<ArgumentException>(() => new EsfAppender<EStreamOrder.Writer>(appender)).Message;
        Assert.Contains("submitter", error, StringComparison.Ordinal);
        Assert.Contains("EsfSealer", error, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new EsfAppender<IoTTelemetry.Writer>(appender, _sealer));
        Assert.Throws<ArgumentException>(() => new EsfAppender<IoTCommand.Writer>(appender, _sealer));
        Assert.Equal("sealer",
            Assert.Throws<ArgumentException>(() =>
                EsfStream.From<IoTTelemetry.View>(Queue).AppendTo<EStreamOrder.Writer>("p", Queue, 500, Copy)).ParamName);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_claim_is_sealed_when_it_is_committed(AppenderMode mode)
    {
        using QueueAppender appender = Queue.CreateAppender(mode);
        var orders = new EsfAppender<EStreamOrder.Writer>(appender, _sealer);
        for (ulong i = 0; i < 3; i++)
        {
            using EsfClaim<EStreamOrder.Writer> claim = orders.Claim();
            EStreamOrder.Writer writer = claim.Begin();
            Fill(ref writer, i);
            claim.Commit(writer);
        }

        using (EsfClaim<EStreamOrder.Writer> given = orders.Claim())
        {
            EStreamOrder.Writer writer = given.Begin();
            Fill(ref writer, 9);
        }

        AssertOrders(Queue, 0, 1, 2);
    }

    [Fact]
    public void Incomplete_message_throws_and_appends_nothing()
    {
        using QueueAppender appender = Queue.CreateAppender();
        var orders = new EsfAppender<EStreamOrder.Writer>(appender, _sealer);
        using (EsfClaim<EStreamOrder.Writer> claim = orders.Claim())
        {
            ArgumentException? error = null;
            try
            {
                claim.Commit(claim.Begin());
            }
            catch (ArgumentException e)
            {
                error = e;
            }

            Assert.Contains("client_order_id", error?.Message, StringComparison.Ordinal);
        }

        AssertOrders(Queue);
    }

    [Fact]
    public void Batch_seals_each_message_within_the_claimed_bytes()
    {
        using QueueAppender appender = Queue.CreateAppender();
        var orders = new EsfAppender<EStreamOrder.Writer>(appender, _sealer);
        int length = LengthOfOne();
        using (EsfBatch<EStreamOrder.Writer> batch = orders.ClaimBatch(3 * length, 3))
        {
            for (ulong i = 0; i < 3; i++)
            {
                EStreamOrder.Writer writer = batch.Begin();
                Fill(ref writer, i);
                batch.Add(writer);
            }

            ArgumentException? error = null;
            try
            {
                _ = batch.Begin();
            }
            catch (ArgumentException e)
            {
                error = e;
            }

            Assert.NotNull(error);
            batch.Commit();
        }

        AssertOrders(Queue, 0, 1, 2);
    }

    [Fact]
    public void A_pipeline_seals_what_it_appends()
    {
        using (QueueAppender appender = Queue.CreateAppender())
        {
            var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
            for (int i = 0; i < 5; i++)
            {
                Append(readings, i);
            }
        }

        using EstreamQueue output = Open("orders");
        using EsfPipeline orders = EsfStream.From<IoTTelemetry.View>(Queue)
            .AppendTo<EStreamOrder.Writer>("orders", output, 500, Copy, _sealer);
        orders.RunToEnd();
        AssertOrders(output, 0, 1, 2, 3, 4);
    }

    [Fact]
    public void Queue_files_contain_no_plaintext()
    {
        A_claim_is_sealed_when_it_is_committed(AppenderMode.Exclusive);
        foreach (string file in Directory.GetFiles(Queue.Directory))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            Assert.True(bytes.AsSpan().IndexOf(s_submitter) < 0, file);
        }
    }

    [Fact]
    public void A_transaction_seals_what_it_appends()
    {
        using EstreamQueue log = Open("transactions");
        using var transactions = new EsfTransactions(log);
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Shared);
        using (EsfTransaction transaction = transactions.Begin())
        {
            ArgumentException? refused = null;
            try
            {
                _ = transaction.Begin<EStreamOrder.Writer>(500);
            }
            catch (ArgumentException e)
            {
                refused = e;
            }

            Assert.Equal("sealer", refused?.ParamName);
            for (ulong i = 0; i < 2; i++)
            {
                EStreamOrder.Writer writer = transaction.Begin<EStreamOrder.Writer>(500, _sealer);
                Fill(ref writer, i);
                transaction.Append(appender, writer);
            }

            transaction.Commit();
        }

        int read = 0;
        using QueueTailer tailer = Queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            read++;
            Assert.True(message.Payload.IndexOf(s_submitter) < 0);
        }

        Assert.Equal(2, read);
    }

    [Fact]
    public void A_signal_is_sealed_when_it_is_set()
    {
        using VersionedByteMap map = VersionedByteMap.Open(Queue.Directory + "-signals");
        Assert.Equal("sealer", Assert.Throws<ArgumentException>(() => new EsfSignalWriter<EStreamOrder.Writer>(map, 500)).ParamName);
        var signals = new EsfSignalWriter<EStreamOrder.Writer>(map, 500, _sealer);
        EStreamOrder.Writer writer = signals.Begin();
        Fill(ref writer, 7);
        signals.Set("k"u8, writer);
        Assert.True(map.TryGet("k"u8, out byte[]? stored, out _));
        using EsfUnsealer unsealer = new(EStreamOrder.Schema, _ring);
        Assert.Equal(EsfStatus.Ok, EsfValidator.CheckStored(EStreamOrder.Schema, stored));
        Assert.True(unsealer.Open(stored, out ReadOnlySpan<byte> opened, out _).IsOk);
        Assert.True(EStreamOrder.View.Of(opened).Submitter.TryGet(out ReadOnlySpan<byte> submitter)
            && submitter.SequenceEqual(s_submitter));
        Assert.Equal(7UL, EStreamOrder.View.Of(opened).Quantity);
    }

    [Fact]
    public void Unsealing_in_a_pipeline_allocates_no_more_than_unsealing_alone()
    {
        const int Events = 10_000;
        using EstreamQueue queue = EstreamQueue.Open(Queue.Directory + "-sealed", new QueueOptions { SegmentBytes = 1 << 26 });
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            var orders = new EsfAppender<EStreamOrder.Writer>(appender, _sealer);
            for (ulong i = 0; i < Events; i++)
            {
                using EsfClaim<EStreamOrder.Writer> claim = orders.Claim();
                EStreamOrder.Writer writer = claim.Begin();
                Fill(ref writer, i);
                claim.Commit(writer);
            }
        }

        using EsfUnsealer reader = new(EStreamOrder.Schema, _ring);
        using StateMap<ulong, ulong> newest = StateMap.CreateInMemory<ulong, ulong>();
        using EsfPipeline pipeline = EsfStream.From<EStreamOrder.View>(queue, reader)
            .Where((scoped in EStreamOrder.View order) => order.Submitter.TryGet(out _))
            .Materialize("newest", newest, (scoped in EStreamOrder.View order) => order.Quantity % 10,
                (scoped in EStreamOrder.View order) => order.Quantity);
        long allocated = AllocationMeter.OnThisThread(1, () =>
        {
            pipeline.StartOver();
            if (pipeline.RunToEnd() != Events)
            {
                throw new InvalidOperationException("Not all messages were taken.");
            }
        });

        // Restarting may allocate; a message may not, except for what the platform needs for each message's own key.
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage first));
        byte[] message = first.Payload.ToArray();
        long opening = AllocationMeter.OnThisThread(Events, () => Assert.True(reader.Open(message, out _, out _).IsOk));
        // One object per event would add at least 24 bytes per event. The limit is half of that, because collections by other threads can
        // charge buffers to this thread.
        Assert.InRange(allocated, 0, opening + (Events * 12));
        Assert.Equal(10, newest.Count);
    }

    private static void Copy(scoped in IoTTelemetry.View reading, ref EStreamOrder.Writer writer) => Fill(ref writer, (ulong)reading.Value);

    private static void Fill(ref EStreamOrder.Writer writer, ulong quantity)
    {
        writer.OrderId = new byte[32];
        writer.ClientOrderId = "order"u8;
        writer.Instrument = "ABC"u8;
        writer.Quantity = quantity;
        writer.SubmittedAt = 1;
        writer.Submitter = s_submitter;
    }

    private static int LengthOfOne()
    {
        byte[] buffer = new byte[500];
        EStreamOrder.Writer writer = EStreamOrder.Write(buffer);
        Fill(ref writer, 1);
        return writer.Length;
    }

    private void AssertOrders(EstreamQueue queue, params ulong[] quantities)
    {
        using EsfUnsealer unsealer = new(EStreamOrder.Schema, _ring);
        using QueueTailer tailer = queue.CreateTailer();
        var orders = new EsfTailer<EStreamOrder.View>(tailer);
        List<ulong> read = [];
        while (orders.TryRead(out EsfMessage<EStreamOrder.View> message))
        {
            Assert.Equal(EsfStatus.Ok, EsfValidator.CheckStored(EStreamOrder.Schema, message.View.Bytes));
            Assert.True(message.View.Submitter.IsWithheld);
            Assert.True(unsealer.Open(message.View.Bytes, out ReadOnlySpan<byte> opened, out _).IsOk);
            Assert.True(EStreamOrder.View.Of(opened).Submitter.TryGet(out ReadOnlySpan<byte> submitter)
                && submitter.SequenceEqual(s_submitter));
            read.Add(message.View.Quantity);
        }

        Assert.Equal(quantities, read);
    }
}
