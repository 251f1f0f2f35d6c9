using Estream.Host.Remote;

namespace Estream.Host.Tests.Remote;

/// <summary>Goal: the scans of one identity delay those of another by one turn, however many there are.</summary>
public sealed class ScanTurnsTests
{
    private readonly ScanTurns _turns = new(slotCount: 1, perIdentity: 1);

    [Fact]
    public async Task Identities_take_turns()
    {
        ScanTurns.Turn running = await EnterAsync("viewer");
        List<string> order = [];
        Task[] waiting = [.. Enumerable.Range(0, 64).Select(_ => RunAsync("viewer", order)), RunAsync("other", order)];
        running.Dispose();
        await Task.WhenAll(waiting);
        Assert.InRange(order.IndexOf("other"), 0, 1);
        Assert.Equal(65, order.Count);
    }

    [Fact]
    public async Task An_identity_has_no_more_scans_than_its_share()
    {
        ScanTurns turns = new(slotCount: 2, perIdentity: 1);
        ScanTurns.Turn first = await turns.EnterAsync("viewer", CancellationToken.None);
        ValueTask<ScanTurns.Turn> second = turns.EnterAsync("viewer", CancellationToken.None);
        Assert.False(second.IsCompleted);
        (await turns.EnterAsync("other", CancellationToken.None)).Dispose();
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task A_cancelled_wait_takes_no_turn()
    {
        ScanTurns.Turn running = await EnterAsync("viewer");
        using CancellationTokenSource end = new();
        Task<ScanTurns.Turn> waiting = _turns.EnterAsync("viewer", end.Token).AsTask();
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        running.Dispose();
        (await EnterAsync("other")).Dispose();
        (await EnterAsync("viewer")).Dispose();
    }

    private ValueTask<ScanTurns.Turn> EnterAsync(string identity) => _turns.EnterAsync(identity, CancellationToken.None);

    private async Task RunAsync(string identity, List<string> order)
    {
        using ScanTurns.Turn turn = await EnterAsync(identity);
        order.Add(identity);
    }
}
