using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>One operator of a pipeline that is set up: it takes events and gives them, or what it makes of them, to the next one. One
/// thread.</summary>
internal abstract class Stage<T>
    where T : allows ref struct
{
    /// <summary>Takes an event.</summary>
    /// <param name="item">The event.</param>
    /// <param name="message">The message it was in.</param>
    public abstract void Push(scoped in T item, scoped in QueueMessage message);
}
