namespace Estream.Streams;

/// <summary>Returns true for events that match. Called for each event, on the thread of the pipeline. The delegate must not keep the
/// event.</summary>
/// <typeparam name="T">The event: a generated view, or the result of an earlier operator.</typeparam>
public delegate bool EventPredicate<T>(scoped in T item)
    where T : allows ref struct;

/// <summary>Transforms an event. Called for each event, on the thread of the pipeline; the result must not refer to the event's bytes
/// beyond the call.</summary>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public delegate TResult EventSelector<T, TResult>(scoped in T item)
    where T : allows ref struct
    where TResult : allows ref struct;

/// <summary>Adds an event to a state. Each event is added exactly once, in order, even across crashes.</summary>
/// <typeparam name="TState">The state; the default value before the first event of its key.</typeparam>
/// <typeparam name="T">The event.</typeparam>
public delegate void EventFolder<TState, T>(ref TState state, scoped in T item)
    where T : allows ref struct;

/// <summary>Writes the output message of an event.</summary>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="TWriter">The generated writer of the message; no field is set yet.</typeparam>
public delegate void EventWriter<T, TWriter>(scoped in T item, ref TWriter writer)
    where T : allows ref struct
    where TWriter : struct, allows ref struct;

/// <summary>Sets the fields that a wider schema adds to an event's schema.</summary>
/// <typeparam name="TBase">The event: the view of a message.</typeparam>
/// <typeparam name="TAdditions">The generated writer of the added fields. The fields of the event's schema are already set, and this writer
/// cannot set them.</typeparam>
public delegate void EventWidener<TBase, TAdditions>(scoped in TBase item, ref TAdditions additions)
    where TBase : allows ref struct
    where TAdditions : struct, allows ref struct;

/// <summary>Observes an event, on the thread of the pipeline. The delegate must not keep the event.</summary>
/// <typeparam name="T">The event.</typeparam>
public delegate void EventObserver<T>(scoped in T item)
    where T : allows ref struct;

/// <summary>Merges the state of a later session into that of an earlier one, when an event between them joins the two sessions.</summary>
/// <typeparam name="TState">The state.</typeparam>
public delegate void StateMerger<TState>(ref TState earlier, in TState later);

/// <summary>Combines an event with the value that a map has for it.</summary>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="TValue">The map's values.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public delegate TResult EventJoiner<T, TValue, TResult>(scoped in T item, in TValue value)
    where T : allows ref struct
    where TResult : allows ref struct;

/// <summary>Combines an event with the value that a map has for it, if any.</summary>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="TValue">The map's values.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public delegate TResult EventLeftJoiner<T, TValue, TResult>(scoped in T item, bool isThere, in TValue value)
    where T : allows ref struct
    where TResult : allows ref struct;
