namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>An adapter that ingests until disposed, as in a host.</summary>
internal sealed class RunningAdapter : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _ingest;

    private RunningAdapter(FixAdapter adapter)
    {
        Adapter = adapter;
        _ingest = adapter.Ingest(_stopping.Token);
    }

    public FixAdapter Adapter { get; }

    public static async Task<RunningAdapter> StartAsync(IWireAdapter adapter)
    {
        await adapter.StartAsync(CancellationToken.None);
        return new RunningAdapter((FixAdapter)adapter);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _ingest;
        await Adapter.DisposeAsync();
        _stopping.Dispose();
    }
}
