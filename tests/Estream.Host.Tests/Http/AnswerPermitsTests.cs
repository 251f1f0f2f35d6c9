using Estream.Host.Http;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: one identity cannot stop the requests of others, however many and how slow its requests are.</summary>
public sealed class AnswerPermitsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly AnswerPermits _permits = new(atOnce: 3, perIdentity: 2, waiting: 8);
    private readonly TaskCompletionSource _slow = new();

    [Fact]
    public async Task One_identity_gets_a_permit_while_another_uses_its_whole_share()
    {
        Task<bool>[] own = [.. Enumerable.Range(0, 2 + _permits.WaitingOfIdentity).Select(_ => RunAsync("ann"))];

        Assert.False(await RunAsync("ann"), "ann has no place to wait");
        Assert.True(await _permits.TryRunAsync("bob", () => Task.CompletedTask, CancellationToken.None).WaitAsync(s_patience));

        Assert.All(own, task => Assert.False(task.IsCompleted));
        _slow.SetResult();
        Assert.All(await Task.WhenAll(own), Assert.True);
        Assert.True(await RunAsync("ann"));
    }

    [Fact]
    public async Task Waiting_requests_of_all_identities_are_limited_and_a_cancelled_request_frees_its_place()
    {
        using CancellationTokenSource left = new();
        Task<bool>[] running = [RunAsync("a"), RunAsync("b"), RunAsync("c")];
        Task<bool>[] waiting = [.. Enumerable.Range(0, 8).Select(i => RunAsync($"{i}", left.Token))];

        Assert.False(await RunAsync("d"));
        await left.CancelAsync();
        foreach (Task<bool> one in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        }

        Task<bool> next = RunAsync("d");
        Assert.False(next.IsCompleted);
        _slow.SetResult();
        Assert.True(await next);
        Assert.All(await Task.WhenAll(running), Assert.True);
    }

    [Fact]
    public async Task A_failed_request_returns_its_permit()
    {
        for (int i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => _permits.TryRunAsync("ann", () => throw new InvalidOperationException(), CancellationToken.None));
        }

        Assert.True(await _permits.TryRunAsync("ann", () => Task.CompletedTask, CancellationToken.None));
    }

    private Task<bool> RunAsync(string identity, CancellationToken cancellation = default) =>
        _permits.TryRunAsync(identity, () => _slow.Task, cancellation);
}
