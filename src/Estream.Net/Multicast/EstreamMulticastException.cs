using Estream.Core;

namespace Estream.Net.Multicast;

/// <summary>A subscriber cannot continue its copy. Nothing was changed. Trying again does not help; the message says what does.</summary>
public sealed class EstreamMulticastException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="directory">The directory of the copy.</param>
    /// <param name="reason">Why the subscriber stopped.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamMulticastException(
        string message, string? directory, MulticastFailure reason, Exception? innerException = null)
        : base(message, directory, isTransient: false, innerException)
    {
        Reason = reason;
    }

    /// <summary>Why the subscriber stopped.</summary>
    public MulticastFailure Reason { get; }
}

/// <summary>Why a subscriber stopped.</summary>
public enum MulticastFailure
{
    /// <summary>The publisher sends a queue with another id than the one that was copied.</summary>
    DifferentSource,

    /// <summary>The source no longer has the messages that the copy has: it was truncated by recovery, or restored from an older
    /// backup.</summary>
    Diverged,

    /// <summary>Retention of the source has deleted messages that the copy needs.</summary>
    Deleted,

    /// <summary>The directory holds a queue that is not a copy, or whose mapping to the source is lost.</summary>
    NotACopy,

    /// <summary>A message exceeds a limit of the copy.</summary>
    MessageTooLarge,

    /// <summary>The copy cannot be written; see the inner exception.</summary>
    Storage,

    /// <summary>The source cannot read messages that the copy needs: a segment is damaged, or its storage failed.</summary>
    Unreadable,
}
