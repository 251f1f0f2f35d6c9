using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>
/// Where the keys of a registry lie: a folder only its owner may look into, with a file of mode 600 for each role. A key that is to take
/// the place of another lies beside it as <c>ROLE.next.key</c> until a root names it.
/// </summary>
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
            Make(PathOf(folder, role));
        }
    }

    /// <exception cref="EstreamStorageException">It is not there, or others than its owner may use it.</exception>
    public static DocumentSigner Load(string folder, string role) => DocumentSigner.Load(PathOf(folder, role));

    /// <summary>The key that is to be the one of a role: made now, or by an attempt that was cut off.</summary>
    /// <exception cref="EstreamStorageException">It cannot be written, or others than its owner may use it.</exception>
    public static DocumentSigner LoadNext(string folder, string role)
    {
        string path = NextPathOf(folder, role);
        if (!File.Exists(path))
        {
            Make(path);
        }

        return DocumentSigner.Load(path);
    }

    /// <summary>Puts the keys that a root names in the place of those before them, which count no more. Idempotent: after a crash it is
    /// done again.</summary>
    public static void Settle(string folder, RootDocument root)
    {
        foreach ((string role, RoleKeys keys) in new[] { (Root, root.Root), (Targets, root.Targets), (Snapshot, root.Snapshot),
            (Timestamp, root.Timestamp) })
        {
            string next = NextPathOf(folder, role);
            if (File.Exists(next) && IsNamed(next, keys))
            {
                File.Move(next, PathOf(folder, role), overwrite: true);
                FileStorage.Instance.SyncDirectory(Path.GetDirectoryName(next)!);
            }
        }
    }

    /// <summary>Removes what was made to be the next key of a role, and is none.</summary>
    public static void Forget(string folder, string role) => File.Delete(NextPathOf(folder, role));

    private static string NextPathOf(string folder, string role) => PathOf(folder, role + ".next");

    private static bool IsNamed(string path, RoleKeys keys)
    {
        using DocumentSigner signer = DocumentSigner.Load(path);
        return keys.Keys.Any(key => key.Id == signer.Key.Id);
    }

    private static void Make(string path)
    {
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        key.Save(path);
    }
}
