using Xunit;

namespace Estream.Testing;

/// <summary>A test with a network of its own (<see cref="NetworkNamespace"/>); skipped where the user may not make one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkNamespaceFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    /// <summary>Looks once whether such a network can be made.</summary>
    public NetworkNamespaceFactAttribute()
    {
        Skip = s_skipReason.Value;
    }

    private static string? FindSkipReason()
    {
        try
        {
            using NetworkNamespace probe = new();
            return null;
        }
        catch (Exception refusal)
        {
            return $"a network of its own needs root (CAP_NET_ADMIN, CAP_SYS_ADMIN) and ip of iproute2: {refusal.Message}";
        }
    }
}
