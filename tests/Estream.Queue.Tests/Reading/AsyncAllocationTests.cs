using System.Diagnostics;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Measures the allocations of all threads while a reader awaits messages and no other test runs.</summary>
[CollectionDefinition(nameof(AsyncAllocationTests), DisableParallelization = true)]
[Collection(nameof(AsyncAllocationTests))]
public sealed class AsyncAllocationTests : QueueCase
{
    private static readonly byte[] s_message = new byte[64];

    /// <summary>Each message is awaited: the reader requests it before it is appended.</summary>
    [Fact]
    public async Task Awaiting_messages_allocates_nothing_per_message()
    {
        const int Messages = 20_000;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(new byte[17 << 20]);
        appender.Append(s_message);
        using QueueTailer tailer = queue.CreateTailer();
        await using IAsyncEnumerator<QueueEntry> reading = tailer.ReadAllAsync().GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync() && await reading.MoveNextAsync());
        long sum = 0;
        long bytes = long.MaxValue;

        // The JIT compiler and threads of the test host allocate in some runs, so the test waits for a quiet one.
        for (long start = Stopwatch.GetTimestamp(); bytes > Messages && Stopwatch.GetElapsedTime(start) < Eventually.DefaultLimit;)
        {
            bytes = Math.Min(bytes, await AllocationMeter.OnAllThreadsAsync(() => Task.Run(async () =>
            {
                for (int i = 0; i < Messages; i++)
                {
                    ValueTask<bool> next = reading.MoveNextAsync();
                    appender.Append(s_message);
                    sum += await next ? reading.Current.Payload.Length + reading.Current.Memory.Length : 0;
                }
            })));
        }

        Assert.InRange(bytes, 0, Messages);
        Assert.True(sum >= Messages * 128L);
    }
}
