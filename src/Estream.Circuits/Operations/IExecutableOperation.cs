namespace Estream.Circuits.Operations;

/// <summary>An operation opened on a target over its queues and maps. One thread at a time.</summary>
public interface IExecutableOperation : IDisposable
{
    /// <summary>Executes requests in order.</summary>
    /// <param name="requests">The requests; any bytes.</param>
    /// <param name="results">Receives a result for each request, in order, after the messages it already contains.</param>
    /// <remarks>
    /// Expected outcomes are in the results. After an exception there is a result for each request that was executed; later requests were
    /// not executed, unless the exception says otherwise.
    /// </remarks>
    /// <exception cref="Core.EstreamException">The storage failed or is damaged.</exception>
    /// <exception cref="InvalidOperationException">The results do not fit in the batch.</exception>
    void Run(MessageBatch requests, MessageBatch results);
}
