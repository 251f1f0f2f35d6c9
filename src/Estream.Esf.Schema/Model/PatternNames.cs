namespace Estream.Esf.Schema;

/// <summary>The names of the stream patterns in the schema language.</summary>
internal static class PatternNames
{
    public static readonly string[] All = ["event", "state", "signal", "curated", "log", "media", "transaction", "mpc_session"];

    public static bool TryGet(string name, out StreamPattern pattern)
    {
        int index = Array.IndexOf(All, name);
        pattern = index < 0 ? default : (StreamPattern)index;
        return index >= 0;
    }
}

/// <summary>The relation between the messages of a schema. It determines the guarantees of a stream of these messages: see
/// docs/guides/streams.md.</summary>
public enum StreamPattern
{
    /// <summary>Events: every reader needs every message, in order.</summary>
    Event = 0,

    /// <summary>State by key: the newest message of each key is needed, and older messages of the key may be removed.</summary>
    State = 1,

    /// <summary>Current values: a reader sees the newest value and may miss earlier values.</summary>
    Signal = 2,

    /// <summary>Messages that must be approved before other readers see them.</summary>
    Curated = 3,

    /// <summary>A permanent record: nothing is removed, and truncation or changes are detected.</summary>
    Log = 4,

    /// <summary>Large objects in chunks, visible completely or not at all.</summary>
    Media = 5,

    /// <summary>Messages for several queues that become visible together or not at all.</summary>
    Transaction = 6,

    /// <summary>Messages by which several parties compute a common result and keep their inputs secret.</summary>
    MpcSession = 7,
}
