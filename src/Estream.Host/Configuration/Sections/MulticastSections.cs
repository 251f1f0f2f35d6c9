using System.Globalization;
using System.Net;
using Estream.Core;
using Estream.Host.Runtime;
using Estream.Net;
using Estream.Net.Multicast;
using Estream.Queue;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The section <c>Multicast</c>: its schema, its checks, and its plans.</summary>
internal static class MulticastSections
{
    public const string Key = "Multicast";

    private const int DefaultPort = 4711;
    private const int KeyBytes = 32;
    private const int MaxKeyFileBytes = 4096;
    private const int MostReceivers = 1024;

    private static readonly string[] s_publisherKeys = ["FlowControl", "MinReceivers", "MaxReceivers", "MaxBytesPerSecond",
        "RetransmitBytesPerSecond", "CongestionWindow", "FecData", "FecParity"];

    public static NamedObjectsSchema Schema { get; } = new("multicast", new ObjectSchema(
        new Setting("Publish", TextSchema.Any),
        new Setting("Subscribe", TextSchema.Any),
        new Setting("Group", AddressSchema.Instance),
        new Setting("Unicast", AddressSchema.Instance),
        new Setting("Port", new IntegerSchema(1, IPEndPoint.MaxPort)),
        new Setting("Interface", TextSchema.Any),
        new Setting("Transport", new ChoiceSchema("auto", "af_xdp", "udp")),
        new Setting("Loopback", BooleanSchema.Instance),
        new Setting("TimeToLive", new IntegerSchema(1, byte.MaxValue)),
        new Setting("Cpu", new IntegerSchema(0, CpuAffinity.MaxCpu)),
        new Setting("BusyPoll", BooleanSchema.Instance),
        new Setting("Stream", new IntegerSchema(0, uint.MaxValue)),
        new Setting("KeyFile", TextSchema.Path),
        new Setting("AllowPlaintext", BooleanSchema.Instance),
        new Setting("Tag", new IntegerSchema(0, long.MaxValue)),
        new Setting("From", new ChoiceSchema("start", "end")),
        new Setting("FlowControl", new ChoiceSchema("min", "max", "tagged")),
        new Setting("MinReceivers", new IntegerSchema(1, MostReceivers)),
        new Setting("MaxReceivers", new IntegerSchema(1, MostReceivers)),
        new Setting("MaxBytesPerSecond", new IntegerSchema(0, long.MaxValue, "bytes")),
        new Setting("RetransmitBytesPerSecond", new IntegerSchema(1, long.MaxValue, "bytes")),
        new Setting("CongestionWindow", BooleanSchema.Instance),
        new Setting("FecData", new IntegerSchema(1, 128)),
        new Setting("FecParity", new IntegerSchema(1, 32))), maxCount: 64);

    /// <summary>Adds an error for each contradiction in a section, and if its key file cannot be used.</summary>
    /// <param name="section">The section of one publisher or subscriber.</param>
    /// <param name="taken">The queues that the host or another section writes. Receives the copy of a subscriber.</param>
    /// <param name="checkQueue">Checks that a setting names a queue of the host.</param>
    /// <param name="errors">Receives errors.</param>
    public static void Check(
        IConfigurationSection section, HashSet<string> taken, Action<IConfigurationSection> checkQueue, SettingErrors errors)
    {
        bool isPublisher = Has(section, "Publish");
        RequireOne(section, "Publish", "Subscribe", errors);
        RequireOne(section, "Group", "Unicast", errors);
        checkQueue(section.GetSection("Publish"));
        if (section["Subscribe"] is { Length: > 0 } copy)
        {
            CheckCopy(section.GetSection("Subscribe"), copy, taken, errors);
            foreach (string key in s_publisherKeys.Where(key => Has(section, key)))
            {
                errors.Add(section.GetSection(key).Path, "is for a publisher, but this section subscribes. Remove it.");
            }
        }

        if (isPublisher && Has(section, "From"))
        {
            errors.Add(section.GetSection("From").Path, "is for a subscriber, but this section publishes. Remove it.");
        }

        if (Has(section, "FecData") != Has(section, "FecParity"))
        {
            errors.Add(section.Path, "has only one of FecData and FecParity. Set both or neither.");
        }

        CheckAddress(section.GetSection("Group"), isGroup: true, "224.0.0.0 to 239.255.255.255, or an address of ff00::/8", errors);
        CheckAddress(section.GetSection("Unicast"), isGroup: false, "the address of the publisher, for example 192.0.2.1", errors);
        CheckKey(section, errors);
    }

    /// <summary>Reads the plan of a section that passed <see cref="Check"/>.</summary>
    /// <exception cref="EstreamStorageException">The key file cannot be read.</exception>
    public static MulticastPlan Read(IConfigurationSection section, IConfigurationSection root)
    {
        _ = PacketTransportKinds.TryParse(section["Transport"], out PacketTransportKind kind);
        MulticastChannelOptions channel = new()
        {
            EndPoint = new IPEndPoint(
                AddressSchema.Parse((section["Group"] ?? section["Unicast"])!), (int)Number(section, "Port", DefaultPort)),
            Transport = kind,
            Interface = section["Interface"],
            MulticastLoopback = IsOn(section, "Loopback"),
            MulticastTimeToLive = (int)Number(section, "TimeToLive", 1),
            Cpu = Has(section, "Cpu") ? (int)Number(section, "Cpu", 0) : null,
            BusyPoll = IsOn(section, "BusyPoll"),
        };
        ReadOnlyMemory<byte> key = section["KeyFile"] is { Length: > 0 } file ? ParseKey(ReadKeyFile(file)) ?? default : default;
        uint stream = (uint)Number(section, "Stream", 1);
        return section["Publish"] is { Length: > 0 } queue
            ? new MulticastPlan(section.Key, queue, channel) { Publisher = ReadPublisher(section) with { StreamId = stream, Key = key } }
            : new MulticastPlan(section.Key, section["Subscribe"]!, channel)
            {
                Subscriber = new MulticastSubscriberOptions
                {
                    StreamId = stream,
                    Key = key,
                    Start = section["From"] == "end" ? MulticastStart.Newest : MulticastStart.Oldest,
                    FlowControlTag = Number(section, "Tag", 0),
                    Queue = IsOn(root, "Storage:GroupReaders")
                        ? new QueueOptions { Storage = FileStorage.GroupReadable }
                        : new QueueOptions(),
                },
            };
    }

    private static MulticastPublisherOptions ReadPublisher(IConfigurationSection section)
    {
        MulticastPublisherOptions standard = new();
        int most = (int)Number(section, "MaxReceivers", standard.MaxReceivers);
        return standard with
        {
            FlowControl = Enum.TryParse(section["FlowControl"], true, out MulticastFlowControl flow) ? flow : standard.FlowControl,
            FlowControlTag = Number(section, "Tag", 0),
            MinimumReceivers = Math.Min(most, (int)Number(section, "MinReceivers", standard.MinimumReceivers)),
            MaxReceivers = most,
            MaxBytesPerSecond = Number(section, "MaxBytesPerSecond", standard.MaxBytesPerSecond),
            RetransmitBytesPerSecond = Number(section, "RetransmitBytesPerSecond", standard.RetransmitBytesPerSecond),
            UseCongestionWindow = IsOn(section, "CongestionWindow"),
            FecData = (int)Number(section, "FecData", 0),
            FecParity = (int)Number(section, "FecParity", 0),
        };
    }

    private static void RequireOne(IConfigurationSection section, string one, string other, SettingErrors errors)
    {
        if (Has(section, one) == Has(section, other))
        {
            errors.Add(section.Path, $"needs either {one} or {other}{(Has(section, one) ? ", and has both" : "")}. Set one of them.");
        }
    }

    private static void CheckCopy(IConfigurationSection setting, string copy, HashSet<string> taken, SettingErrors errors)
    {
        if (!NamedObjectsSchema.IsName(copy))
        {
            errors.Add(setting.Path, $"is {ScalarSchema.Quote(copy)}. A queue name has {NamedObjectsSchema.NameRule}");
        }
        else if (!taken.Add(copy))
        {
            errors.Add(setting.Path, $"is {ScalarSchema.Quote(copy)}, a queue that something else writes. Only its subscriber may write "
                + "the copy of a published queue. Choose another name.");
        }
    }

    private static void CheckAddress(IConfigurationSection setting, bool isGroup, string expected, SettingErrors errors)
    {
        if (setting.Value is { Length: > 0 } text && IPAddress.TryParse(text, out IPAddress? address)
            && new PacketAddress(address, 0).IsMulticast != isGroup)
        {
            errors.Add(setting.Path, $"is {text}. Give {expected}.");
        }
    }

    // A packet without a key can be read and forged by everyone on the network.
    private static void CheckKey(IConfigurationSection section, SettingErrors errors)
    {
        if (section["KeyFile"] is { Length: > 0 } file)
        {
            string path = section.GetSection("KeyFile").Path;
            if (SecretFile.Read(file, path, MaxKeyFileBytes, "key file", errors) is { } text && ParseKey(text) is null)
            {
                errors.Add(path, $"has no key of {2 * KeyBytes} hexadecimal digits. Create one: (umask 077; openssl rand -hex {KeyBytes} > "
                    + $"'{file}')");
            }
        }
        else if (!IsOn(section, "AllowPlaintext") && !IsLocal(section))
        {
            errors.Add(section.Path, "sends packets to other machines without a key. Set KeyFile, or AllowPlaintext on a network where "
                + "every machine is trusted.");
        }
    }

    private static bool IsLocal(IConfigurationSection section) => section["Interface"] == "lo"
        || (IPAddress.TryParse(section["Unicast"], out IPAddress? address) && IPAddress.IsLoopback(address));

    private static string ReadKeyFile(string file) => Core.SecretFile.ReadText(Path.GetFullPath(file), "key file", MaxKeyFileBytes);

    private static byte[]? ParseKey(string text) =>
        text.Trim() is { Length: 2 * KeyBytes } digits && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;

    private static bool Has(IConfigurationSection section, string key) => !string.IsNullOrEmpty(section[key]);

    private static bool IsOn(IConfigurationSection section, string key) => bool.TryParse(section[key], out bool isOn) && isOn;

    private static long Number(IConfigurationSection section, string key, long standard) =>
        long.TryParse(section[key], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : standard;
}
