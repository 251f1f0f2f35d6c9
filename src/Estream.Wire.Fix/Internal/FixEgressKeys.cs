using Estream.Core;
using Estream.Esf;

namespace Estream.Wire.Fix.Internal;

/// <summary>Opens what is private in messages on their way to a counterparty, with the keys of an audience. Not thread-safe.</summary>
internal sealed class FixEgressKeys : IDisposable
{
    private readonly EsfKeyRing _ring;
    private readonly EsfUnsealer _unsealer;

    /// <param name="schema">The schema of the messages.</param>
    /// <param name="folder">The folder of the keys.</param>
    /// <exception cref="WireConfigurationException">A key cannot be read, or there is none.</exception>
    public FixEgressKeys(EsfSchema schema, string folder)
    {
        _ring = Load(schema, folder);
        _unsealer = new EsfUnsealer(schema, _ring);
    }

    /// <summary>The keys of a folder, of which there is one at least.</summary>
    /// <param name="schema">The schema of the messages they are for.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="WireConfigurationException">A key cannot be read, or there is none.</exception>
    public static EsfKeyRing Load(EsfSchema schema, string folder)
    {
        try
        {
            EsfKeyRing ring = EsfKeyRing.Load(folder);
            return ring.Count > 0 ? ring : throw new WireConfigurationException("Keys", $"is '{folder}', which holds no private key. Put {FilesFor(schema)} there.");
        }
        catch (EstreamException failure) when (failure is not WireConfigurationException)
        {
            throw new WireConfigurationException("Keys", failure.Message, failure);
        }
    }

    /// <summary>The files of the audiences that can open messages of a schema, in words.</summary>
    public static string FilesFor(EsfSchema schema) => string.Join(" or ", schema.Audiences.Audiences.Select(audience => audience + ".key.pem"));

    /// <summary>Opens a message as far as there are keys for it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="opened">The message in clear; valid until the next one is opened.</param>
    public EsfStatus Open(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> opened) => _unsealer.Open(message, out opened, out _);

    public void Dispose()
    {
        _unsealer.Dispose();
        _ring.Dispose();
    }
}
