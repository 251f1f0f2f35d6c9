using System.Security.Cryptography;
using System.Text;
using Estream.Core;

namespace Estream.Map.Tests;

/// <summary>Master keys of tests. The key of an id is the same in every process.</summary>
internal static class TestRing
{
    /// <summary>A ring for tests that do not care about its keys. Never disposed.</summary>
    public static QueueKeyRing Shared { get; } = Of("first");

    /// <summary>Returns a ring whose first key is the current one.</summary>
    public static QueueKeyRing Of(params string[] ids)
    {
        var ring = new QueueKeyRing(ids[0], KeyOf(ids[0]));
        foreach (string id in ids[1..])
        {
            ring.Add(id, KeyOf(id));
        }

        return ring;
    }

    public static byte[] KeyOf(string id) => SHA256.HashData(Encoding.UTF8.GetBytes(id));
}
