using Estream.Core;

namespace Estream.Witness;

/// <summary>Thrown when a log contradicts its attestations, or the attestations are invalid. The witness attests nothing more until an
/// operator has resolved the contradiction.</summary>
public sealed class EstreamWitnessException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The data that contradict each other, their place, and what to do.</param>
    /// <param name="path">The directory of the queue.</param>
    /// <param name="fault">The kind of contradiction.</param>
    /// <param name="innerException">The cause, if any.</param>
    public EstreamWitnessException(string message, string? path, WitnessFault fault, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
        Fault = fault;
    }

    /// <summary>The kind of contradiction.</summary>
    public WitnessFault Fault { get; }
}
