using Estream.Core;

namespace Estream.Marketplace.Trust.Log;

/// <summary>A transparency log gave what its checkpoint does not stand for, or no checkpoint that is signed as it has to be. Nothing of it
/// was used.</summary>
public sealed class EstreamLogException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fault">What it did.</param>
    /// <param name="message">What, where, and what to do.</param>
    /// <param name="path">The file of the log.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamLogException(LogFault fault, string message, string? path, Exception? innerException = null)
        : base(message, path, isTransient: fault == LogFault.Missing, innerException)
    {
        Fault = fault;
    }

    /// <summary>What the log did.</summary>
    public LogFault Fault { get; }
}

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
