using Xunit;

namespace Estream.Testing;

/// <summary>A test that mounts its own file system (<see cref="TmpfsMount"/>); skipped if the user may not mount.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    public MountFactAttribute()
    {
        Skip = SkipReason;
    }

    internal static string? SkipReason => s_skipReason.Value;

    private static string? FindSkipReason()
    {
        try
        {
            using var probe = new TmpfsMount(1 << 20);
            return null;
        }
        catch (Exception refusal)
        {
            return $"mounting a tmpfs needs root (CAP_SYS_ADMIN): {refusal.Message}";
        }
    }
}

/// <summary>The theory form of <see cref="MountFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountTheoryAttribute : TheoryAttribute
{
    public MountTheoryAttribute()
    {
        Skip = MountFactAttribute.SkipReason;
    }
}
