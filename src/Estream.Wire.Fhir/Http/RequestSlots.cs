namespace Estream.Wire.Fhir.Http;

/// <summary>Limits the requests of a kind that are in progress at once, and the share of one token. A request waits for a slot.
/// Thread-safe.</summary>
/// <param name="total">The number of slots.</param>
/// <param name="share">The number of slots that one token may have.</param>
/// <param name="patience">How long a request waits.</param>
internal sealed class RequestSlots(int total, int share, TimeSpan patience) : IDisposable
{
    private readonly SemaphoreSlim _free = new(total);
    private readonly Dictionary<string, SemaphoreSlim> _shares = new(StringComparer.Ordinal);

    /// <summary>Takes a slot for a request of a token.</summary>
    /// <returns>The slot, which the caller disposes; or the status to answer: 429 if the token has its share, 503 if no slot is
    /// free.</returns>
    public async Task<(IDisposable? Slot, int Status)> TakeAsync(string token, CancellationToken cancellation)
    {
        SemaphoreSlim own = ShareOf(token);
        if (!await own.WaitAsync(patience, cancellation).ConfigureAwait(false))
        {
            return (null, 429);
        }

        bool isTaken = false;
        try
        {
            isTaken = await _free.WaitAsync(patience, cancellation).ConfigureAwait(false);
        }
        finally
        {
            if (!isTaken)
            {
                own.Release();
            }
        }

        return isTaken ? (new Slot(_free, own), 200) : (null, 503);
    }

    public void Dispose()
    {
        _free.Dispose();
        lock (_shares)
        {
            foreach (SemaphoreSlim one in _shares.Values)
            {
                one.Dispose();
            }
        }
    }

    // The names come from the file of tokens, so there are few.
    private SemaphoreSlim ShareOf(string token)
    {
        lock (_shares)
        {
            if (!_shares.TryGetValue(token, out SemaphoreSlim? own))
            {
                _shares.Add(token, own = new SemaphoreSlim(token.Length == 0 ? total : share));
            }

            return own;
        }
    }

    private sealed class Slot(SemaphoreSlim free, SemaphoreSlim own) : IDisposable
    {
        private int _isReleased;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            {
                free.Release();
                own.Release();
            }
        }
    }
}
