using Xunit;

namespace Estream.Testing;

/// <summary>A test that reserves huge pages; skipped if the user may not, or if the kernel has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReservedHugePagesFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

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
            return $"reserving huge pages needs root and a kernel with hugetlbfs: {refusal.Message}";
        }
    }
}
