namespace Estream.Wire.Fhir.Store;

/// <summary>Counts and reports the messages of the log that are not commits of the server. Every reader of the log finds the same messages,
/// so each is counted once: by the reader that is ahead. Thread-safe.</summary>
/// <param name="queue">The name of the queue.</param>
/// <param name="events">Receives a report for each message.</param>
internal sealed class SkippedMessages(string queue, AdapterEventLog events)
{
    private readonly Lock _gate = new();
    private long _position = -1;
    private long _sequence;
    private long _count;

    /// <summary>The number of skipped messages.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>What an operator should know; null if no message was skipped.</summary>
    public string? Failure
    {
        get
        {
            lock (_gate)
            {
                return _count == 0 ? null
                    : $"{_count} messages of queue '{queue}' are not commits of this server and were skipped, the last with sequence "
                        + $"number {_sequence}. Find the program that appends to the queue: only this adapter may.";
            }
        }
    }

    /// <summary>Counts a message, unless a reader has counted it before.</summary>
    public void Add(long position, long sequence)
    {
        lock (_gate)
        {
            if (position <= _position)
            {
                return;
            }

            (_position, _sequence) = (position, sequence);
            _count++;
        }

        events.Report(AdapterEventKind.Degraded,
            $"The message with sequence number {sequence} of queue '{queue}' is not a commit of this server and was skipped.");
    }
}
