namespace Estream.Streams.Operators;

/// <summary>Holds a pipeline back where it takes more than it may. Called on its thread, behind each step that was made
/// permanent.</summary>
internal interface IPipelineRateLimiter
{
    /// <summary>Returns when the pipeline may go on.</summary>
    /// <param name="used">What it has used since it was opened.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    void Keep(in PipelineUsage used, CancellationToken cancellationToken);
}
