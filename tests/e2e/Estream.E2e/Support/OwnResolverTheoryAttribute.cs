using Estream.Testing;

namespace Estream.E2e;

/// <summary>A test with a browser that asks <see cref="LeakListeners"/> for names; skipped if the user may not mount.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OwnResolverTheoryAttribute : TheoryAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    public OwnResolverTheoryAttribute()
    {
        Skip = SkipReason;
    }

    internal static string? SkipReason => s_skipReason.Value;

    private static string? FindSkipReason()
    {
        if (ConsoleFactAttribute.MissingPeer is { } missing)
        {
            return missing;
        }

        ProcessResult probe = ChildProcess.Run("unshare", ["-m", "mount", "--make-rprivate", "/"]);
        return probe.ExitCode == 0 ? null : $"a resolver for one program needs root (CAP_SYS_ADMIN): {probe.Error}";
    }
}
