using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>A test that mounts a file system of its own; skipped, with the reason, where it may not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_reason = new(FindReason);

    public MountFactAttribute() => Skip = s_reason.Value;

    private static string? FindReason()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "needs root, to mount a small file system: a full disk cannot be made otherwise without filling a real one";
        }

        using TempDirectory probe = new();
        ProcessResult mounted = ChildProcess.Run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", probe.Path]);
        if (mounted.ExitCode != 0)
        {
            return $"mounting a tmpfs is not allowed here: {mounted.Error.Trim()}";
        }

        ChildProcess.Run("umount", [probe.Path]).EnsureSuccess();
        return null;
    }
}
