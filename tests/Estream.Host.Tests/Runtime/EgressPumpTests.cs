using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: many messages are in flight at the same time in the order of the queue, and the position advances only over accepted
/// messages.</summary>
public sealed class EgressPumpTests : IDisposable
{
    private const int MaxMessageBytes = 1_024;

    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _queue;
    private readonly EsfSchema _schema;
    private readonly List<byte[]> _messages = [];

    public EgressPumpTests()
    {
        _queue = EstreamQueue.Open(_directory.Combine("queue"));
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        _schema = schema;
    }

    public void Dispose()
    {
        _queue.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_position_advances_only_over_consecutive_accepted_messages()
    {
        Append(5);
        ManualAckAdapter adapter = new(_schema, quality: 1);
        await using (EgressPump pump = Start(adapter))
        {
            WaitForOffered(adapter, 5);
            Answer(adapter, EmitCode.Ok, 2, 1, 4);
            Assert.Equal(0, pump.Published);
            Answer(adapter, EmitCode.Ok, 0);
            Eventually.True(() => pump.Published == 3, "the first three are published");
        }

        // The fourth message was never accepted, so the position did not advance over the fifth message, although it was accepted.
        ManualAckAdapter next = new(_schema, quality: 1);
        await using EgressPump again = Start(next);
        WaitForOffered(next, 2);
        Assert.Equal([3, 4], Numbers(next));
    }

    [Fact]
    public async Task A_temporarily_rejected_message_is_published_again_with_all_later_ones()
    {
        Append(3);
        ManualAckAdapter adapter = new(_schema, quality: 1);
        await using EgressPump pump = Start(adapter);
        WaitForOffered(adapter, 3);

        Answer(adapter, EmitCode.Ok, 1);
        Answer(adapter, EmitCode.Deferred, 0);
        Answer(adapter, EmitCode.Ok, 2);

        for (int again = 3; again < 6; again++)
        {
            WaitForOffered(adapter, again + 1);
            Assert.Equal(again - 3, pump.Published);
            Answer(adapter, EmitCode.Ok, again);
        }

        Eventually.True(() => pump.Published == 3, "all are published");
        Assert.Equal([0, 1, 2, 0, 1, 2], Numbers(adapter));
        Assert.Null(pump.Trouble);
    }

    [Fact]
    public async Task A_permanently_rejected_message_is_skipped_and_later_ones_are_not_repeated()
    {
        Append(3);
        ManualAckAdapter adapter = new(_schema, quality: 1);
        await using EgressPump pump = Start(adapter);
        WaitForOffered(adapter, 3);

        Answer(adapter, EmitCode.Refused, 0);
        Answer(adapter, EmitCode.Ok, 1, 2);

        Eventually.True(() => pump.Published == 2, "the others are published");
        Assert.Equal(1, pump.Refused);
        Assert.Equal([0, 1, 2], Numbers(adapter));
    }

    [Fact]
    public async Task No_more_messages_are_in_flight_than_the_window_permits()
    {
        Append(EgressPump.Window + 2);
        ManualAckAdapter adapter = new(_schema, quality: 2);
        await using EgressPump pump = Start(adapter);
        WaitForOffered(adapter, EgressPump.Window);

        for (int index = 0; index < EgressPump.Window + 2; index++)
        {
            WaitForOffered(adapter, Math.Min(index + EgressPump.Window, EgressPump.Window + 2));
            Answer(adapter, EmitCode.Ok, index);
        }

        Eventually.True(() => pump.Published == EgressPump.Window + 2, "all are published");
        Assert.Equal(EgressPump.Window, adapter.MostUnderWay);
        Assert.Equal(Enumerable.Range(0, EgressPump.Window + 2), Numbers(adapter));
    }

    [Fact]
    public async Task Messages_without_acknowledgement_are_published_one_by_one()
    {
        Append(20);
        ManualAckAdapter adapter = new(_schema, quality: 0);
        await using EgressPump pump = Start(adapter);

        for (int index = 0; index < 20; index++)
        {
            WaitForOffered(adapter, index + 1);
            Answer(adapter, EmitCode.Ok, index);
        }

        Eventually.True(() => pump.Published == 20, "all are published");
        Assert.Equal(1, adapter.MostUnderWay);
        Assert.Equal(Enumerable.Range(0, 20), Numbers(adapter));
    }

    [Fact]
    public async Task A_stop_waits_for_messages_in_flight()
    {
        Append(2);

        // A stop waits one second for answers. On a slow machine, the answers can come later.
        await Eventually.TrueAsync(async () =>
        {
            ManualAckAdapter adapter = new(_schema, quality: 1);
            await using EgressPump pump = Start(adapter);
            WaitForOffered(adapter, 2);

            Task stopping = pump.StopAsync();
            Answer(adapter, EmitCode.Ok, 0, 1);
            await stopping;
            return pump.Published == 2;
        }, "a stop waits for both messages");
    }

    private static void WaitForOffered(ManualAckAdapter adapter, int count) =>
        Eventually.True(() => adapter.Offered.Count == count, $"{count} messages are offered");

    private static void Answer(ManualAckAdapter adapter, EmitCode code, params int[] indexes)
    {
        IReadOnlyList<PendingEmit> offered = adapter.Offered;
        foreach (int index in indexes)
        {
            offered[index].Answer(code);
        }
    }

    [Fact]
    public async Task An_adapter_failure_does_not_end_the_pump_and_skips_no_message()
    {
        Append(5);
        ManualAckAdapter adapter = new(_schema, quality: 1) { FailuresOfTranslation = 2 };
        await using EgressPump pump = Start(adapter);
        Eventually.True(() => pump.Trouble?.Detail.Contains("The next attempt is within", StringComparison.Ordinal) == true,
            "the failure is said");

        WaitForOffered(adapter, 5);
        foreach (PendingEmit offered in adapter.Offered)
        {
            offered.Answer(EmitCode.Ok);
        }

        Eventually.True(() => pump.Published == 5, "all are published");
        Assert.Null(pump.Trouble);
        Assert.Equal(Enumerable.Range(0, 5), Numbers(adapter));
    }

    private EgressPump Start(ManualAckAdapter adapter)
    {
        EgressPump pump = new(adapter, "telemetry", _queue, [_schema], new AdapterEventLog("held", SystemClock.Instance, _ => { }));
        pump.Start();
        return pump;
    }

    private void Append(int count)
    {
        using QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive);
        byte[] message = new byte[MaxMessageBytes];
        for (int number = 0; number < count; number++)
        {
            Assert.True(EsfJson.TryEncode(
                _schema, Encoding.UTF8.GetBytes($$"""{"device_id":"pump-1","timestamp":{{number}},"metric_name":"m","value":1}"""), message,
                out int length).IsOk);
            _messages.Add(message[..length]);
            appender.Append(message.AsSpan(0, length));
        }
    }

    private IEnumerable<int> Numbers(ManualAckAdapter adapter) =>
        adapter.Offered.Select(offered => _messages.FindIndex(message => message.AsSpan().SequenceEqual(offered.Message)));
}
