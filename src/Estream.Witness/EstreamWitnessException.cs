using Estream.Core;

namespace Estream.Witness;

/// <summary>A log is not what was attested of it, or its attestations are not what they should be. Nothing more is attested before somebody
/// has looked.</summary>
public sealed class EstreamWitnessException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What contradicts what, where, and what to do.</param>
    /// <param name="path">The directory of the queue concerned.</param>
    /// <param name="fault">What is wrong.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamWitnessException(string message, string? path, WitnessFault fault, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
        Fault = fault;
    }

    /// <summary>What is wrong.</summary>
    public WitnessFault Fault { get; }
}
