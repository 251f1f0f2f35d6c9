using Estream.Core;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Log;

namespace Estream.Circuits.Tests.Patterns;

/// <summary>With <c>stream_pattern: log</c>, the queue of an output retains all messages, and the circuit seals it.</summary>
public sealed class LogPatternTests : CircuitCase
{
    [Fact]
    public void Results_are_sealed_at_each_stop_and_also_after_many_results()
    {
        Circuit circuit = Copy();
        Append(circuit, 3);
        Run(circuit);
        Assert.Equal((4, 3), Verified());
        Append(circuit, LogSealer.SealEvery + 10);
        Run(circuit);

        // The seal of the stop covers the seal that was appended in between.
        Assert.Equal((LogSealer.SealEvery + 16, LogSealer.SealEvery + 15), Verified());
        Reopen();
        Run(circuit);
        Assert.Equal((LogSealer.SealEvery + 16, LogSealer.SealEvery + 15), Verified());
    }

    [Fact]
    public void Messages_that_were_not_sealed_before_a_crash_are_sealed_at_the_next_start()
    {
        Circuit circuit = Copy();
        Append(circuit, 1);
        Run(circuit);
        using (QueueAppender appender = Resources.Queue("out").CreateAppender())
        {
            appender.Append(FirstMessage("in"));
        }

        Assert.Equal((3, 1), Verified());
        using var running = Assert.Single(circuit.Pipelines).Open(Resources);
        Assert.Equal((4, 3), Verified());
    }

    [Fact]
    public void A_log_with_limits_of_retention_keeps_all_messages()
    {
        MakeSmall("out");
        Circuit circuit = Copy();
        Append(circuit, 1);
        Run(circuit);
        using EstreamQueue limited = Fill();
        Assert.Equal(0, limited.GetInfo().FirstSequence);
    }

    [Fact]
    public void A_queue_that_has_deleted_messages_is_refused()
    {
        Circuit circuit = Copy();
        Append(circuit, 1);
        MakeSmall("out");
        Fill().Dispose();
        Assert.Contains("all of them are required", Assert.Throws<EstreamStorageException>(() => Run(circuit)).Message,
            StringComparison.Ordinal);
    }

    private static Circuit Copy() => Declare("""
        inputs: [{ name: in, type: Reading }]
        outputs: [{ name: out, type: Reading }]
        compute: [{ id: all, type: filter, when: "true" }]
        flows: [in -> all -> out]
        annotations: { stream_pattern: log }
        """);

    /// <summary>Opens the output with a limit of one segment, and appends several segments.</summary>
    private EstreamQueue Fill()
    {
        EstreamQueue limited = EstreamQueue.Open(Directory.Combine("queues", "out"), new QueueOptions { RetainedBytes = 64 << 10 });
        using QueueAppender appender = limited.CreateAppender();
        for (int i = 0; i < 500; i++)
        {
            appender.Append(new byte[1_000]);
        }

        return limited;
    }

    private void Append(Circuit circuit, int count) => Append("in", circuit.Inputs[0].Schema,
        [.. Enumerable.Range(0, count).Select(number => $$"""{"device":"a","at":"1","steps":{{number}}}""")]);

    private (long Messages, long Sealed) Verified()
    {
        LogVerification found = new EsfLog(Resources.Queue("out")).Verify();
        Assert.True(found.IsWhole, found.Damage?.Reason);
        return (found.Messages, found.SealedMessages);
    }
}
