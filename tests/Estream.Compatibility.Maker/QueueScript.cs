using System.Security.Cryptography;
using System.Text;
using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>What the queues of version 2 and those who read them have to agree on. Never change it: files of old versions hold what it
/// gave.</summary>
public static class QueueScript
{
    /// <summary>The reader that consumes one queue into the other.</summary>
    public const string Consumer = "pipe";

    /// <summary>The message that a consumer makes of message n has the content of this number and n.</summary>
    public const long OutputNumbers = 1_000_000;

    /// <summary>Where the queue is that is consumed.</summary>
    public static string SourceOf(string directory) => Path.Combine(directory, "source");

    /// <summary>Where what comes of it is.</summary>
    public static string OutputOf(string directory) => Path.Combine(directory, "output");

    /// <summary>Master keys: the first is the current one.</summary>
    public static QueueKeyRing Keys(params string[] ids)
    {
        var ring = new QueueKeyRing(ids[0], KeyOf(ids[0]));
        foreach (string id in ids[1..])
        {
            ring.Add(id, KeyOf(id));
        }

        return ring;
    }

    private static byte[] KeyOf(string id) => SHA256.HashData(Encoding.ASCII.GetBytes(id));
}
