using Estream.Queue.Internal;

namespace Estream.Queue.Tests;

public sealed class SegmentPreallocatorTests
{
    [Fact]
    public async Task A_task_started_after_Dispose_runs_on_the_calling_thread()
    {
        var thread = new SegmentPreallocator();
        thread.Dispose();
        int own = Environment.CurrentManagedThreadId;
        Assert.Equal(own, await Start(thread, () => Environment.CurrentManagedThreadId));
    }

    [Fact]
    public async Task Dispose_returns_when_all_tasks_are_done()
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
    public async Task A_waiter_gets_the_failure_of_its_task_and_the_next_task_runs()
    {
        using var thread = new SegmentPreallocator();
        Task<int> failing = Start<int>(thread, () => throw new InvalidOperationException("not today"));
        Assert.Equal("not today", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        Assert.Equal(1, await Start(thread, () => 1));
    }

    [Fact]
    public void One_thread_runs_all_tasks_in_order()
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
    public async Task A_waiter_runs_a_task_that_has_not_started()
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
