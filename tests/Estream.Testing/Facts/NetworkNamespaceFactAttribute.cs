using Xunit;

namespace Estream.Testing;

/// <summary>A test with its own network (<see cref="NetworkNamespace"/>); skipped if the user may not create one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkNamespaceFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

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
            return $"a separate network needs root (CAP_NET_ADMIN, CAP_SYS_ADMIN) and ip of iproute2: {refusal.Message}";
        }
    }
}
