namespace Estream.Circuits.Operations;

/// <summary>The built-in operations on queues and maps, each of which a circuit can be (docs/guides/operations.md).</summary>
public enum OperationKind
{
    /// <summary><c>queue.append</c>: appends a message to a queue.</summary>
    QueueAppend,

    /// <summary><c>queue.compact</c>: gives up now what the retention of a queue allows.</summary>
    QueueCompact,

    /// <summary><c>queue.replicate</c>: brings a replica of a queue further.</summary>
    QueueReplicate,

    /// <summary><c>map.put</c>: stores a value under a key.</summary>
    MapPut,

    /// <summary><c>map.cas</c>: stores a value under a key whose value or version is the expected one.</summary>
    MapCas,

    /// <summary><c>map.gc</c>: takes away what has ended, and makes the files smaller.</summary>
    MapGc,

    /// <summary><c>map.sync</c>: brings a replica of a map further.</summary>
    MapSync,

    /// <summary><c>map.get</c>: looks up what is under a key.</summary>
    MapGet,

    /// <summary><c>map.remove</c>: takes a key away, whatever is there or if it has the expected version.</summary>
    MapRemove,

    /// <summary><c>queue.read</c>: reads a message of a queue, by its number, its position or its time.</summary>
    QueueRead,

    /// <summary><c>map.batch</c>: changes several keys in one step, wholly or not at all.</summary>
    MapBatch,

    /// <summary><c>map.touch</c>: sets how long an entry is there from now on.</summary>
    MapTouch,

    /// <summary><c>map.clear</c>: takes everything away, or only if there are as many entries as expected.</summary>
    MapClear,

    /// <summary><c>queue.append_batch</c>: appends several messages to a queue, wholly or not at all.</summary>
    QueueAppendBatch,
}
