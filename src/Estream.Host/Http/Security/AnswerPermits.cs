using Estream.Host.Remote;

namespace Estream.Host.Http;

/// <summary>
/// Limits the answers of a class that are built and sent at the same time. One identity has a part of the permits and half of the places
/// to wait, so one identity cannot stop the requests of others. Thread-safe.
/// </summary>
/// <param name="atOnce">The number of permits.</param>
/// <param name="perIdentity">The maximum number of permits of one identity.</param>
/// <param name="waiting">The maximum number of waiting requests. Waiting requests use neither a thread nor a response buffer.</param>
internal sealed class AnswerPermits(int atOnce, int perIdentity, int waiting)
{
    private readonly ScanTurns _turns = new(atOnce, perIdentity);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _present = new(StringComparer.Ordinal);
    private int _total;

    /// <summary>The number of requests of one identity that may wait.</summary>
    public int WaitingOfIdentity => waiting / 2;

    /// <summary>Runs a request with a permit; waits for the permit if necessary.</summary>
    /// <param name="identity">The name of the caller.</param>
    /// <param name="run">Builds and sends the answer.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>False if too many requests are waiting.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async Task<bool> TryRunAsync(string identity, Func<Task> run, CancellationToken cancellation)
    {
        if (!TryJoin(identity))
        {
            return false;
        }

        try
        {
            using ScanTurns.Turn turn = await _turns.EnterAsync(identity, cancellation).ConfigureAwait(false);
            await run().ConfigureAwait(false);
            return true;
        }
        finally
        {
            Leave(identity);
        }
    }

    private bool TryJoin(string identity)
    {
        lock (_lock)
        {
            int own = _present.GetValueOrDefault(identity);
            if (_total >= atOnce + waiting || own >= perIdentity + WaitingOfIdentity)
            {
                return false;
            }

            (_present[identity], _total) = (own + 1, _total + 1);
            return true;
        }
    }

    private void Leave(string identity)
    {
        lock (_lock)
        {
            _total--;
            if (--_present[identity] == 0)
            {
                _present.Remove(identity);
            }
        }
    }
}
