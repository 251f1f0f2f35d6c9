using Xunit;

namespace Estream.Testing;

/// <summary>A test that sets huge pages aside; skipped where the user may not, or where the kernel has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReservedHugePagesFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    /// <summary>Looks once whether pages can be had.</summary>
    public ReservedHugePagesFactAttribute()
    {
        Skip = s_skipReason.Value;
    }

    private static string? FindSkipReason()
    {
        try
        {
            using var probe = new ReservedHugePages(1);
            return null;
        }
        catch (Exception refusal)
        {
            return $"setting huge pages aside needs root and a kernel with hugetlbfs: {refusal.Message}";
        }
    }
}
