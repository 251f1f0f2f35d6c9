namespace Estream.Circuits.Operations;

/// <summary>The built-in operations on queues and maps, from which a circuit can be built (docs/guides/operations.md).</summary>
public enum OperationKind
{
    /// <summary><c>queue.append</c>: appends a message to a queue.</summary>
    QueueAppend,

    /// <summary><c>queue.compact</c>: applies the retention of a queue now.</summary>
    QueueCompact,

    /// <summary><c>queue.replicate</c>: advances a replica of a queue.</summary>
    QueueReplicate,

    /// <summary><c>map.put</c>: stores a value under a key.</summary>
    MapPut,

    /// <summary><c>map.cas</c>: stores a value under a key if its value or version is the expected one.</summary>
    MapCas,

    /// <summary><c>map.gc</c>: removes expired entries, and shrinks the files.</summary>
    MapGc,

    /// <summary><c>map.sync</c>: advances a replica of a map.</summary>
    MapSync,

    /// <summary><c>map.get</c>: returns the value of a key.</summary>
    MapGet,

    /// <summary><c>map.remove</c>: removes a key, unconditionally or if it has the expected version.</summary>
    MapRemove,

    /// <summary><c>queue.read</c>: reads a message of a queue by sequence number, position or time.</summary>
    QueueRead,

    /// <summary><c>map.batch</c>: changes several keys atomically.</summary>
    MapBatch,

    /// <summary><c>map.touch</c>: sets the time to live of an entry, counted from now.</summary>
    MapTouch,

    /// <summary><c>map.clear</c>: removes all entries, unconditionally or if there are as many as expected.</summary>
    MapClear,

    /// <summary><c>queue.append_batch</c>: appends several messages to a queue atomically.</summary>
    QueueAppendBatch,
}
