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

/// <summary>What is the matter with a registry, as <see cref="EstreamRegistryException"/> tells it.</summary>
public enum RegistryFault
{
    /// <summary>The release is not there.</summary>
    NotFound,

    /// <summary>The version is there with another package.</summary>
    AlreadyPublished,

    /// <summary>Nothing can be published here.</summary>
    ReadOnly,

    /// <summary>What it serves has another form than it has to have, or other bytes than it says.</summary>
    Malformed,

    /// <summary>It does not answer, or answers with an error.</summary>
    Unavailable,

    /// <summary>It does not let this user do that.</summary>
    Forbidden,

    /// <summary>No registry, or more than one, is named for a scope.</summary>
    Configuration,

    /// <summary>What it says of itself is not believed: it has expired, is older than what was seen, or is not signed by those who have to
    /// sign it.</summary>
    Untrusted,
}
