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
