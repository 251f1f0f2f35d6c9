namespace Estream.Streams;

/// <summary>What became of the events of a key in a window.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TState">What the events were folded into.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Start">The window's beginning, in nanoseconds since 1970 UTC. Of a session the time of its first event.</param>
/// <param name="End">The first moment behind the window. Of a session the time of its last event and the gap.</param>
/// <param name="Revision">0 for the result when the watermark passed the end; above it for one that takes in an event that came later,
/// within the allowed lateness, and replaces the former ones. Of a session, a revision replaces all results of its key that lie in
/// it.</param>
/// <param name="State">What the events were folded into.</param>
public readonly record struct WindowResult<TKey, TState>(TKey Key, long Start, long End, long Revision, TState State)
    where TKey : unmanaged
    where TState : unmanaged;
