namespace Estream.Esf.Schema;

/// <summary>The words of the schema language for stream patterns.</summary>
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

/// <summary>What the messages of a schema are to each other, and so what a stream of them promises: see docs/guides/streams.md.</summary>
public enum StreamPattern
{
    /// <summary>Things that happened: each one counts, in order, for every reader.</summary>
    Event = 0,

    /// <summary>How things are: the newest message of each key counts, and older ones may go.</summary>
    State = 1,

    /// <summary>How things are just now: a reader sees the newest value, and what it missed it missed.</summary>
    Signal = 2,

    /// <summary>Things somebody has to approve before anybody else sees them.</summary>
    Curated = 3,

    /// <summary>A record for good: nothing is given up, and what was cut or changed is found.</summary>
    Log = 4,

    /// <summary>Large objects in chunks, seen whole or not at all.</summary>
    Media = 5,

    /// <summary>Messages for several queues of which all are seen, or none.</summary>
    Transaction = 6,

    /// <summary>Messages by which several parties compute something together and keep their inputs to themselves.</summary>
    MpcSession = 7,
}
