namespace Estream.Marketplace.Trust.Log;

/// <summary>What a log did that it must not do, as <see cref="EstreamLogException"/> tells it.</summary>
public enum LogFault
{
    /// <summary>A file that a checkpoint needs is not there.</summary>
    Missing,

    /// <summary>A tile or a bundle has another form than its place says.</summary>
    Malformed,

    /// <summary>What was served does not lead to the root of the checkpoint.</summary>
    Contradiction,

    /// <summary>The checkpoint is none, or is not signed by those who have to sign it.</summary>
    Checkpoint,

    /// <summary>The log has fewer entries than it has had, or other ones: history was rewritten.</summary>
    Rewritten,
}
