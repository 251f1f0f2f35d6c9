namespace Estream.Wire.Tests;

public sealed class AdapterLoopsTests
{
    [Fact]
    public async Task A_loop_that_fails_ends_the_others_and_throws()
    {
        TaskCompletionSource ended = new();
        Task run = AdapterLoops.RunAsync(
            [
                async stop =>
                {
                    await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    ended.SetResult();
                },
                _ => Task.FromException(new InvalidOperationException("broken")),
            ],
            CancellationToken.None);

        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => run)).Message);
        Assert.True(ended.Task.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Cancellation_ends_all_loops()
    {
        using CancellationTokenSource stop = new();
        int ended = 0;
        Task run = AdapterLoops.RunAsync(Enumerable.Repeat(Loop, 3), stop.Token);
        await stop.CancelAsync();
        await run;
        Assert.Equal(3, ended);

        async Task Loop(CancellationToken cancellation)
        {
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.Increment(ref ended);
        }
    }
}
