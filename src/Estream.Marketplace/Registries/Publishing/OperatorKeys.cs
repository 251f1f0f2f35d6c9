using Estream.Core;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>
/// The key files of a registry: one file of mode 600 per role, in a folder that only its owner can access. The next key of a role is in
/// <c>ROLE.next.key</c> until a root names it.
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

    /// <summary>Creates a key for each role. No key may exist yet.</summary>
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

    /// <exception cref="EstreamStorageException">The key file is missing, or other users can access it.</exception>
    public static DocumentSigner Load(string folder, string role) => DocumentSigner.Load(PathOf(folder, role));

    /// <summary>Loads the next key of a role; creates it unless an interrupted rotation already did.</summary>
    /// <exception cref="EstreamStorageException">The key file cannot be written, or other users can access it.</exception>
    public static DocumentSigner LoadNext(string folder, string role)
    {
        string path = NextPathOf(folder, role);
        if (!File.Exists(path))
        {
            Make(path);
        }

        return DocumentSigner.Load(path);
    }

    /// <summary>Replaces the current key files by the next keys that a root names. Idempotent; called again after a crash.</summary>
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

    /// <summary>Deletes the next key of a role, which is not needed.</summary>
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
