namespace Estream.Circuits.Operations;

/// <summary>An operation that a target runs, over its queues and maps. One thread at a time.</summary>
public interface IExecutableOperation : IDisposable
{
    /// <summary>Does what requests ask for, one behind the other.</summary>
    /// <param name="requests">The requests: any bytes at all.</param>
    /// <param name="results">Gets a result for each, in their order; what is in it before stays before them.</param>
    /// <remarks>
    /// Expected outcomes are in the results. After an exception there is a result for each request that was done, and the next one and
    /// those behind it were not done, unless the exception says otherwise.
    /// </remarks>
    /// <exception cref="Core.EstreamException">Storage refused, or is damaged.</exception>
    /// <exception cref="InvalidOperationException">The results do not fit in the batch.</exception>
    void Run(MessageBatch requests, MessageBatch results);
}
