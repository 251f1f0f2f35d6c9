using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Host.Http;
using Estream.Host.Remote;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Estream.Host.Configuration;

/// <summary>The section <c>Client</c>: its schema, its checks, and its settings.</summary>
internal static class ClientSection
{
    public const string Key = "Client";

    private const string SocketFile = "client.sock";
    private const string GroupCommit = "GroupCommit";

    public static ObjectSchema Schema { get; } = new(
        new Setting("Socket", new TextSchema($"a path of up to {HttpSocket.MaxPathBytes} bytes, or none", HttpSocket.MaxPathBytes)),
        new Setting("Address", AddressSchema.Instance),
        new Setting("Port", IntegerSchema.Port),
        new Setting("Certificate", TextSchema.Path),
        new Setting("CertificateKey", TextSchema.Path),
        new Setting("MaxFrameBytes", new IntegerSchema(64 * 1024, 64 << 20, "bytes")),
        new Setting("MaxConnections", new IntegerSchema(1, 10_000)),
        new Setting("MaxConnectionsPerAddress", new IntegerSchema(1, 10_000)),
        new Setting("MaxCursorAge", AgeSchema.WithoutSchema),
        new Setting("Maps", new NamedObjectsSchema("map", new ObjectSchema(
            new Setting("MaxEntries", new IntegerSchema(1, 1_000_000_000)),
            new Setting(QueueDurability.Key, new ChoiceSchema("PageCache", GroupCommit)),
            new Setting("KeyFile", TextSchema.Path),
            new Setting("PrivateKeyFile", TextSchema.Path)))));

    /// <summary>Adds an error for each contradiction, and if the certificate cannot be used.</summary>
    /// <param name="root">The section <c>Estream</c>.</param>
    /// <param name="hasTokens">Whether clients have tokens.</param>
    /// <param name="errors">Receives errors.</param>
    public static void Check(IConfigurationSection root, bool hasTokens, SettingErrors errors)
    {
        IConfigurationSection section = root.GetSection(Key);
        CheckCertificate(section, errors);
        foreach (IConfigurationSection map in section.GetSection("Maps").GetChildren())
        {
            if (root.GetSection("Maps").GetChildren().Any(fold => fold.Key == map.Key))
            {
                errors.Add(map.Path, $"has the name of the map {root.Path}:Maps:{map.Key}. Choose another name.");
            }

            ReferenceCheck.CheckPrivateKey(map, errors);
            if (map["KeyFile"] is { Length: > 0 }
                && root.GetSection("Replication:PublishMaps").GetChildren().Any(published => published.Value == map.Key))
            {
                errors.Add($"{map.Path}:KeyFile", $"is set, and {root.Path}:Replication:PublishMaps has the map. The files of the "
                    + "replication and the replicas on other hosts would be plaintext. Remove one of the two settings.");
            }
        }

        if (section["Port"] is not { Length: > 0 })
        {
            if (section["Address"] is { Length: > 0 })
            {
                errors.Add($"{section.Path}:Address", $"is set without {section.Path}:Port. Set both.");
            }

            return;
        }

        if (!IPAddress.TryParse(section["Address"], out IPAddress? address) || IPAddress.IsLoopback(address))
        {
            return;
        }

        if (section["Certificate"] is not { Length: > 0 })
        {
            errors.Add($"{section.Path}:Address", $"is {address}, which other machines can reach, but there is no certificate. Set "
                + $"{section.Path}:Certificate.");
        }

        if (!hasTokens)
        {
            errors.Add($"{section.Path}:Address", $"is {address}, which other machines can reach, but there is no token. Create one with: "
                + "estream token new --role operator");
        }
    }

    /// <summary>Checks the certificate of a listener.</summary>
    public static void CheckCertificate(IConfigurationSection listener, SettingErrors errors)
    {
        if (listener["CertificateKey"] is { Length: > 0 } && listener["Certificate"] is not { Length: > 0 })
        {
            errors.Add($"{listener.Path}:CertificateKey", $"is set without {listener.Path}:Certificate. Set both or neither.");
        }

        if (listener["Certificate"] is not { Length: > 0 } certificate || certificate.Contains('\0'))
        {
            return;
        }

        try
        {
            _ = new ServerCertificate(Path.GetFullPath(certificate),
                listener["CertificateKey"] is { Length: > 0 } key ? Path.GetFullPath(key) : null, TimeProvider.System,
                NullLogger.Instance);
        }
        catch (Exception failure) when (failure is EstreamStorageException or CryptographicException or ArgumentException)
        {
            errors.Add($"{listener.Path}:Certificate",
                $"cannot be used: {failure.Message} Name a certificate in PEM, and its private key in {listener.Path}:CertificateKey.");
        }
    }

    /// <summary>Reads the settings of a section that passed <see cref="Check"/>.</summary>
    public static ClientSettings Read(IConfigurationSection root, string data)
    {
        IConfigurationSection section = root.GetSection(Key);
        int connections = (int)Number(section, "MaxConnections", ClientSettings.DefaultMaxConnections);
        return new ClientSettings
        {
            Socket = HttpSocket.PathOf(section["Socket"], data, SocketFile),
            EndPoint = section["Port"] is { Length: > 0 }
                ? new IPEndPoint(
                    AddressSchema.Parse(section["Address"] is { Length: > 0 } address ? address : "127.0.0.1"),
                    (int)Number(section, "Port", 0))
                : null,
            Certificate = PathOf(section, "Certificate"),
            CertificateKey = PathOf(section, "CertificateKey"),
            MaxFrameBytes = (int)Number(section, "MaxFrameBytes", ClientSettings.DefaultMaxFrameBytes),
            MaxConnections = connections,
            MaxConnectionsPerAddress = (int)Number(
                section, "MaxConnectionsPerAddress", Math.Max(1, connections / ClientSettings.DefaultAddressShare)),
            MaxCursorAge = section["MaxCursorAge"] is { Length: > 0 } age ? AgeSchema.Parse(age) : ClientSettings.DefaultMaxCursorAge,
            Maps = section.GetSection("Maps").GetChildren().ToDictionary(
                map => map.Key,
                map => new ClientMapSettings(Number(map, "MaxEntries", ClientSettings.DefaultMaxEntries), PathOf(map, "KeyFile"),
                    PathOf(map, "PrivateKeyFile"), map[QueueDurability.Key] == GroupCommit),
                StringComparer.Ordinal),
        };
    }

    private static string? PathOf(IConfigurationSection section, string key) =>
        section[key] is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    private static long Number(IConfigurationSection section, string key, long standard) =>
        long.TryParse(section[key], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : standard;
}
