using System.Collections.Concurrent;
using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Hl7.Tests.Transport;

/// <summary>The sender sends stored messages unchanged, and treats each answer of a receiver as documented.</summary>
public sealed class SenderTests : IDisposable
{
    private const string Message = "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|77|P|2.5\rPID|1||567^^^GH^MR||EVERYWOMAN^EVE\rZPD|x\r";

    private readonly TempDirectory _keys = new();
    private readonly ConcurrentQueue<AdapterEvent> _events = new();

    public SenderTests()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        MlKem1024KeyFile.WritePrivate(_keys.Combine("stranger.key.pem"), key);
    }

    public void Dispose() => _keys.Dispose();

    [Fact]
    public async Task Stored_message_is_sent_as_it_was_received()
    {
        await using ListenerRig source = new(null, "#", "Hl7Message");
        using ScriptedReceiver receiver = new(message => ScriptedReceiver.Ack(message, "AA"));
        await using SenderRig rig = new(receiver.Port, source.KeyFolder(_keys), _events);
        rig.UntilHealthy();
        Assert.True((await rig.EmitAsync(await StoreAsync(source))).IsOk);
        Assert.Equal([Message], receiver.Received);
        Assert.Equal((1, 1L), (rig.Sender.Statistics.Connections, rig.Sender.Statistics.EmittedTotal));
    }

    [Theory]
    [InlineData("CA", 0, EmitCode.Ok)]
    [InlineData("AE", 0, EmitCode.Refused)]
    [InlineData("CE", 207, EmitCode.Refused)]
    [InlineData("AE", 206, EmitCode.Deferred)]
    [InlineData("AR", 0, EmitCode.Deferred)]
    [InlineData("CR", 207, EmitCode.Deferred)]
    [InlineData("AR", 200, EmitCode.Refused)]
    [InlineData("XX", 0, EmitCode.Deferred)]
    public async Task Answer_of_the_receiver_decides_about_the_message(string code, int error, EmitCode expected)
    {
        await using ListenerRig source = new(null, "#", "Hl7Message");
        using ScriptedReceiver receiver = new(message => ScriptedReceiver.Ack(message, code, error));
        await using SenderRig rig = new(receiver.Port, source.KeyFolder(_keys), _events);
        rig.UntilHealthy();
        EmitStatus status = await rig.EmitAsync(await StoreAsync(source));
        Assert.Equal(expected, status.Code);
        Assert.DoesNotContain("77", status.Detail, StringComparison.Ordinal);
        Assert.Equal(HealthState.Healthy, rig.Sender.Health.State);
    }

    [Fact]
    public async Task Message_without_an_answer_can_be_sent_again_on_a_new_connection()
    {
        int answers = 0;
        await using ListenerRig source = new(null, "#", "Hl7Message");
        using ScriptedReceiver receiver = new(
            message => Interlocked.Increment(ref answers) == 1 ? null : ScriptedReceiver.Ack(message, "AA"));
        await using SenderRig rig = new(receiver.Port, source.KeyFolder(_keys), _events);
        rig.UntilHealthy();
        byte[] stored = await StoreAsync(source);
        Assert.Equal(EmitCode.NotConnected, (await rig.EmitAsync(stored)).Code);
        rig.UntilHealthy();
        Assert.True((await rig.EmitAsync(stored)).IsOk);
        Assert.Equal([Message, Message], receiver.Received);
        Eventually.True(() => rig.Sender.Statistics.ReconnectsTotal == 1, "the reconnect is counted");
    }

    [Fact]
    public async Task Connection_that_the_receiver_closes_while_idle_is_replaced()
    {
        await using ListenerRig source = new(null, "#", "Hl7Message");
        using ScriptedReceiver receiver = new(message => ScriptedReceiver.Ack(message, "AA"));
        await using SenderRig rig = new(receiver.Port, source.KeyFolder(_keys), _events);
        rig.UntilHealthy();
        Assert.True((await rig.EmitAsync(await StoreAsync(source))).IsOk);
        receiver.Cut();
        Eventually.True(() => rig.Sender.Statistics.ReconnectsTotal == 1, "the sender connects again");
        rig.UntilHealthy();
        Assert.True((await rig.EmitAsync(await StoreAsync(source))).IsOk);
    }

    [Fact]
    public async Task Receiver_that_cannot_be_reached_is_named_in_the_health()
    {
        int port = FreePort.Next();
        await using ListenerRig source = new(null, "#", "Hl7Message");
        await using SenderRig rig = new(port, source.KeyFolder(_keys), _events);
        Eventually.True(
            () => rig.Sender.Health.ToString().Contains($"127.0.0.1:{port} cannot be reached", StringComparison.Ordinal),
            "the health names the receiver");
        Assert.Equal(EmitCode.NotConnected, (await rig.EmitAsync(await StoreAsync(source))).Code);
    }

    [Fact]
    public async Task Message_that_no_key_opens_is_not_sent()
    {
        await using ListenerRig source = new(null, "#", "Hl7Message");
        await using SenderRig rig = new(FreePort.Next(), _keys.Path, _events);
        TranslateStatus status = rig.Translate(await StoreAsync(source), new EgressMessage());
        Assert.False(status.IsOk);
        Assert.Contains("no key of Keys opens", status.Describe(default), StringComparison.Ordinal);
    }

    /// <summary>Sends the message to a listener, and returns it as its queue has it.</summary>
    private static async Task<byte[]> StoreAsync(ListenerRig source)
    {
        await using MllpClient client = await MllpClient.ConnectAsync("127.0.0.1", source.Port, TimeSpan.FromSeconds(30));
        Assert.NotNull(await client.SendAsync(Encoding.UTF8.GetBytes(Message)));
        return source.ReadStored("Hl7Message")[^1];
    }
}

/// <summary>A running sender.</summary>
internal sealed class SenderRig : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _deadLetters;
    private readonly IngressSinks _sinks;
    private readonly CancellationTokenSource _stopping = new();
    private readonly EsfSchema _schema;
    private readonly Task _ingest;

    public SenderRig(int port, string keys, ConcurrentQueue<AdapterEvent> events)
    {
        Assert.True(Hl7Schemas.Own.TryGet("Hl7Message", out EsfSchema? schema));
        _schema = schema;
        _deadLetters = EstreamQueue.Open(_directory.Combine("dead-letters"), new QueueOptions { SegmentBytes = 1 << 17 });
        _sinks = new IngressSinks(_deadLetters, EsfSchemaSet.BuiltIn);
        Hl7SenderOptions options = new()
        {
            Host = "127.0.0.1", Port = port, MaxReconnectSeconds = 1, Schema = schema, KeyFolder = keys,
        };
        Sender = new Hl7Sender(
            options, new AdapterContext("lab", Hl7Schemas.Own, _sinks, SystemClock.Instance, events.Enqueue));
        Sender.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _ingest = Sender.Ingest(_stopping.Token);
    }

    public Hl7Sender Sender { get; }

    public void UntilHealthy() => Eventually.True(() => Sender.Health.State == HealthState.Healthy, "the receiver is connected");

    public TranslateStatus Translate(byte[] stored, EgressMessage message) =>
        Sender.TranslateEgress(new EsfMessage(_schema, stored), message);

    public async Task<EmitStatus> EmitAsync(byte[] stored)
    {
        EgressMessage message = new();
        TranslateStatus status = Translate(stored, message);
        Assert.True(status.IsOk, status.Describe(default));
        return await Sender.Emit(message, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _ingest;
        await Sender.DisposeAsync();
        _sinks.Dispose();
        _deadLetters.Dispose();
        _stopping.Dispose();
        _directory.Dispose();
    }
}
