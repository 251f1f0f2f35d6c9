using Estream.Core;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Thrown when a transparency log serves data that does not match its checkpoint, or a checkpoint without the required signatures.
/// None of the data was used.</summary>
public sealed class EstreamLogException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fault">What the log did wrong.</param>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="path">The file of the log.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamLogException(LogFault fault, string message, string? path, Exception? innerException = null)
        : base(message, path, isTransient: fault == LogFault.Missing, innerException)
    {
        Fault = fault;
    }

    /// <summary>What the log did wrong.</summary>
    public LogFault Fault { get; }
}

/// <summary>Faults of a log that <see cref="EstreamLogException"/> reports.</summary>
public enum LogFault
{
    /// <summary>A file that the checkpoint requires is missing.</summary>
    Missing,

    /// <summary>A tile or a bundle does not have the form that its path requires.</summary>
    Malformed,

    /// <summary>The served data does not lead to the root of the checkpoint.</summary>
    Contradiction,

    /// <summary>The checkpoint is malformed or lacks the required signatures.</summary>
    Checkpoint,

    /// <summary>The log has fewer entries than before, or different ones: its history was rewritten.</summary>
    Rewritten,
}
