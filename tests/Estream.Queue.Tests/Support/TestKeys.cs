using System.Security.Cryptography;
using System.Text;
using Estream.Core;

namespace Estream.Queue.Tests.Support;

/// <summary>Master keys of tests; the key of an id is the same in every process.</summary>
internal static class TestKeys
{
    /// <summary>Returns the key of an id.</summary>
    public static byte[] Of(string id) => SHA256.HashData(Encoding.UTF8.GetBytes(id));

    /// <summary>Returns a key ring whose first key is the current one.</summary>
    public static QueueKeyRing Ring(params string[] ids)
    {
        var ring = new QueueKeyRing(ids[0], Of(ids[0]));
        foreach (string id in ids[1..])
        {
            ring.Add(id, Of(id));
        }

        return ring;
    }

    /// <summary>Writes the same keys to a key file.</summary>
    public static string Write(string path, params string[] ids)
    {
        File.WriteAllText(path, string.Concat(ids.Select(id => $"{id} {Convert.ToHexStringLower(Of(id))}\n")));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
