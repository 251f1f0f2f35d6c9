using Estream.Core;

namespace Estream.Fpga;

/// <summary>Thrown when a card, or the library that drives it, is missing, has disappeared, or rejects a call. Operations that run on
/// <see cref="FpgaTarget"/> never throw it: they continue without the card.</summary>
public sealed class EstreamFpgaException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, to which card, and what to do.</param>
    /// <param name="uri">The address of the card.</param>
    /// <param name="reason">The kind of failure.</param>
    public EstreamFpgaException(string message, string? uri, FpgaFailure reason)
        : base(message, uri, reason is FpgaFailure.Gone or FpgaFailure.Timeout, null) => Reason = reason;

    /// <summary>The kind of failure.</summary>
    public FpgaFailure Reason { get; }
}

/// <summary>Why a card cannot be used.</summary>
public enum FpgaFailure
{
    /// <summary>The native library is missing or has an incompatible version.</summary>
    NoLibrary,

    /// <summary>This machine has no card at the address.</summary>
    Unavailable,

    /// <summary>The card no longer answers. Transient: it may come back.</summary>
    Gone,

    /// <summary>The card did not answer in time. Transient: a reset may help.</summary>
    Timeout,

    /// <summary>Memory could not be mapped for the card.</summary>
    Memory,

    /// <summary>Another failure, described in the message.</summary>
    Other,
}
