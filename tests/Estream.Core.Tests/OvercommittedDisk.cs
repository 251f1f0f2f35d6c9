using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>An ext4 file system in an image that promises more than the memory below it can hold, so that write-back really
/// fails.</summary>
internal sealed class OvercommittedDisk : IDisposable
{
    /// <summary>More bytes than the memory can hold, and fewer than the file system believes it has.</summary>
    public const int TooMuch = 24 << 20;

    private readonly TmpfsMount _below = new(8 << 20);
    private readonly string _mountPoint;

    public OvercommittedDisk(string folder)
    {
        string image = _below.Combine("image");
        _mountPoint = Path.Combine(folder, "mounted");
        Directory.CreateDirectory(_mountPoint);
        try
        {
            ChildProcess.Run("truncate", ["-s", "64M", image]).EnsureSuccess();
            ChildProcess.Run(Peer.Require("mkfs.ext4", "e2fsprogs"), ["-q", "-O", "^has_journal", image]).EnsureSuccess();
            ChildProcess.Run("mount", ["-o", "loop", image, _mountPoint]).EnsureSuccess();
        }
        catch
        {
            _below.Dispose();
            throw;
        }
    }

    public string Combine(string name) => Path.Combine(_mountPoint, name);

    public void Dispose()
    {
        ChildProcess.Run("umount", ["-l", _mountPoint]);
        _below.Dispose();
    }
}

/// <summary>A test that needs a loop device; skipped if the user may not mount one.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LoopDeviceFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    public LoopDeviceFactAttribute()
    {
        Skip = s_skipReason.Value;
    }

    private static string? FindSkipReason()
    {
        using var folder = new TempDirectory();
        try
        {
            using var probe = new OvercommittedDisk(folder.Path);
            return null;
        }
        catch (Exception refusal)
        {
            return $"mounting a disk image needs root and a loop device: {refusal.Message}";
        }
    }
}
