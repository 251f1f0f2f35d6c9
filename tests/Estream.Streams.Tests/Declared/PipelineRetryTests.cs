using System.Collections.Concurrent;
using Estream.Core;
using Estream.Streams.Operators;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Streams.Tests.Declared;

/// <summary>After how long a declared pipeline that fails is tried again.</summary>
public sealed class PipelineRetryTests : DeclaredCase
{
    private static readonly int[] s_pausesMs =
    [
        // It fails behind a message that it has taken, twice: each time it has gone on before.
        100, 100,

        // And then without taking any more.
        200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000,
    ];

    [Fact]
    public async Task Retry_delay_doubles_up_to_five_seconds_and_resets_after_progress()
    {
        const string Reading = """{"device":"a","at":1}""";
        Append("readings", "Reading", Reading);
        ConcurrentQueue<TimeSpan> pauses = new();
        PipelineRunner runner = new(Declare("copy: { from: { queue: readings, schema: Reading }, to: { queue: copies } }").Open(Resources),
            () => new FailingRateLimiter())
        {
            Pause = (pause, stop) =>
            {
                pauses.Enqueue(pause);
                if (pauses.Count == 1)
                {
                    Append("readings", "Reading", Reading);
                }
                else if (pauses.Count == 2)
                {
                    // On the thread that reads there, and not beside it.
                    Resources.Queue("readings").Dispose();
                }
                else if (pauses.Count == s_pausesMs.Length)
                {
                    stop.WaitHandle.WaitOne();
                }
            },
        };
        runner.Start();
        Eventually.True(() => pauses.Count == s_pausesMs.Length, "it was tried again often enough");

        // Its queue is gone, so there is nothing to give back to.
        await runner.StopAsync();
        Assert.Equal(s_pausesMs, pauses.Select(pause => (int)pause.TotalMilliseconds));
        Assert.Equal((2, s_pausesMs.Length), (runner.Running.Results.Read, runner.Failures));
    }

    /// <summary>Fails whenever messages were taken.</summary>
    private sealed class FailingRateLimiter : IPipelineRateLimiter
    {
        public void Keep(in PipelineUsage used, CancellationToken cancellationToken) =>
            throw new EstreamStorageException("the pace cannot be kept", null, StorageFailure.Other);
    }
}
