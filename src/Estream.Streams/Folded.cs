namespace Estream.Streams;

/// <summary>The state of a key in a map that a pipeline folds events into.</summary>
/// <typeparam name="TState">The state.</typeparam>
/// <param name="Position">The position of the last event that is in the state; with it a pipeline knows after a kill whether it has been
/// counted.</param>
/// <param name="State">The state.</param>
public readonly record struct Folded<TState>(long Position, TState State)
    where TState : unmanaged;
