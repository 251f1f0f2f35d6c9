using Estream.Core;

namespace Estream.Marketplace.Registries;

/// <summary>A registry refuses, is out of reach, or holds what it must not.</summary>
public sealed class EstreamRegistryException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fault">What is the matter.</param>
    /// <param name="message">What, where, and what to do.</param>
    /// <param name="path">The registry or the file in it.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamRegistryException(RegistryFault fault, string message, string? path, Exception? innerException = null)
        : base(message, path, isTransient: fault == RegistryFault.Unavailable, innerException)
    {
        Fault = fault;
    }

    /// <summary>What is the matter.</summary>
    public RegistryFault Fault { get; }
}
