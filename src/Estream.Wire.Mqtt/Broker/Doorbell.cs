using System.Threading.Channels;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Wakes one waiter, once for any number of rings. Ringing is thread-safe, never blocks, and has no effect if the waiter does
/// not wait again.</summary>
internal sealed class Doorbell
{
    private readonly Channel<bool> _rings = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Ring()
    {
        _rings.Writer.TryWrite(true);
    }

    /// <summary>Waits for the first ring since the last return.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        await _rings.Reader.ReadAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits for the first ring since the last return, for a limited time. Throws nothing.</summary>
    /// <returns>False if the time has passed, or the wait was cancelled.</returns>
    public async Task<bool> WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(longest);
        Task waiting = _rings.Reader.WaitToReadAsync(limit.Token).AsTask();
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _rings.Reader.TryRead(out _);
    }
}
