namespace Estream.Wire.Fhir.Search;

/// <summary>How many resources the searches of one request may examine. The entries of a bundle share the budget of their request. Not
/// thread-safe: a request is answered by one thread.</summary>
/// <param name="limit">The number of resources.</param>
/// <param name="cancellation">Stops searches when the client has left.</param>
internal sealed class ScanBudget(long limit, CancellationToken cancellation)
{
    /// <summary>The number of resources that a search examines before it lets writers in.</summary>
    public const int Chunk = 512;

    private long _remaining = limit;

    /// <summary>Counts resources before they are examined.</summary>
    /// <exception cref="TooCostlyException">The budget is spent.</exception>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public void Spend(int count)
    {
        cancellation.ThrowIfCancellationRequested();
        _remaining -= count;
        if (_remaining < 0)
        {
            throw new TooCostlyException();
        }
    }
}

/// <summary>The searches of a request have examined as many resources as they may.</summary>
internal sealed class TooCostlyException : Exception;
