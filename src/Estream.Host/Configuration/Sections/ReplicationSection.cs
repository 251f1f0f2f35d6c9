using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;
using Estream.Host.Runtime;
using Estream.Replication;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The section <c>Replication</c>: its schema, its checks, and its plan.</summary>
internal static class ReplicationSection
{
    public const string Key = "Replication";

    private const string FixedRole = "fixed";
    private const string AutoRole = "auto";
    private const string DefaultLease = "hosts";
    private const int DefaultPort = 5672;
    private const int DefaultTlsPort = 5671;
    private const int MaxSecretBytes = 4096;
    private const int MaxMaps = 64;

    private static readonly TextSchema s_broker = new("HOST or HOST:PORT", 255, text => ParseBroker(text, DefaultPort) is not null);

    public static ObjectSchema Schema { get; } = new(
        Setting.Required("Cluster", new TextSchema("1 to 64 ASCII letters, digits, '-', '_' or '.'", 64, NamedObjectsSchema.IsName)),
        Setting.Required("Brokers", new ListSchema("broker", s_broker, maxCount: 64)),
        new Setting("User", TextSchema.Any),
        new Setting("PasswordFile", TextSchema.Path),
        new Setting("VirtualHost", TextSchema.Any),
        new Setting("Tls", BooleanSchema.Instance),
        new Setting("AuthorityFile", TextSchema.Path),
        new Setting("Certificate", TextSchema.Path),
        new Setting("CertificateKey", TextSchema.Path),
        new Setting("AllowPlaintext", BooleanSchema.Instance),
        new Setting("Factor", new IntegerSchema(1, 9)),
        new Setting("KeyFile", TextSchema.Path),
        new Setting("Role", new ChoiceSchema(FixedRole, AutoRole)),
        new Setting("Lease", new TextSchema("1 to 64 ASCII letters, digits, '-', '_' or '.'", 64, NamedObjectsSchema.IsName)),
        new Setting("Publish", new ListSchema("queue", TextSchema.Any)),
        new Setting("Follow", new ListSchema("queue", TextSchema.Any)),
        new Setting(PartitionedSections.Setting, new NamedObjectsSchema("queue", PartitionedSections.Schema)),
        new Setting("PublishMaps", new ListSchema("map", TextSchema.Any, MaxMaps)),
        new Setting("FollowMaps", new ListSchema("map", TextSchema.Any, MaxMaps)),
        new Setting("MaxSpoolBytes", new IntegerSchema(0, long.MaxValue, "bytes")),
        new Setting("DivergedDays", new IntegerSchema(0, 36_500, "days")),
        new Setting("Region", LexAddressSchema.Instance),
        new Setting("Owner", new TextSchema("1 to 255 characters", 255)));

    /// <summary>Adds an error for each contradiction in the section, and for each file that cannot be used.</summary>
    /// <param name="section">The section.</param>
    /// <param name="taken">The queues that the host or another section writes. Receives the copies.</param>
    /// <param name="checkQueue">Checks that a setting names a queue of the host.</param>
    /// <param name="errors">Receives errors.</param>
    public static void Check(
        IConfigurationSection section, HashSet<string> taken, Action<IConfigurationSection> checkQueue, SettingErrors errors)
    {
        if (!section.GetChildren().Any())
        {
            return;
        }

        foreach (IConfigurationSection queue in section.GetSection("Publish").GetChildren())
        {
            checkQueue(queue);
        }

        foreach (IConfigurationSection copy in section.GetSection("Follow").GetChildren().Where(copy => copy.Value is { Length: > 0 }))
        {
            CheckCopy(copy, taken, errors);
        }

        foreach (string key in (string[])["PasswordFile", "KeyFile"])
        {
            if (section[key] is { Length: > 0 } file)
            {
                _ = SecretFile.Read(file, section.GetSection(key).Path, MaxSecretBytes, "secret file", errors);
            }
        }

        if (Has(section, "Certificate") != Has(section, "CertificateKey"))
        {
            errors.Add(section.Path, "has only one of Certificate and CertificateKey. Set both or neither.");
        }

        CheckRole(section, errors);
        TryRead(section, errors);
    }

    /// <summary>Reads the plan of a section that passed <see cref="Check"/>; null if the section is absent.</summary>
    /// <exception cref="EstreamException">A file cannot be read.</exception>
    public static ReplicationPlan? Read(IConfigurationSection section)
    {
        if (!section.GetChildren().Any())
        {
            return null;
        }

        bool isTls = IsOn(section, "Tls");
        ReplicationCluster cluster = new()
        {
            Name = section["Cluster"]!,
            Brokers = [.. section.GetSection("Brokers").GetChildren()
                .Select(broker => ParseBroker(broker.Value!, isTls ? DefaultTlsPort : DefaultPort)!)],
            User = section["User"] is { Length: > 0 } user ? user : "guest",
            Password = section["PasswordFile"] is { Length: > 0 } file ? ReadSecret(file, "password file") : "guest",
            VirtualHost = section["VirtualHost"] is { Length: > 0 } host ? host : "/",
            UseTls = isTls,
            AllowPlaintext = IsOn(section, "AllowPlaintext"),
            Authorities = section["AuthorityFile"] is { Length: > 0 } authority ? ReadAuthorities(authority) : [],
            ClientCertificate = section["Certificate"] is { Length: > 0 } certificate
                ? X509Certificate2.CreateFromPemFile(certificate, section["CertificateKey"])
                : null,
            Factor = int.TryParse(section["Factor"], NumberStyles.None, CultureInfo.InvariantCulture, out int factor) ? factor : 3,
            Region = section["Region"] is { Length: > 0 } region ? region : null,
        };
        if (section["KeyFile"] is { Length: > 0 } keyFile)
        {
            ReadOnlyMemory<byte>[] keys = ReadKeys(keyFile);
            cluster = cluster with { Key = keys[^1], EarlierKeys = [.. keys[..^1].Reverse()] };
        }

        cluster.Validate();
        string lease = section["Lease"] is { Length: > 0 } name ? name : DefaultLease;
        return new ReplicationPlan(cluster, NamesIn(section, "Publish"), NamesIn(section, "Follow"))
        {
            PublishMaps = NamesIn(section, "PublishMaps"),
            FollowMaps = NamesIn(section, "FollowMaps"),
            Owner = section["Owner"] is { Length: > 0 } owner ? owner : Environment.MachineName,
            MaxSpoolBytes = long.TryParse(section["MaxSpoolBytes"], NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
                ? bytes
                : 0,
            Lease = IsAuto(section) ? lease : null,
            DivergedDays = int.TryParse(section["DivergedDays"], NumberStyles.None, CultureInfo.InvariantCulture, out int days)
                ? days
                : ReplicationPlan.DefaultDivergedDays,
        };
    }

    /// <summary>Whether the host has the role auto.</summary>
    public static bool IsAuto(IConfigurationSection section) => section["Role"] == AutoRole;

    /// <summary>The queues that another host may take over: those of <c>Publish</c>, with the role auto.</summary>
    public static IReadOnlyList<string> TakenOver(IConfigurationSection section) => IsAuto(section) ? NamesIn(section, "Publish") : [];

    /// <summary>Why a pipeline or circuit cannot write a queue of <see cref="TakenOver"/>, as the rest of a sentence.</summary>
    public static string WhyNotWritten(string queue) =>
        $"writes to {ScalarSchema.Quote(queue)}, a queue of {EstreamSettingsSchema.SectionName}:{Key}:Publish on a host with the role "
        + $"{AutoRole}. After a takeover, it would read its source from the beginning, and append all results again. Remove the queue from "
        + "Publish, or write the queue with a consumer group that has an output: the group continues after its last result.";

    /// <summary>The names of the queues to publish, for the check of their durability.</summary>
    public static IReadOnlyList<string> NamesIn(IConfigurationSection section, string list) =>
        [.. section.GetSection(list).GetChildren().Select(name => name.Value).OfType<string>()];

    /// <summary>Checks that published maps are maps that clients write, and that followed maps are not maps of this host.</summary>
    public static void CheckMaps(IConfigurationSection root, SettingErrors errors)
    {
        IConfigurationSection section = root.GetSection(Key);
        string[] written = [.. root.GetSection("Client:Maps").GetChildren().Select(map => map.Key)];
        HashSet<string> taken = [.. written, .. root.GetSection("Maps").GetChildren().Select(map => map.Key)];
        foreach (IConfigurationSection map in section.GetSection("PublishMaps").GetChildren()
            .Where(map => map.Value is { Length: > 0 } name && !written.Contains(name, StringComparer.Ordinal)))
        {
            errors.Add(map.Path, $"is {ScalarSchema.Quote(map.Value!)}, which {root.Path}:Client:Maps does not have."
                + $"{Suggestion.For(map.Value!, written)} Maps: {string.Join(", ", written.DefaultIfEmpty("none"))}.");
        }

        foreach (IConfigurationSection map in section.GetSection("FollowMaps").GetChildren()
            .Where(map => map.Value is { Length: > 0 }))
        {
            if (!NamedObjectsSchema.IsName(map.Value!))
            {
                errors.Add(map.Path, $"is {ScalarSchema.Quote(map.Value!)}. A map name has {NamedObjectsSchema.NameRule}");
            }
            else if (!taken.Add(map.Value!))
            {
                errors.Add(map.Path, $"is {ScalarSchema.Quote(map.Value!)}, a map that something else writes. Only replication may write a "
                    + "replica. Remove the map from Maps and Client:Maps, or do not follow it.");
            }
        }
    }

    /// <summary>Checks that no published queue is encrypted.</summary>
    public static void CheckKeys(IConfigurationSection root, SettingErrors errors)
    {
        foreach (IConfigurationSection queue in root.GetSection($"{Key}:Publish").GetChildren()
            .Where(queue => Has(root.GetSection($"Queues:{queue.Value}"), "KeyFile")))
        {
            errors.Add(queue.Path, $"is {ScalarSchema.Quote(queue.Value!)}, an encrypted queue ({root.Path}:Queues:{queue.Value}:KeyFile). "
                + "Its wrapped keys are not replicated, so no other host could read the copy. Publish a queue without KeyFile, set "
                + $"{root.Path}:{Key}:KeyFile so that the brokers cannot read the messages, and encrypt the disks of the hosts. Or keep an "
                + $"encrypted copy in a folder of another machine ({root.Path}:Replicas).");
        }
    }

    private static void CheckRole(IConfigurationSection section, SettingErrors errors)
    {
        if (!IsAuto(section))
        {
            foreach (string key in ((string[])["Lease", "DivergedDays"]).Where(key => Has(section, key)))
            {
                errors.Add(section.GetSection(key).Path, $"is set, but Role is {FixedRole}. Set Role to {AutoRole}, or remove {key}.");
            }

            return;
        }

        if (NamesIn(section, "Publish").Count + NamesIn(section, "PublishMaps").Count == 0)
        {
            errors.Add(section.Path, $"has the role {AutoRole} and publishes no queue and no map. Name them in Publish and PublishMaps.");
        }

        foreach (string list in ((string[])["Follow", "FollowMaps"]).Where(list => NamesIn(section, list).Count > 0))
        {
            errors.Add(section.GetSection(list).Path,
                $"is set, but a host with the role {AutoRole} automatically follows what the active host publishes. Remove {list}.");
        }
    }

    private static void TryRead(IConfigurationSection section, SettingErrors errors)
    {
        if (!Has(section, "Cluster") || !section.GetSection("Brokers").GetChildren().Any()
            || section.GetSection("Brokers").GetChildren().Any(broker => ParseBroker(broker.Value ?? "", DefaultPort) is null))
        {
            return;
        }

        try
        {
            _ = Read(section);
        }
        catch (Exception failure) when (failure is ArgumentException or EstreamException or CryptographicException or IOException
            or UnauthorizedAccessException)
        {
            errors.Add(section.Path, $"cannot be used: {failure.Message}");
        }
    }

    private static void CheckCopy(IConfigurationSection setting, HashSet<string> taken, SettingErrors errors)
    {
        string copy = setting.Value!;
        if (!NamedObjectsSchema.IsName(copy))
        {
            errors.Add(setting.Path, $"is {ScalarSchema.Quote(copy)}. A queue name has {NamedObjectsSchema.NameRule}");
        }
        else if (!taken.Add(copy))
        {
            errors.Add(setting.Path, $"is {ScalarSchema.Quote(copy)}, a queue that something else writes. Only replication may write a "
                + "copy. Remove the queue from Queues, or do not follow it.");
        }
    }

    private static X509Certificate2[] ReadAuthorities(string file)
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? [.. authorities] : throw new ArgumentException($"'{file}' has no certificate in PEM.");
    }

    // One key a line, the newest last.
    private static ReadOnlyMemory<byte>[] ReadKeys(string file)
    {
        string[] lines = ReadSecret(file, "key file").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        bool areKeys = lines.Length > 0
            && lines.All(line => line.Length == 2 * ReplicationCluster.KeyBytes && line.All(char.IsAsciiHexDigit));
        return areKeys
            ? [.. lines.Select(line => (ReadOnlyMemory<byte>)Convert.FromHexString(line))]
            : throw new ArgumentException($"'{file}' must have lines of {2 * ReplicationCluster.KeyBytes} hexadecimal digits, one key a "
                + $"line. Create one: (umask 077; openssl rand -hex {ReplicationCluster.KeyBytes} > '{file}')");
    }

    private static string ReadSecret(string file, string what) =>
        Core.SecretFile.ReadText(Path.GetFullPath(file), what, MaxSecretBytes).Trim();

    private static DnsEndPoint? ParseBroker(string text, int defaultPort)
    {
        int colon = text.LastIndexOf(':');
        bool hasPort = colon > 0 && text.IndexOf(':', StringComparison.Ordinal) == colon;
        string host = hasPort ? text[..colon] : text.Trim('[', ']');
        int port = defaultPort;
        bool isValid = host.Length > 0 && Uri.CheckHostName(host) != UriHostNameType.Unknown
            && (!hasPort || (int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
                && port is > 0 and <= IPEndPoint.MaxPort));
        return isValid ? new DnsEndPoint(host, port) : null;
    }

    private static bool Has(IConfigurationSection section, string key) => !string.IsNullOrEmpty(section[key]);

    private static bool IsOn(IConfigurationSection section, string key) => bool.TryParse(section[key], out bool isOn) && isOn;
}
