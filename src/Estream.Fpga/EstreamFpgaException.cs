using Estream.Core;

namespace Estream.Fpga;

/// <summary>A card, or the library that drives it, is not there, is gone, or refused. Whoever runs operations on <see cref="FpgaTarget"/>
/// never sees it: they go on without the card.</summary>
public sealed class EstreamFpgaException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, to which card, and what to do.</param>
    /// <param name="uri">The address of the card.</param>
    /// <param name="reason">What kind of refusal it was.</param>
    public EstreamFpgaException(string message, string? uri, FpgaFailure reason)
        : base(message, uri, reason is FpgaFailure.Gone or FpgaFailure.Timeout, null) => Reason = reason;

    /// <summary>What kind of refusal it was.</summary>
    public FpgaFailure Reason { get; }
}

/// <summary>Why a card cannot be used.</summary>
public enum FpgaFailure
{
    /// <summary>The native library is not there, or has another version.</summary>
    NoLibrary,

    /// <summary>There is no such card here.</summary>
    Unavailable,

    /// <summary>The card does not answer any more. Transient: it may be plugged in again.</summary>
    Gone,

    /// <summary>The card did not answer in time. Transient: a reset may help.</summary>
    Timeout,

    /// <summary>Memory could not be given to the card.</summary>
    Memory,

    /// <summary>Something else that the message says.</summary>
    Other,
}
