namespace Estream.Client.Connection;

/// <summary>Pauses between attempts to reach a host: the first is 20 ms; each pause is twice the previous one, up to 1 s. Not thread-safe.
/// </summary>
internal sealed class Backoff
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private TimeSpan _next = s_first;

    /// <summary>Returns the next pause.</summary>
    public TimeSpan Next()
    {
        TimeSpan pause = _next;
        _next = 2 * pause < s_longest ? 2 * pause : s_longest;
        return pause;
    }
}
