using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>With what <see cref="WidgetPublishCircuit"/> decides.</summary>
public sealed record WidgetPublishOptions
{
    /// <summary>Finds manifests and bundles.</summary>
    public required WidgetContentSource Content { get; init; }

    /// <summary>How many approvers have to sign a release that becomes <c>verified</c>, 1 to 32; 2 by default.</summary>
    public int RequiredApprovals { get; init; } = 2;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Content);
        if (RequiredApprovals is < 1 or > WidgetPublishLimits.MaxApprovals)
        {
            throw new ArgumentException(
                $"RequiredApprovals is {RequiredApprovals}; it must be from 1 to {WidgetPublishLimits.MaxApprovals}.");
        }
    }
}

/// <summary>The limits of what is published: whatever comes from outside has one.</summary>
public static class WidgetPublishLimits
{
    /// <summary>Longest bundle: 5 MB.</summary>
    public const int MaxBundleBytes = 5_000_000;

    /// <summary>Longest manifest: 64 KiB.</summary>
    public const int MaxManifestBytes = 64 << 10;

    /// <summary>Longest request; a longer one is rejected into the dead letters.</summary>
    public const int MaxRequestBytes = 192 << 10;

    /// <summary>Most approvals of a request that are looked at.</summary>
    public const int MaxApprovals = 32;

    /// <summary>Most keys that are registered.</summary>
    public const int MaxPublishers = 16_384;

    /// <summary>Most widgets that are published.</summary>
    public const int MaxWidgets = 1 << 20;
}
