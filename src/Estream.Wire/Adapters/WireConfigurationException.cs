using Estream.Core;

namespace Estream.Wire;

/// <summary>A setting of an adapter is missing, unknown or invalid.</summary>
public sealed class WireConfigurationException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The full key, with colons between the levels.</param>
    /// <param name="message">What is wrong and which values are valid; the key is prepended.</param>
    /// <param name="innerException">The cause.</param>
    public WireConfigurationException(string key, string message, Exception? innerException = null)
        : base($"{key}: {message}", path: null, isTransient: false, innerException)
    {
        Key = key;
    }

    /// <summary>The full key, with colons between the levels: `Estream:Adapters:devices:Port`.</summary>
    public string Key { get; }
}
