namespace Estream.Circuits.Observing;

/// <summary>The newest traces of a stream. Thread-safe.</summary>
internal sealed class RecentTraces(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<MessageTrace> _traces = new(capacity);

    public void Add(MessageTrace trace)
    {
        lock (_lock)
        {
            if (_traces.Count == capacity)
            {
                _ = _traces.Dequeue();
            }

            _traces.Enqueue(trace);
        }
    }

    /// <summary>Returns the kept traces, newest first.</summary>
    public MessageTrace[] NewestFirst()
    {
        lock (_lock)
        {
            return [.. _traces.Reverse()];
        }
    }
}
