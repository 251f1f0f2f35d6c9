namespace Estream.Replication.Internal;

/// <summary>Growing pauses between attempts to connect.</summary>
internal sealed class Backoff
{
    private const int FirstMs = 50;
    private const int LastMs = 1_000;

    private int _next = FirstMs;

    public void Reset() => _next = FirstMs;

    public Task PauseAsync(CancellationToken cancellation)
    {
        int pause = _next;
        _next = Math.Min(2 * _next, LastMs);
        return Task.Delay(pause, cancellation);
    }
}
