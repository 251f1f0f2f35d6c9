namespace Estream.Streams.Operators.Keyed;

/// <summary>Where results of an operator with a state go: each once, in the order of their making, though after a kill the last ones are
/// made again.</summary>
internal abstract class Output : IDisposable
{
    /// <summary>How many there are for good, as far as the output itself knows.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>Whether it knows how many results it has, so that their number has to be kept.</summary>
    public virtual bool IsCounted => true;

    /// <summary>The results that are permanent, since it was opened; none where nobody counts them.</summary>
    public virtual ResultCount Results => default;

    /// <summary>Bytes of memory in which results are held back.</summary>
    public virtual long BufferBytes => 0;

    /// <summary>Whether it has the results that were made before the state was kept.</summary>
    public abstract bool Has(long made);

    /// <summary>Whether the next result is there already, since a process made it that was killed then.</summary>
    public virtual bool IsReplaying => false;

    /// <summary>Forgets what is held back. The next result is the one with this number: it may be there already.</summary>
    public abstract void GoTo(long made);

    /// <summary>Makes what was pushed permanent, for a kill of this process. Comes before the state is kept.</summary>
    public abstract void Flush();

    /// <summary>All results are made anew, from the first event on: forgets those there are, where they are not compared with what is made
    /// again.</summary>
    /// <returns>The number of the first one.</returns>
    public virtual long Renew() => 0;

    /// <summary>Takes all results back.</summary>
    /// <exception cref="NotSupportedException">That cannot be.</exception>
    public abstract void Retract();

    public virtual void Dispose()
    {
    }
}

/// <summary>Where results of a type go.</summary>
internal abstract class Output<TResult> : Output
    where TResult : allows ref struct
{
    /// <summary>Where it is told of results that cannot be made; null where they are counted only. Ends with this one.</summary>
    public Output<FailedResult>? LeftOut { get; init; }

    /// <summary>What is said of the last result that could not be made.</summary>
    public virtual FailedResult LastFailure => default;

    /// <summary>Takes a result.</summary>
    /// <returns>False when it cannot be made: it is left out, and counts for nothing here.</returns>
    public abstract bool Push(scoped in TResult result);

    /// <summary>Takes back a result that another one, still to be made, replaces under another name.</summary>
    public virtual void Replace(scoped in TResult former, scoped in TResult next)
    {
    }

    public override void Dispose()
    {
        LeftOut?.Dispose();
        base.Dispose();
    }
}
