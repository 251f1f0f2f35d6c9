namespace Estream.Streams;

/// <summary>
/// An entry in the map of a pipeline, for a key and a time: an open window and its state, or an event that waits for a join. Entries have
/// map keys from 0 on; negative map keys store the pipeline's progress, which changes in the same step.
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TState">The state.</typeparam>
public record struct Windowed<TKey, TState>
    where TKey : unmanaged
    where TState : unmanaged
{
    internal long From;
    internal long To;

    // When the entry is next due; and its number in the order of creation, from 1, which breaks ties between entries due at the same time.
    internal long Due;
    internal long Number;
    internal long Fired;
    internal TKey Of;
    internal TState Held;

    /// <summary>The key.</summary>
    public readonly TKey Key => Of;

    /// <summary>The start of the window, or the time of the event, in nanoseconds since 1970 UTC.</summary>
    public readonly long Start => From;

    /// <summary>The end of the window (exclusive).</summary>
    public readonly long End => To;

    /// <summary>The number of results of the window so far.</summary>
    public readonly long Revision => Fired;

    /// <summary>The state so far.</summary>
    public readonly TState State => Held;
}
