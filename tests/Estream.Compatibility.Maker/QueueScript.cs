using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>Names and numbers shared by the maker and the tests of version 2 queues. Never change it: files of old versions contain its
/// results.</summary>
public static class QueueScript
{
    /// <summary>The name of the tailer that consumes one queue into the other.</summary>
    public const string Consumer = "pipe";

    /// <summary>The output of message n has the content of this number plus n.</summary>
    public const long OutputNumbers = 1_000_000;

    /// <summary>The directory of the queue that is consumed.</summary>
    public static string SourceOf(string directory) => Path.Combine(directory, "source");

    /// <summary>The directory of the output queue.</summary>
    public static string OutputOf(string directory) => Path.Combine(directory, "output");

    /// <summary>Creates a key ring of master keys; the first is the current one.</summary>
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
