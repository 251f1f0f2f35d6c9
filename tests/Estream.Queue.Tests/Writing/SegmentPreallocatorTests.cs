using Estream.Queue.Internal;

namespace Estream.Queue.Tests;

public sealed class SegmentPreallocatorTests
{
    [Fact]
    public async Task What_comes_after_its_end_is_done_by_who_brings_it()
    {
        var thread = new SegmentPreallocator();
        thread.Dispose();
        int own = Environment.CurrentManagedThreadId;
        Assert.Equal(own, await Start(thread, () => Environment.CurrentManagedThreadId));
    }

    [Fact]
    public async Task It_ends_when_everything_is_done()
    {
        using var mayGoOn = new ManualResetEventSlim();
        var thread = new SegmentPreallocator();
        Task<int> first = Start(thread, () =>
        {
            mayGoOn.Wait();
            return 1;
        });
        Task<int> second = Start(thread, () => 2);
        Task end = Task.Run(thread.Dispose);
        mayGoOn.Set();
        await end;
        Assert.True(first.IsCompletedSuccessfully && second.IsCompletedSuccessfully);
        Assert.Equal((1, 2), (await first, await second));
    }

    [Fact]
    public async Task A_failure_is_told_to_who_waits_and_the_next_task_is_done()
    {
        using var thread = new SegmentPreallocator();
        Task<int> failing = Start<int>(thread, () => throw new InvalidOperationException("not today"));
        Assert.Equal("not today", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        Assert.Equal(1, await Start(thread, () => 1));
    }

    [Fact]
    public void All_tasks_are_done_by_one_thread_in_their_order()
    {
        List<(int Number, int Thread)> done = [];
        int own = Environment.CurrentManagedThreadId;
        using (var thread = new SegmentPreallocator())
        {
            for (int i = 0; i < 100; i++)
            {
                int number = i;
                _ = Start(thread, () =>
                {
                    done.Add((number, Environment.CurrentManagedThreadId));
                    return 0;
                });
            }
        }

        Assert.Equal(Enumerable.Range(0, 100), done.Select(d => d.Number));
        Assert.NotEqual(own, Assert.Single(done.Select(d => d.Thread).Distinct()));
    }

    [Fact]
    public async Task Who_waits_for_what_is_not_begun_does_it()
    {
        using var mayGoOn = new ManualResetEventSlim();
        using var thread = new SegmentPreallocator();
        _ = Start(thread, () =>
        {
            mayGoOn.Wait();
            return 0;
        });
        Task<int> behind = Start(thread, () => Environment.CurrentManagedThreadId);
        int own = Environment.CurrentManagedThreadId;
        Assert.True(SegmentSource.WaitQuietly(behind));
        mayGoOn.Set();
        Assert.Equal(own, await behind);
    }

    private static Task<T> Start<T>(SegmentPreallocator thread, Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, thread);
}
