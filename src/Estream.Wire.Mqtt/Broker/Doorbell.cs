using System.Threading.Channels;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Wakes one who waits, once for any number of rings. Ringing is for any thread, never waits, and may come too late.</summary>
internal sealed class Doorbell
{
    private readonly Channel<bool> _rings = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Ring()
    {
        _rings.Writer.TryWrite(true);
    }

    /// <summary>Returns with the first ring since the last return.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        await _rings.Reader.ReadAsync(cancellation).ConfigureAwait(false);
    }
}
