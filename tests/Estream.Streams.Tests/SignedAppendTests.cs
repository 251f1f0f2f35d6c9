using Estream.Crypto;
using Estream.Esf;
using Estream.Iot;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>Appends signed messages, one at a time and in batches, and verifies what readers see.</summary>
public sealed class SignedAppendTests : StreamCase
{
    private readonly MlDsa87PrivateKey _signer = MlDsa87PrivateKey.Generate();

    public override void Dispose()
    {
        _signer.Dispose();
        base.Dispose();
    }

    [Fact]
    public void A_message_that_cannot_be_signed_throws_and_appends_nothing()
    {
        using QueueAppender appender = Queue.CreateAppender();
        EsfAppender<SignedOrder.Writer> orders = new(appender);
        byte[] buffer = new byte[500];
        string incomplete = Assert.Throws<ArgumentException>(() => orders.AppendSigned(SignedOrder.Write(buffer), _signer)).Message;
        Assert.Contains("buyer", incomplete, StringComparison.Ordinal);
        string unsignable = Assert.Throws<ArgumentException>(
            () => new EsfAppender<IoTTelemetry.Writer>(appender).AppendSigned(ReadingOf(buffer), _signer)).Message;
        Assert.Contains("0 public fields of type pq_signature", unsignable, StringComparison.Ordinal);
        if (Ed25519.IsSupported)
        {
            using Ed25519PrivateKey classic = Ed25519PrivateKey.Generate();
            Assert.Throws<ArgumentException>("signer", () => orders.AppendSigned(OrderOf(buffer, 1), classic));
        }

        Assert.Equal(0, appender.NextSequence);
    }

    [Fact]
    public void Schemas_with_sub_lexes_cannot_be_signed()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using EsfSealer sealer = new(SignedParts.Schema, EsfAudienceKeys.None.With("default", key.PublicKey));
        using EstreamQueue apart = Open("apart");
        using QueueAppender main = Queue.CreateAppender(), part = apart.CreateAppender();
        EsfAppender<SignedParts.Writer> messages =
            new(main, sealer, new Dictionary<string, QueueAppender> { ["apart"] = part });
        byte[] buffer = new byte[500];
        string error = Assert.Throws<InvalidOperationException>(() =>
        {
            SignedParts.Writer writer = SignedParts.Write(buffer);
            writer.Number = 1;
            messages.AppendSigned(writer, _signer);
        }).Message;
        Assert.Contains("'apart'", error, StringComparison.Ordinal);
        using SignerPool pool = new(_signer, threads: 1);
        Assert.Throws<InvalidOperationException>(() => new EsfSignedBatch<SignedParts.Writer>(main, pool, sealer));
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_signed_message_verifies_with_the_key_of_its_sender_alone(AppenderMode mode)
    {
        using MlDsa87PrivateKey other = MlDsa87PrivateKey.Generate();
        using QueueAppender appender = Queue.CreateAppender(mode);
        EsfAppender<SignedOrder.Writer> orders = new(appender);
        byte[] buffer = new byte[500];
        long position = orders.AppendSigned(OrderOf(buffer, 7), _signer);

        using QueueTailer tailer = Queue.CreateTailer();
        EsfTailer<SignedOrder.View> received = new(tailer);
        Assert.True(received.TryRead(out EsfMessage<SignedOrder.View> message));
        Assert.Equal((position, 7UL), (message.Position, message.View.Number));
        Assert.True(message.View.VerifySignature(_signer.PublicKey));
        Assert.True(message.VerifySignature(_signer.PublicKey));
        Assert.False(message.VerifySignature(other.PublicKey));

        EsfTrustedKeys keys = new([new EsfTrustedKey("other", other.PublicKey), new EsfTrustedKey("sender", _signer.PublicKey)]);
        Assert.Equal("sender", message.CheckSignature(keys).Key?.Id);
        EsfTrustedKeys later = new([new EsfTrustedKey("sender", _signer.PublicKey, DateTimeOffset.UtcNow.AddDays(1))]);
        Assert.Equal(EsfSignatureOutcome.NotYetValid, message.CheckSignature(later).Outcome);
    }

    [Fact]
    public void A_signature_covers_the_sealed_message_and_verifies_for_readers_with_and_without_keys()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using EsfSealer sealer = new(IoTCommand.Schema, EsfAudienceKeys.None.With("default", key.PublicKey));
        using (QueueAppender appender = Queue.CreateAppender())
        {
            new EsfAppender<IoTCommand.Writer>(appender, sealer).AppendSigned(CommandOf(new byte[500]), _signer);
        }

        using QueueTailer plain = Queue.CreateTailer();
        Assert.True(new EsfTailer<IoTCommand.View>(plain).TryRead(out EsfMessage<IoTCommand.View> sealedMessage));
        Assert.True(sealedMessage.View.VerifySignature(_signer.PublicKey));

        using EsfKeyRing ring = new(key);
        using EsfUnsealer unsealer = new(IoTCommand.Schema, ring);
        using QueueTailer other = Queue.CreateTailer();
        Assert.True(new EsfTailer<IoTCommand.View>(other, unsealer).TryRead(out EsfMessage<IoTCommand.View> opened));
        Assert.True(opened.View.IssuedBy.TryGet(out _));
        Assert.True(opened.VerifySignature(_signer.PublicKey));
        Assert.False(opened.View.VerifySignature(_signer.PublicKey));
    }

    [Fact]
    public async Task A_batch_appends_in_the_order_of_its_messages()
    {
        using QueueAppender appender = Queue.CreateAppender();
        using SignerPool pool = new(_signer, threads: 4);
        EsfSignedBatch<SignedOrder.Writer> batch = new(appender, pool, maxMessages: 10);
        byte[] buffer = new byte[500];
        Assert.Equal(-1, await batch.AppendAsync());
        for (ulong round = 0; round < 3; round++)
        {
            for (ulong i = 0; i < 10; i++)
            {
                batch.Add(OrderOf(buffer, (round * 10) + i));
            }

            Assert.Throws<InvalidOperationException>(() => batch.Add(OrderOf(buffer, 0)));
            Assert.True(await batch.AppendAsync() > 0);
            Assert.Equal(0, batch.Count);
        }

        Assert.Equal(Enumerable.Range(0, 30).Select(i => (ulong)i), ReadVerified());
    }

    [Fact]
    public async Task A_failed_signature_appends_nothing_and_empties_the_batch()
    {
        using QueueAppender appender = Queue.CreateAppender();
        MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        using SignerPool pool = new(key, threads: 1);
        EsfSignedBatch<SignedOrder.Writer> batch = new(appender, pool, maxMessages: 4);
        byte[] buffer = new byte[500];
        Assert.Throws<ArgumentException>(() => batch.Add(SignedOrder.Write(buffer)));
        Assert.Equal(0, batch.Count);
        batch.Add(OrderOf(buffer, 1));
        await batch.ClearAsync();
        key.Dispose();
        batch.Add(OrderOf(buffer, 2));
        batch.Add(OrderOf(buffer, 3));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await batch.AppendAsync());
        Assert.Equal((0, 0), (batch.Count, appender.NextSequence));
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Add(OrderOf(buffer, 4)));
    }

    [Fact]
    public async Task Messages_that_were_not_appended_stay_in_the_batch()
    {
        using QueueAppender appender = Queue.CreateAppender();
        using SignerPool pool = new(_signer, threads: 2);
        EsfSignedBatch<SignedOrder.Writer> batch = new(appender, pool, maxMessages: 3);
        byte[] buffer = new byte[500];
        batch.Add(OrderOf(buffer, 1));
        batch.Add(OrderOf(buffer, 2));
        using (EsfClaim<SignedOrder.Writer> open = new EsfAppender<SignedOrder.Writer>(appender).Claim())
        {
            ValueTask<long> refused = batch.AppendAsync();
            Assert.Throws<InvalidOperationException>(() => refused.AsTask().GetAwaiter().GetResult());
        }

        Assert.Equal(2, batch.Count);
        batch.Add(OrderOf(buffer, 3));
        await batch.AppendAsync();
        Assert.Equal([1UL, 2UL, 3UL], ReadVerified());
    }

    [Fact]
    public void Signed_appends_allocate_nothing()
    {
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive);
        EsfAppender<SignedOrder.Writer> orders = new(appender);
        byte[] buffer = new byte[500];
        Assert.Equal(0, AllocationMeter.OnThisThread(10, () => orders.AppendSigned(OrderOf(buffer, 1), _signer)));
    }

    private List<ulong> ReadVerified()
    {
        using QueueTailer tailer = Queue.CreateTailer();
        EsfTailer<SignedOrder.View> received = new(tailer);
        List<ulong> numbers = [];
        while (received.TryRead(out EsfMessage<SignedOrder.View> message))
        {
            Assert.True(message.VerifySignature(_signer.PublicKey));
            numbers.Add(message.View.Number);
        }

        return numbers;
    }

    private static SignedOrder.Writer OrderOf(Span<byte> buffer, ulong number)
    {
        SignedOrder.Writer writer = SignedOrder.Write(buffer);
        writer.Number = number;
        writer.Buyer = "ann"u8;
        return writer;
    }

    private static IoTTelemetry.Writer ReadingOf(Span<byte> buffer)
    {
        IoTTelemetry.Writer writer = IoTTelemetry.Write(buffer);
        Fill(ref writer, 1);
        return writer;
    }

    private static IoTCommand.Writer CommandOf(Span<byte> buffer)
    {
        IoTCommand.Writer writer = IoTCommand.Write(buffer);
        writer.CommandId = new byte[32];
        writer.DeviceId = "valve-1"u8;
        writer.CommandType = "open"u8;
        writer.Payload = "now"u8;
        writer.IssuedAt = 1;
        writer.IssuedBy = new byte[32];
        return writer;
    }
}
