using System.Collections.Concurrent;
using Estream.Core;
using Estream.Streams.Operators;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Streams.Tests.Declared;

/// <summary>The delays after which a failing declared pipeline is retried.</summary>
public sealed class PipelineRetryTests : DeclaredCase
{
    private static readonly int[] s_pausesMs =
    [
        // The pipeline fails twice after processing a message, so it has made progress each time.
        100, 100,

        // Then the pipeline fails without making progress.
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
                    // Disposes the queue on the thread that reads it, not concurrently.
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

        // The queue is already deleted, so there is nothing to release.
        await runner.StopAsync();
        Assert.Equal(s_pausesMs, pauses.Select(pause => (int)pause.TotalMilliseconds));
        Assert.Equal((2, s_pausesMs.Length), (runner.Running.Results.Read, runner.Failures));
    }

    /// <summary>A limiter that throws whenever messages were processed.</summary>
    private sealed class FailingRateLimiter : IPipelineRateLimiter
    {
        public void Keep(in PipelineUsage used, CancellationToken cancellationToken) =>
            throw new EstreamStorageException("the pace cannot be kept", null, StorageFailure.Other);
    }
}
