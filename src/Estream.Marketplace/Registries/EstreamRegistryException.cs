using Estream.Core;
using Estream.Marketplace.Governance;

namespace Estream.Marketplace.Registries;

/// <summary>Thrown when a registry refuses a request, is out of reach, or has invalid content.</summary>
public sealed class EstreamRegistryException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fault">The kind of fault.</param>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="path">The registry, or the file in it.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamRegistryException(RegistryFault fault, string message, string? path, Exception? innerException = null)
        : base(message, path, isTransient: fault == RegistryFault.Unavailable, innerException)
    {
        Fault = fault;
    }

    /// <summary>The kind of fault.</summary>
    public RegistryFault Fault { get; }

    /// <summary>The decision that rejected a release; null if the fault has another cause.</summary>
    internal PublishDecision? Decision { get; init; }
}

/// <summary>The kinds of faults that <see cref="EstreamRegistryException"/> reports.</summary>
public enum RegistryFault
{
    /// <summary>The release does not exist.</summary>
    NotFound,

    /// <summary>The version is already published with a different package.</summary>
    AlreadyPublished,

    /// <summary>The registry is read-only.</summary>
    ReadOnly,

    /// <summary>Content of the registry is not well-formed, or has bytes other than those listed.</summary>
    Malformed,

    /// <summary>The registry does not answer, or answers with an error.</summary>
    Unavailable,

    /// <summary>The user lacks the permission for the request.</summary>
    Forbidden,

    /// <summary>The configuration is not valid, for example no registry or two registries for a scope.</summary>
    Configuration,

    /// <summary>The registry's metadata is not trusted: it has expired, is older than metadata seen before, or lacks a required
    /// signature.</summary>
    Untrusted,
}
