namespace Estream.Streams.Operators;

/// <summary>Limits the rate of a pipeline. Called on the thread of the pipeline, after each committed step.</summary>
internal interface IPipelineRateLimiter
{
    /// <summary>Waits until the pipeline may continue.</summary>
    /// <param name="used">The usage of the pipeline since it was opened.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    void Keep(in PipelineUsage used, CancellationToken cancellationToken);
}
