using System.Buffers;
using System.Diagnostics;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Wire;
using Estream.Wire.Mqtt;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> row of `mqtt-client`: messages are emitted in order, up to the in-flight window, as the host emits those
/// of a queue. A round ends with the last acknowledgement.
/// </summary>
internal sealed class MqttClientContender : IContender
{
    /// <summary>The maximum number of messages in flight.</summary>
    public const int Window = 256;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    private readonly int _messages;
    private readonly ChildProcess _broker;
    private readonly EstreamQueue _deadLetters;
    private readonly IngressSinks _sinks;
    private readonly MqttClient _client;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _ingesting;
    private readonly EgressMessage[] _slots = [.. Enumerable.Range(0, Window).Select(_ => new EgressMessage())];
    private readonly ValueTask<EmitStatus>[] _answers = new ValueTask<EmitStatus>[Window];
    private readonly byte[][] _topics = [.. Enumerable.Range(0, MqttWorkload.Devices).Select(MqttWorkload.TopicOf)];
    private readonly byte[] _payload = MqttWorkload.PayloadOf(0);

    public MqttClientContender(ContenderContext context)
    {
        _messages = Messages(context.Size);
        _broker = MqttAnswerer.Start(out int port);
        _deadLetters = EstreamQueue.Open(Path.Combine(context.Directory, "dead-letters"));
        _sinks = new IngressSinks(_deadLetters, EsfSchemaSet.BuiltIn);
        _client = new MqttClient(
            new MqttClientOptions { Host = "127.0.0.1", Port = port, ClientId = "estream-scenarios" },
            [],
            new AdapterContext("cloud", EsfSchemaSet.BuiltIn, _sinks, SystemClock.Instance, Report));
        _client.StartAsync(_stopping.Token).GetAwaiter().GetResult();
        _ingesting = _client.Ingest(_stopping.Token);
        long start = Stopwatch.GetTimestamp();
        while (_client.Health.State != HealthState.Healthy)
        {
            if (Stopwatch.GetElapsedTime(start) > s_startLimit)
            {
                throw new ScenarioException($"the client does not connect: {_client.Health}");
            }

            Thread.Sleep(1);
        }
    }

    public static int Messages(RunSize size) => (int)size.Of(100_000, 1_000);

    public RunResult Run()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        PublishAsync().GetAwaiter().GetResult();
        long elapsed = RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new RunResult(_messages, elapsed) { AllocatedBytes = allocated, Check = (ulong)_messages };
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _ingesting.GetAwaiter().GetResult();
        _client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _sinks.Dispose();
        _deadLetters.Dispose();
        _broker.Dispose();
        _stopping.Dispose();
    }

    private async Task PublishAsync()
    {
        for (int index = 0; index < _messages; index++)
        {
            int slot = index % Window;
            if (index >= Window)
            {
                Require(await _answers[slot].ConfigureAwait(false));
            }

            EgressMessage message = _slots[slot];
            message.Clear();
            message.Quality = (int)MqttQos.AtLeastOnce;
            message.Topic.Write(_topics[index % MqttWorkload.Devices]);
            message.Payload.Write(_payload);
            Expect(slot, _client.Emit(message, CancellationToken.None));
        }

        // Waits for the answers to the last Window messages.
        foreach (ValueTask<EmitStatus> answer in _answers)
        {
            Require(await answer.ConfigureAwait(false));
        }
    }

    private void Expect(int slot, ValueTask<EmitStatus> answer)
    {
        _answers[slot] = answer;
    }

    private static void Require(EmitStatus status)
    {
        if (!status.IsOk)
        {
            throw new ScenarioException($"a message was not accepted: {status.Code} {status.Detail}");
        }
    }

    private static void Report(AdapterEvent happened)
    {
        if (happened.Kind is not (AdapterEventKind.Started or AdapterEventKind.Stopped or AdapterEventKind.Connected
            or AdapterEventKind.Disconnected))
        {
            Console.Error.WriteLine($"mqtt-client: {happened.Kind}: {happened.Detail}");
        }
    }
}
