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

/// <summary>The relation between messages of a schema, and so the guarantees of a stream of them: see docs/guides/streams.md.</summary>
public enum StreamPattern
{
    /// <summary>Things that happened: every message matters, in order, to every reader.</summary>
    Event = 0,

    /// <summary>The state of things: the newest message of each key matters, and older ones may be removed.</summary>
    State = 1,

    /// <summary>The current state of things: a reader sees the newest value and may miss earlier ones.</summary>
    Signal = 2,

    /// <summary>Messages that must be approved before other readers see them.</summary>
    Curated = 3,

    /// <summary>A permanent record: nothing is removed, and truncation or changes are detected.</summary>
    Log = 4,

    /// <summary>Large objects in chunks, visible completely or not at all.</summary>
    Media = 5,

    /// <summary>Messages for several queues, of which all become visible or none.</summary>
    Transaction = 6,

    /// <summary>Messages by which several parties compute a common result and keep their inputs secret.</summary>
    MpcSession = 7,
}
