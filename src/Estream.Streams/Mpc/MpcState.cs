namespace Estream.Streams;

/// <summary>How far a session is.</summary>
public enum MpcState
{
    /// <summary>Somebody has still something to post.</summary>
    Running = 0,

    /// <summary>All is posted and fits; there is a total.</summary>
    Done = 1,

    /// <summary>It has ended without a total: see <see cref="MpcAbort"/>.</summary>
    Aborted = 2,
}
