using System.Net.Sockets;
using System.Runtime.Versioning;
using Estream.Core;

namespace Estream.Host.Http;

/// <summary>
/// Prepares the folders of the Unix sockets and removes the sockets of a crashed host. A folder has mode 700. A socket gives no rights to
/// other users from the moment it exists, so an existing folder need not be private. Runs after the start of the data plane,
/// which refuses a second host on the same data, and before the server listens.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class SocketFolder(params (string Path, string Setting)[] sockets) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach ((string path, string setting) in sockets)
        {
            Prepare(path, setting);
        }

        return Task.CompletedTask;
    }

    private static void Prepare(string path, string setting)
    {
        string folder = Path.GetDirectoryName(path)!;
        try
        {
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            switch (FileKinds.Of(path))
            {
                case FileKind.Missing:
                    break;
                case FileKind.Special:
                    RemoveLeft(path);
                    break;
                default:
                    throw new IOException("the path is a file that is not a socket.");
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException(
                $"The Unix socket '{path}' cannot be created: {refused.Message} Set {setting} to another path, or to none.", path,
                StorageFailure.Other, refused);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach ((string path, _) in sockets)
        {
            File.SetUnixFileMode(path, SecretFile.OwnerOnly);
        }

        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // A socket that accepts connections belongs to another running host with other data.
    private static void RemoveLeft(string path)
    {
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new IOException("another host listens on it.");
    }
}
