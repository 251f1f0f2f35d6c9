using System.Diagnostics;
using Estream.Net.Multicast;
using Estream.Queue;

namespace Estream.Net.Tests.Multicast.Simulation;

/// <summary>A subscriber on a simulated network that can crash: it continues from the files as they were at that moment.</summary>
internal sealed class SimulatedSubscriber : IDisposable
{
    private readonly SimulatedNetwork _network;
    private readonly int _node;
    private readonly string _root;
    private readonly MulticastSubscriberOptions _options;
    private byte[]? _olderMap;
    private int _life;

    public SimulatedSubscriber(SimulatedNetwork network, int node, string root, MulticastSubscriberOptions options)
    {
        _network = network;
        _node = node;
        _root = root;
        _options = options with { Clock = network.Clock };
    }

    public MulticastSubscriber? Subscriber { get; private set; }

    public string Directory => Path.Combine(_root, $"copy-{_node}-{_life}");

    /// <summary>Messages compared with the source after restarts.</summary>
    public long Verified { get; private set; }

    private string Map => Path.Combine(Directory, "multicast.copy");

    public void Start()
    {
        IPacketSender sender = _network.Add(_node, (bytes, from) => Subscriber!.Receive(bytes, from));
        Subscriber = new MulticastSubscriber(Directory, sender, _options);
    }

    /// <summary>Keeps the map as it is now, for a crash that loses later changes of the map but not of the log.</summary>
    public void RememberMap() => _olderMap = File.Exists(Map) ? File.ReadAllBytes(Map) : null;

    /// <summary>Ends without closing: the files of the next life are those of this moment.</summary>
    public void Crash(bool losesMap)
    {
        string before = Directory;
        string? map = losesMap && _olderMap is not null ? Map : null;
        string after = Path.Combine(_root, $"copy-{_node}-{_life + 1}");
        if (System.IO.Directory.Exists(before))
        {
            CopyFiles(before, after);
        }

        Stop();
        _life++;
        if (map is not null)
        {
            File.WriteAllBytes(Map, _olderMap!);
        }
    }

    public void Stop()
    {
        _network.Remove(_node);
        Verified += Subscriber?.Statistics.MessagesVerified ?? 0;
        Subscriber?.Dispose();
        Subscriber = null;
    }

    public List<CopiedMessage> Read() => CopiedMessage.ReadAll(Directory);

    public void Dispose() => Stop();

    // By another program: .NET would lock each file, and the queue has locked some of them. A segment in preparation may be renamed
    // meanwhile, which cp reports and which does not matter.
    public static void CopyFiles(string from, string to)
    {
        using Process copy = Process.Start(new ProcessStartInfo("cp", ["-r", from, to]) { RedirectStandardError = true })!;
        _ = copy.StandardError.ReadToEnd();
        copy.WaitForExit();
    }
}

/// <summary>A message as a reader of a queue gets it.</summary>
internal sealed record CopiedMessage(long Position, long Sequence, long Time, string Bytes)
{
    public static List<CopiedMessage> ReadAll(string directory)
    {
        List<CopiedMessage> messages = [];
        if (!System.IO.Directory.Exists(directory))
        {
            return messages;
        }

        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            messages.Add(new CopiedMessage(message.Position, message.Sequence, message.Time, Convert.ToHexString(message.Payload)));
        }

        return messages;
    }
}
