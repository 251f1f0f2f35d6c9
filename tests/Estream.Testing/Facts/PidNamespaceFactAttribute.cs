using Xunit;

namespace Estream.Testing;

/// <summary>A test that starts processes in a pid namespace of their own (<see cref="PidNamespace"/>); skipped where the user may
/// not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PidNamespaceFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    /// <summary>Looks once whether such a namespace can be made.</summary>
    public PidNamespaceFactAttribute()
    {
        Skip = s_skipReason.Value;
    }

    private static string? FindSkipReason()
    {
        try
        {
            PidNamespace.Probe();
            return null;
        }
        catch (Exception refusal)
        {
            return $"a pid namespace of its own needs root (CAP_SYS_ADMIN) and unshare of util-linux: {refusal.Message}";
        }
    }
}
