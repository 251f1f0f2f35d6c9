using Estream.Core;

namespace Estream.Crypto;

/// <summary>Bytes that were given as a key do not pass the checks of its standard. The message never holds any of them.</summary>
public sealed class EstreamInvalidKeyException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which key fails which check, and what to do.</param>
    /// <param name="fault">The check.</param>
    public EstreamInvalidKeyException(string message, KeyFault fault)
        : base(message, path: null, isTransient: false, innerException: null)
    {
        Fault = fault;
    }

    /// <summary>Which check it does not pass.</summary>
    public KeyFault Fault { get; }
}

/// <summary>Which of its standard's checks a key does not pass.</summary>
public enum KeyFault
{
    /// <summary>It has another number of bytes.</summary>
    Length,

    /// <summary>A coefficient is not below the modulus, so that these bytes are no key's encoding.</summary>
    Modulus,

    /// <summary>The hash in a private key is not that of the public key in it: it was damaged, or put together from two keys.</summary>
    Hash,

    /// <summary>A secret coefficient is larger than its standard allows.</summary>
    Range,

    /// <summary>It is not in the form it was given as: no such ASN.1 structure, PEM or text, or one of another algorithm.</summary>
    Encoding,
}
