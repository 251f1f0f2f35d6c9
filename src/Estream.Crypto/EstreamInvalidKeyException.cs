using Estream.Core;

namespace Estream.Crypto;

/// <summary>Thrown when bytes given as a key fail the checks of their standard. The message never contains any of these bytes.</summary>
public sealed class EstreamInvalidKeyException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which key fails which check, and what to do.</param>
    /// <param name="fault">The check that the key fails.</param>
    public EstreamInvalidKeyException(string message, KeyFault fault)
        : base(message, path: null, isTransient: false, innerException: null)
    {
        Fault = fault;
    }

    /// <summary>The check that the key fails.</summary>
    public KeyFault Fault { get; }
}

/// <summary>The check, defined by its standard, that a key fails.</summary>
public enum KeyFault
{
    /// <summary>The key has the wrong length.</summary>
    Length,

    /// <summary>A coefficient is not below the modulus, so the bytes are not the encoding of a key.</summary>
    Modulus,

    /// <summary>The hash in a private key does not match its public key: the key is damaged, or was assembled from two keys.</summary>
    Hash,

    /// <summary>A secret coefficient is larger than the standard allows.</summary>
    Range,

    /// <summary>The key is not in the expected form: a different ASN.1 structure, PEM or text format, or a different algorithm.</summary>
    Encoding,

    /// <summary>The public key does not encode a point of the curve, or the order of the point is too small.</summary>
    Point,
}
