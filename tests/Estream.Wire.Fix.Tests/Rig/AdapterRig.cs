using System.Collections.Concurrent;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>The queues of a host in a temporary folder, with keys, and the context for an adapter.</summary>
internal sealed class AdapterRig : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();

    /// <param name="name">The name of the adapter.</param>
    /// <param name="durability">When the queues acknowledge messages.</param>
    public AdapterRig(string name = "fix", Durability durability = default)
    {
        QueueOptions options = new() { IngressDurability = durability };
        Orders = EstreamQueue.Open(_folder.Combine("orders"), options);
        Cancels = EstreamQueue.Open(_folder.Combine("cancels"), options);
        DeadLetters = EstreamQueue.Open(_folder.Combine("dead-letters"), options);
        Sinks = new IngressSinks(DeadLetters, EsfSchemaSet.BuiltIn, EsfAudienceKeys.None.With("default", _key.PublicKey));
        Sinks.Add("orders", Orders);
        Sinks.Add("cancels", Cancels);
        Context = new AdapterContext(name, EsfSchemaSet.BuiltIn, Sinks, SystemClock.Instance, Events.Enqueue);
    }

    /// <summary>A folder with the private key of the audience for which the queues are sealed.</summary>
    public string KeyFolder
    {
        get
        {
            string folder = Directory.CreateDirectory(_folder.Combine("keys")).FullName;
            string file = Path.Combine(folder, "default.key.pem");
            if (!File.Exists(file))
            {
                MlKem1024KeyFile.WritePrivate(file, _key);
            }

            return folder;
        }
    }

    public EstreamQueue Orders { get; }

    public EstreamQueue Cancels { get; }

    public EstreamQueue DeadLetters { get; }

    public IngressSinks Sinks { get; }

    public AdapterContext Context { get; }

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    /// <summary>The settings of an acceptor for DESK, with the given changes.</summary>
    public static WireSettings Settings(params (string Key, string? Value)[] changes)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Type"] = "fix-acceptor",
            ["Port"] = "0",
            ["Sessions:0:SenderCompId"] = "VENUE",
            ["Sessions:0:TargetCompId"] = "DESK",
            ["Mappings:0:MsgType"] = "D",
            ["Mappings:0:Schema"] = "EStreamOrder",
            ["Mappings:0:Queue"] = "orders",
            ["Mappings:1:MsgType"] = "F",
            ["Mappings:1:Schema"] = "FixOrderCancel",
            ["Mappings:1:Queue"] = "cancels",
        };
        foreach ((string key, string? value) in changes)
        {
            settings[key] = value;
        }

        return new WireSettings("Estream:Adapters:venue", settings);
    }

    /// <summary>Seals a message as in the queues.</summary>
    public byte[] Seal(EsfSchema schema, byte[] message)
    {
        using EsfSealer sealer = new(schema, EsfAudienceKeys.None.With("default", _key.PublicKey));
        byte[] room = new byte[sealer.MaxSealedLength(message.Length)];
        Assert.True(sealer.Seal(message, room, out int written).IsOk);
        return room[..written];
    }

    /// <summary>The messages of a queue, unsealed.</summary>
    public List<byte[]> ReadAll(EstreamQueue queue, EsfSchema schema)
    {
        using EsfKeyRing ring = new(_key);
        using EsfUnsealer unsealer = new(schema, ring);
        using QueueTailer tailer = queue.CreateTailer();
        List<byte[]> messages = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(unsealer.Open(message.Payload, out ReadOnlySpan<byte> opened, out _).IsOk);
            messages.Add(opened.ToArray());
        }

        return messages;
    }

    /// <summary>The dead letters, as JSON.</summary>
    public List<string> Letters()
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet(DeadLetterSink.SchemaName, out EsfSchema? schema));
        using QueueTailer tailer = DeadLetters.CreateTailer();
        List<string> letters = [];
        while (tailer.TryRead(out QueueMessage letter))
        {
            letters.Add(EsfJson.ToText(schema, letter.Payload));
        }

        return letters;
    }

    public void Dispose()
    {
        Sinks.Dispose();
        Orders.Dispose();
        Cancels.Dispose();
        DeadLetters.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }
}
