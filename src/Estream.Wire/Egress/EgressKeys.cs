using Estream.Core;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>Decrypts private fields of outgoing messages with the keys of an audience. Not thread-safe.</summary>
internal sealed class EgressKeys : IDisposable
{
    private const string Setting = "Keys";

    private readonly EsfKeyRing _ring;
    private readonly EsfUnsealer _unsealer;

    /// <param name="schema">The schema of the messages.</param>
    /// <param name="folder">The folder of the keys.</param>
    /// <exception cref="WireConfigurationException">A key cannot be read, or the folder has none.</exception>
    public EgressKeys(EsfSchema schema, string folder)
    {
        _ring = Load(schema, folder, Setting);
        _unsealer = new EsfUnsealer(schema, _ring);
    }

    /// <summary>Checks the setting <c>Keys</c> of an egress. Private fields are stored sealed, so messages with private fields need a
    /// key.</summary>
    /// <param name="settings">The settings of the egress.</param>
    /// <param name="schema">The schema of its messages.</param>
    /// <returns>The folder of the keys; null if the schema has no private fields.</returns>
    /// <exception cref="WireConfigurationException">The setting is missing or unnecessary, or a key cannot be read.</exception>
    public static string? Read(WireSettings settings, EsfSchema schema)
    {
        string? keys = settings.Text(Setting);
        bool hasPrivate = schema.Audiences.Audiences.Count > 0;
        if (hasPrivate && string.IsNullOrEmpty(keys))
        {
            throw new WireConfigurationException(
                settings.KeyOf(Setting),
                $"is required and not set: {schema.Name} has private fields, which are stored sealed. Name a folder with "
                + $"{FilesFor(schema)}.");
        }

        if (!hasPrivate && keys is not null)
        {
            throw new WireConfigurationException(settings.KeyOf(Setting),
                $"is set, and {schema.Name} has no private fields. Leave it out.");
        }

        if (keys is not null)
        {
            Load(schema, keys, settings.KeyOf(Setting)).Dispose();
        }

        return keys;
    }

    /// <summary>Decrypts the fields of a message for which there are keys.</summary>
    /// <param name="message">The message.</param>
    /// <param name="opened">The message in plaintext; valid until the next call.</param>
    public EsfStatus Open(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> opened) => _unsealer.Open(message, out opened, out _);

    public void Dispose()
    {
        _unsealer.Dispose();
        _ring.Dispose();
    }

    private static EsfKeyRing Load(EsfSchema schema, string folder, string key)
    {
        try
        {
            EsfKeyRing ring = EsfKeyRing.Load(folder);
            return ring.Count > 0
                ? ring
                : throw new WireConfigurationException(key, $"is '{folder}', which holds no private key. Put {FilesFor(schema)} there.");
        }
        catch (EstreamException failure) when (failure is not WireConfigurationException)
        {
            throw new WireConfigurationException(key, failure.Message, failure);
        }
    }

    private static string FilesFor(EsfSchema schema) =>
        string.Join(" or ", schema.Audiences.Audiences.Select(audience => audience + ".key.pem"));
}
