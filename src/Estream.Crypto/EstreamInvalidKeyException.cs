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
