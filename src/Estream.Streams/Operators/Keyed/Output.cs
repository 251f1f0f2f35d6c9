namespace Estream.Streams.Operators.Keyed;

/// <summary>Receives the results of a stateful operator, each once, in order of creation. After a crash, the latest results are computed
/// again.</summary>
internal abstract class Output : IDisposable
{
    /// <summary>True if the output contains no results, as far as it knows.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>True if the output knows the number of its results, so that the number must be committed with the state.</summary>
    public virtual bool IsCounted => true;

    /// <summary>The results committed since the output was opened; always zero if they are not counted.</summary>
    public virtual ResultCount Results => default;

    /// <summary>The size in bytes of the memory that buffers results.</summary>
    public virtual long BufferBytes => 0;

    /// <summary>Returns true if the output contains the results that were written before the state was committed.</summary>
    public abstract bool Has(long made);

    /// <summary>True if the next result already exists, because a crashed process wrote it.</summary>
    public virtual bool IsReplaying => false;

    /// <summary>Discards buffered results. The next result has the given number; it may already exist.</summary>
    public abstract void GoTo(long made);

    /// <summary>Makes pushed results survive a crash of this process. Called before the state is committed.</summary>
    public abstract void Flush();

    /// <summary>Prepares for recomputing all results from the first event: discards existing results, unless they are compared with the
    /// recomputed ones.</summary>
    /// <returns>The number of the first result.</returns>
    public virtual long Renew() => 0;

    /// <summary>Discards all results.</summary>
    /// <exception cref="NotSupportedException">The results cannot be discarded.</exception>
    public abstract void Retract();

    public virtual void Dispose()
    {
    }
}

/// <summary>Receives results of a type.</summary>
internal abstract class Output<TResult> : Output
    where TResult : allows ref struct
{
    /// <summary>Receives the results that cannot be created; null to only count them. Disposed with this output.</summary>
    public Output<FailedResult>? LeftOut { get; init; }

    /// <summary>Describes the last result that could not be created.</summary>
    public virtual FailedResult LastFailure => default;

    /// <summary>Writes a result.</summary>
    /// <returns>False if the result cannot be created: it is skipped and not counted.</returns>
    public abstract bool Push(scoped in TResult result);

    /// <summary>Removes a former result if the result that replaces it will be written under another key.</summary>
    public virtual void Replace(scoped in TResult former, scoped in TResult next)
    {
    }

    public override void Dispose()
    {
        LeftOut?.Dispose();
        base.Dispose();
    }
}
