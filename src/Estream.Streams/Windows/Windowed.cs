namespace Estream.Streams;

/// <summary>
/// What a pipeline keeps in its map for a key and a time: an open window and its state, or an event that waits for others. Under keys from
/// 0 on; what is under negative ones is how far the pipeline is, and changes in the same step.
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TState">The state.</typeparam>
public record struct Windowed<TKey, TState>
    where TKey : unmanaged
    where TState : unmanaged
{
    internal long From;
    internal long To;

    // When something becomes of it next; and how many there were before it, from 1, which decides between those that are due at once.
    internal long Due;
    internal long Number;
    internal long Fired;
    internal TKey Of;
    internal TState Held;

    /// <summary>The key.</summary>
    public readonly TKey Key => Of;

    /// <summary>The window's beginning, or the event's time, in nanoseconds since 1970 UTC.</summary>
    public readonly long Start => From;

    /// <summary>The first moment behind the window.</summary>
    public readonly long End => To;

    /// <summary>How many results there were of it.</summary>
    public readonly long Revision => Fired;

    /// <summary>The state so far.</summary>
    public readonly TState State => Held;
}
