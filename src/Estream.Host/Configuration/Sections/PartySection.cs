using Estream.Core;
using Estream.Crypto;
using Estream.Streams;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The section <c>Queues:NAME:Party</c>: the identity of the host in the sessions of a transcript.</summary>
internal static class PartySection
{
    public const string Key = "Party";

    private const string PrivateKey = "PrivateKeyFile";
    private const string Parties = "Parties";

    public static ObjectSchema Schema { get; } = new(
        Setting.Required(PrivateKey, TextSchema.Path),
        new Setting(Parties, new ListSchema("party", new ObjectSchema(
            Setting.Required("Name", TextSchema.Any),
            Setting.Required("KeyFile", TextSchema.Path)), maxCount: MpcSum.MaxParties)));

    /// <summary>Reads the identities of the host, by queue. An identity with an unreadable key is an error and is left out.</summary>
    public static IReadOnlyDictionary<string, MpcIdentity> Read(IConfiguration configuration, SettingErrors errors)
    {
        Dictionary<string, MpcIdentity> identities = new(StringComparer.Ordinal);
        foreach (IConfigurationSection queue in configuration.GetSection($"{EstreamSettingsSchema.SectionName}:Queues").GetChildren())
        {
            if (Has(queue) && Read(queue.GetSection(Key), errors) is { } identity)
            {
                identities.Add(queue.Key, identity);
            }
        }

        return identities;
    }

    /// <summary>Returns true if a queue has the section, even if its keys cannot be read.</summary>
    public static bool Has(IConfigurationSection queue) => queue.GetSection(Key).GetChildren().Any();

    private static MpcIdentity? Read(IConfigurationSection section, SettingErrors errors)
    {
        if (section[PrivateKey] is not { Length: > 0 } file || file.Contains('\0'))
        {
            return null;
        }

        List<MpcParty> parties = [];
        foreach (IConfigurationSection party in section.GetSection(Parties).GetChildren())
        {
            if (party["Name"] is not { Length: > 0 } name || party["KeyFile"] is not { Length: > 0 } key || key.Contains('\0')
                || Try($"{party.Path}:KeyFile", key, MlKem1024KeyFile.ReadPublic, errors) is not { } publicKey)
            {
                return null;
            }

            parties.Add(new MpcParty(name, publicKey));
        }

        if (Try($"{section.Path}:{PrivateKey}", file, MlKem1024KeyFile.ReadPrivate, errors) is not { } privateKey)
        {
            return null;
        }

        try
        {
            return new MpcIdentity(parties, privateKey);
        }
        catch (ArgumentException other)
        {
            privateKey.Dispose();
            errors.Add($"{section.Path}:{Parties}", $"cannot be used: {other.Message}");
            return null;
        }
    }

    private static TKey? Try<TKey>(string setting, string path, Func<string, TKey> read, SettingErrors errors)
        where TKey : class
    {
        try
        {
            return read(Path.GetFullPath(path));
        }
        catch (EstreamException e)
        {
            errors.Add(setting, $"is {ScalarSchema.Quote(path)}, which is not a valid ML-KEM-1024 key: {e.Message}");
            return null;
        }
    }
}
