using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Publishing;

/// <summary>Where the keys of a registry lie: a folder only its owner may look into, with a file of mode 600 for each role.</summary>
internal static class OperatorKeys
{
    public const string Root = "root";
    public const string Targets = "targets";
    public const string Snapshot = "snapshot";
    public const string Timestamp = "timestamp";
    public const string Log = "log";

    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static string PathOf(string folder, string role) => Path.Combine(folder, "keys", role + ".key");

    /// <summary>Makes a key for each role. None may be there yet.</summary>
    public static void Create(string folder)
    {
        string keys = Path.Combine(folder, "keys");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(keys);
        }
        else
        {
            Directory.CreateDirectory(keys, OwnerFolder);
        }

        foreach (string role in (string[])[Root, Targets, Snapshot, Timestamp, Log])
        {
            using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
            key.Save(PathOf(folder, role));
        }
    }

    /// <exception cref="EstreamStorageException">It is not there, or others than its owner may use it.</exception>
    public static DocumentSigner Load(string folder, string role) => DocumentSigner.Load(PathOf(folder, role));
}
