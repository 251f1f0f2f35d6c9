namespace Estream.Streams;

/// <summary>Says of an event whether it is meant. Called for each event, on the thread of the pipeline; it must not keep the
/// event.</summary>
/// <typeparam name="T">The event: a generated view, or what an operator before made of one.</typeparam>
public delegate bool EventPredicate<T>(scoped in T item)
    where T : allows ref struct;

/// <summary>Makes something of an event. Called for each event, on the thread of the pipeline; what it returns must not refer to the
/// event's bytes beyond the call.</summary>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="TResult">What becomes of it.</typeparam>
public delegate TResult EventSelector<T, TResult>(scoped in T item)
    where T : allows ref struct
    where TResult : allows ref struct;

/// <summary>Adds an event to a state. Called once for each event, in their order, also across kills.</summary>
/// <typeparam name="TState">The state; the default before the first event of its key.</typeparam>
/// <typeparam name="T">The event.</typeparam>
public delegate void EventFolder<TState, T>(ref TState state, scoped in T item)
    where T : allows ref struct;

/// <summary>Writes the message an event becomes.</summary>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="TWriter">The generated writer of the message, in which nothing is set yet.</typeparam>
public delegate void EventWriter<T, TWriter>(scoped in T item, ref TWriter writer)
    where T : allows ref struct
    where TWriter : struct, allows ref struct;

/// <summary>Adds to an event what its schema does not have.</summary>
/// <typeparam name="TBase">The event: the view of a message.</typeparam>
/// <typeparam name="TAdditions">The generated writer of what the wider schema has more; the fields of the event's schema are set, and it
/// cannot set them.</typeparam>
public delegate void EventWidener<TBase, TAdditions>(scoped in TBase item, ref TAdditions additions)
    where TBase : allows ref struct
    where TAdditions : struct, allows ref struct;

/// <summary>Is told of an event, on the thread of the pipeline; it must not keep the event.</summary>
/// <typeparam name="T">The event.</typeparam>
public delegate void EventObserver<T>(scoped in T item)
    where T : allows ref struct;

/// <summary>Takes the state of a later session into that of an earlier one, when an event between them makes them one.</summary>
/// <typeparam name="TState">The state.</typeparam>
public delegate void StateMerger<TState>(ref TState earlier, in TState later);

/// <summary>Makes something of an event and what a map has for it.</summary>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="TValue">The map's values.</typeparam>
/// <typeparam name="TResult">What becomes of them.</typeparam>
public delegate TResult EventJoiner<T, TValue, TResult>(scoped in T item, in TValue value)
    where T : allows ref struct
    where TResult : allows ref struct;

/// <summary>Makes something of an event and what a map has for it, if it has something.</summary>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="TValue">The map's values.</typeparam>
/// <typeparam name="TResult">What becomes of them.</typeparam>
public delegate TResult EventLeftJoiner<T, TValue, TResult>(scoped in T item, bool isThere, in TValue value)
    where T : allows ref struct
    where TResult : allows ref struct;
